"""What Apache Kafka 4.3 writes into `__consumer_offsets` of groups and their offsets: keys and values."""

from functools import lru_cache
from struct import Struct
from typing import Final

from kbroker.protocol.consumer_offsets import GroupMetadataKey, OffsetCommitKey, OffsetCommitValue
from kbroker.protocol.schema import ZERO_UUID, writer
from kbroker.state.offsets import NEVER_GIVEN, CommittedOffset

_VERSION: Final = Struct(">h")
_OFFSET_KEY, _GROUP_KEY = 1, 2
_OFFSET, _EXPIRING_OFFSET = 4, 1  # only version 1 knows of an expire timestamp
_KEPT: Final = 10_000

_write_offset_key = writer(OffsetCommitKey, _OFFSET_KEY)
_write_group_key = writer(GroupMetadataKey, _GROUP_KEY)
_write_offset = writer(OffsetCommitValue, _OFFSET)
_write_expiring_offset = writer(OffsetCommitValue, _EXPIRING_OFFSET)


@lru_cache(_KEPT)
def offset_key(group_id: str, topic: str, partition: int) -> bytes:
    """Key of a committed offset. Raises ValueError for a name of more than 32,767 bytes."""
    return _VERSION.pack(_OFFSET_KEY) + b"".join(
        _write_offset_key(OffsetCommitKey(group_id, topic, partition))
    )


def group_key(group_id: str) -> bytes:
    """Key of a group's metadata, whose value `encode_group` makes. Raises ValueError as `offset_key`."""
    return _VERSION.pack(_GROUP_KEY) + b"".join(_write_group_key(GroupMetadataKey(group_id)))


def offset_value(committed: CommittedOffset, *, transactional: bool = False) -> bytes:
    """Value of a committed offset; transactions' are written without the topic id."""
    value = OffsetCommitValue(
        committed.offset,
        committed.leader_epoch,
        committed.metadata,
        committed.commit_timestamp,
        committed.expire_timestamp,
        ZERO_UUID if transactional else committed.topic_id,
    )
    if committed.expire_timestamp != NEVER_GIVEN:
        value.topic_id = ZERO_UUID
        return _VERSION.pack(_EXPIRING_OFFSET) + b"".join(_write_expiring_offset(value))
    value.expire_timestamp = NEVER_GIVEN
    return _VERSION.pack(_OFFSET) + b"".join(_write_offset(value))
