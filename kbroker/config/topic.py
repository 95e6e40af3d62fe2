"""The configuration of one topic, parsed: what the log, the cleaner and the handlers read."""

from attrs import define

LONG_MAX = 2**63 - 1


@define
class TopicConfig:
    """Effective values of a topic's configs. Field names are Kafka's with `_` for `.`; defaults are Apache Kafka's.

    The object is shared by everything that serves the topic and is updated in place (`update_from`) when a
    config changes, so readers must not cache its fields.
    """

    cleanup_policy: frozenset[str] = frozenset({"delete"})
    compression_type: str = "producer"
    compression_gzip_level: int = -1
    compression_lz4_level: int = 9
    compression_zstd_level: int = 3
    delete_retention_ms: int = 86_400_000
    file_delete_delay_ms: int = 60_000
    flush_messages: int = LONG_MAX
    flush_ms: int = LONG_MAX
    index_interval_bytes: int = 4096
    max_compaction_lag_ms: int = LONG_MAX
    max_message_bytes: int = 1_048_588
    message_timestamp_after_max_ms: int = 3_600_000
    message_timestamp_before_max_ms: int = LONG_MAX
    message_timestamp_type: str = "CreateTime"
    min_cleanable_dirty_ratio: float = 0.5
    min_compaction_lag_ms: int = 0
    min_insync_replicas: int = 1
    preallocate: bool = False
    retention_bytes: int = -1
    retention_ms: int = 604_800_000
    segment_bytes: int = 1_073_741_824
    segment_index_bytes: int = 10_485_760
    segment_jitter_ms: int = 0
    segment_ms: int = 604_800_000
    unclean_leader_election_enable: bool = False

    def update_from(self, other: "TopicConfig") -> None:
        """Take over every value of `other`, in place."""
        for name in TopicConfig.__slots__:
            if name != "__weakref__":
                setattr(self, name, getattr(other, name))
