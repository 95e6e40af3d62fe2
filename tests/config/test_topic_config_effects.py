"""For each setting of a topic, the test that sees its effect: the list is complete, and the tests exist."""

import pytest

from kbroker.config.definitions.topic import TOPIC_CONFIGS
from kbroker.config.effective import EFFECTIVE_TOPIC_CONFIGS, WITHOUT_EFFECT

from .named_tests import source_of

ADMISSION = "state/test_record_validation.py"
CLEANABLE = "storage/log/test_cleanable.py"
RETENTION = "storage/log/test_retention.py"
SEGMENT = "storage/log/test_segment.py"

SEEN_BY = {
    "cleanup.policy": ("storage/log/test_cleaner.py", "test_cleanup_policy"),
    "compression.gzip.level": (ADMISSION, "test_a_compression_level_has_its_effect"),
    "compression.lz4.level": (ADMISSION, "test_a_compression_level_has_its_effect"),
    "compression.type": (ADMISSION, "test_compression_type_recompresses_what_was_sent_otherwise"),
    "compression.zstd.level": (ADMISSION, "test_a_compression_level_has_its_effect"),
    "delete.retention.ms": (
        "storage/log/test_log_cleaning.py",
        "test_tombstones_go_when_their_delete_horizon_has_come",
    ),
    "file.delete.delay.ms": (RETENTION, "test_files_of_deleted_segments_go_after_their_delay"),
    "flush.messages": ("storage/log/test_partition_log.py", "test_flush_messages_syncs_before_the_answer"),
    "flush.ms": ("storage/log/test_log_store.py", "test_flush_ms_is_due_when_it_has_passed"),
    "index.interval.bytes": (SEGMENT, "test_index_has_an_entry_for_each_interval"),
    "max.compaction.lag.ms": (CLEANABLE, "test_max_compaction_lag_ms"),
    "max.message.bytes": (ADMISSION, "test_max_message_bytes_and_segment_bytes"),
    "message.timestamp.after.max.ms": (ADMISSION, "test_timestamps_out_of_bounds_are_named"),
    "message.timestamp.before.max.ms": (ADMISSION, "test_timestamps_out_of_bounds_are_named"),
    "message.timestamp.type": (ADMISSION, "test_log_append_time_is_stamped_without_decoding"),
    "min.cleanable.dirty.ratio": (CLEANABLE, "test_min_cleanable_dirty_ratio"),
    "min.compaction.lag.ms": (CLEANABLE, "test_min_compaction_lag_ms"),
    "preallocate": ("storage/log/test_recovery.py", "test_preallocated_file_is_trimmed"),
    "retention.bytes": (RETENTION, "test_retention_by_size_leaves_at_least_that_much"),
    "retention.ms": (RETENTION, "test_retention_by_time_counts_from_a_segments_largest_timestamp"),
    "segment.bytes": (SEGMENT, "test_segment_rolls_before_it_would_exceed_its_size"),
    "segment.index.bytes": (SEGMENT, "test_segment_rolls_when_its_index_is_full"),
    "segment.jitter.ms": (SEGMENT, "test_jitter_makes_segments_roll_earlier"),
    "segment.ms": (SEGMENT, "test_segment_rolls_by_the_time_between_timestamps"),
}


def test_every_topic_setting_is_seen_by_a_test_or_has_a_reason_not_to_be() -> None:
    assert SEEN_BY.keys() == EFFECTIVE_TOPIC_CONFIGS
    assert SEEN_BY.keys() | WITHOUT_EFFECT.keys() == TOPIC_CONFIGS.keys()


@pytest.mark.parametrize("name", SEEN_BY)
def test_the_test_exists_and_sets_it(name: str) -> None:
    text = source_of(*SEEN_BY[name])
    field = name.replace(".", "_")
    spelled = {field, field.replace("gzip", "{codec}").replace("lz4", "{codec}").replace("zstd", "{codec}")}
    assert any(each in text for each in spelled)
