"""kbroker/protocol/consumer_offsets.py: against records that Apache Kafka 4.3.1 wrote."""

from kbroker.protocol.consumer_offsets import (
    GroupMetadataKey,
    GroupMetadataValue,
    OffsetCommitKey,
    OffsetCommitValue,
)
from kbroker.protocol.schema import reader, writer

OFFSET_KEY = b"\x00\x07grp-oc2\x00\x02t1\x00\x00\x00\x00"
OFFSET_VALUE_4 = bytes.fromhex(
    "0000000000000005 ffffffff 02 6d 000001a20aad6898 01 00 10 a0f825b78d43430ca8f43554d1a6c2f6"
)
OFFSET_VALUE_1 = bytes.fromhex("0000000000000005 0001 6d 000001a20aad6921 000001a20aae5381")


def test_offset_commits() -> None:
    key = reader(OffsetCommitKey, 1)(OFFSET_KEY)
    assert key == OffsetCommitKey("grp-oc2", "t1", 0)
    assert b"".join(writer(OffsetCommitKey, 1)(key)) == OFFSET_KEY

    value = reader(OffsetCommitValue, 4)(OFFSET_VALUE_4)
    topic_id = bytes.fromhex("a0f825b78d43430ca8f43554d1a6c2f6")
    assert value == OffsetCommitValue(5, -1, "m", 0x1A20AAD6898, -1, topic_id)
    assert b"".join(writer(OffsetCommitValue, 4)(value)) == OFFSET_VALUE_4


def test_offset_commits_that_expire_on_their_own_are_of_version_1() -> None:
    value = reader(OffsetCommitValue, 1)(OFFSET_VALUE_1)
    assert (value.offset, value.metadata, value.expire_timestamp) == (5, "m", 0x1A20AAE5381)
    assert b"".join(writer(OffsetCommitValue, 1)(value)) == OFFSET_VALUE_1


def test_group_metadata() -> None:
    assert reader(GroupMetadataKey, 2)(b"\x00\x07grp-np0") == GroupMetadataKey("grp-np0")
    written = bytes.fromhex("0000 00000000 ffff ffff 000001a20aad61a2 00000000")
    value = reader(GroupMetadataValue, 3)(written)
    assert value == GroupMetadataValue("", 0, None, None, 0x1A20AAD61A2, [])
    assert b"".join(writer(GroupMetadataValue, 3)(value)) == written
