"""kbroker/state/groups/records.py, beside the bytes that Apache Kafka 4.3.1 wrote."""

import pytest

from kbroker.protocol.consumer_offsets import GroupMetadataKey, OffsetCommitKey, OffsetCommitValue
from kbroker.protocol.schema import reader
from kbroker.state.groups.records import group_key, offset_key, offset_value
from kbroker.state.offsets import CommittedOffset

TOPIC_ID = bytes(range(16))
NOW = 1_700_000_000_000


def test_keys_tell_what_they_are() -> None:
    assert offset_key("g", "t", 1) == b"\0\1\0\1g\0\1t\0\0\0\1"
    assert reader(OffsetCommitKey, 1)(offset_key("g", "ö", 1), 2) == OffsetCommitKey("g", "ö", 1)
    assert group_key("g") == b"\0\2\0\1g"
    assert reader(GroupMetadataKey, 2)(group_key("g"), 2) == GroupMetadataKey("g")


def test_an_offset_has_version_4_with_its_topics_id() -> None:
    value = offset_value(CommittedOffset(5, -1, "", NOW, -1, TOPIC_ID))
    assert len(value) == 42, "as many bytes as Apache Kafka's"
    assert value[:2] == b"\0\4"
    assert reader(OffsetCommitValue, 4)(value, 2) == OffsetCommitValue(5, -1, "", NOW, -1, TOPIC_ID)


def test_within_a_transaction_the_topics_id_is_left_out() -> None:
    value = offset_value(CommittedOffset(5, 3, "tm", NOW, -1, TOPIC_ID), transactional=True)
    assert len(value) == 26
    assert reader(OffsetCommitValue, 4)(value, 2) == OffsetCommitValue(5, 3, "tm", NOW)


def test_one_that_expires_by_itself_has_the_old_version_that_can_say_so() -> None:
    value = offset_value(CommittedOffset(5, 3, "m", NOW, NOW + 1, TOPIC_ID))
    assert value[:2] == b"\0\1"
    assert reader(OffsetCommitValue, 1)(value, 2) == OffsetCommitValue(5, -1, "m", NOW, NOW + 1)


def test_a_name_that_no_key_has_room_for_is_refused() -> None:
    with pytest.raises(ValueError, match="string"):
        offset_key("g" * 40_000, "t", 0)
