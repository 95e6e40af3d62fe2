"""kbroker/state/offsets.py"""

from kbroker.config.topic import TopicConfig
from kbroker.protocol.offset_commit import OffsetCommitRequestPartition
from kbroker.protocol.txn_offset_commit import TxnOffsetCommitRequestPartition
from kbroker.state.offsets import (
    CommittedOffset,
    CommittedOffsets,
    expire_timestamp,
    is_expired,
    offsets_to_commit,
)
from kbroker.state.topics import Topic


def offset(number: int, expires: int = -1) -> CommittedOffset:
    return CommittedOffset(number, 0, "", 1000, expires, bytes(16))


def test_put_get_and_remove() -> None:
    offsets = CommittedOffsets()
    assert not offsets
    offsets.put("t", 0, offset(1))
    offsets.put("t", 0, offset(2))
    assert offsets.get("t", 0) == offset(2)
    assert offsets.get("t", 1) is None
    assert offsets.get("u", 0) is None
    offsets.remove("t", 1)
    offsets.remove("u", 0)
    assert offsets
    offsets.remove("t", 0)
    assert not offsets


def test_a_retention_of_its_own_counts_alone() -> None:
    assert expire_timestamp(-1, 1000) == -1
    assert expire_timestamp(500, 1000) == 1500
    assert expire_timestamp(2**63 - 1, 1000) == 2**63 - 1  # and no more, or no store could keep it
    assert not is_expired(offset(1, expires=1500), retention_ms=0, now_ms=1499)
    assert is_expired(offset(1, expires=1500), retention_ms=10_000, now_ms=1500)
    assert is_expired(offset(1, expires=1500), retention_ms=10_000, now_ms=1500, unused_since_ms=1499)


def test_otherwise_the_groups_retention_counts_from_the_last_use() -> None:
    assert is_expired(offset(1), retention_ms=100, now_ms=1100)
    assert not is_expired(offset(1), retention_ms=100, now_ms=1100, unused_since_ms=1001)


def test_metadata_that_is_too_long_keeps_only_its_own_offset_from_being_committed() -> None:
    topic = Topic("t", bytes([1] * 16), 3, {}, TopicConfig())
    requested = [
        OffsetCommitRequestPartition(0, 10, 4, None),
        TxnOffsetCommitRequestPartition(1, 11, 4, "🦊x"),  # three UTF-16 units
        TxnOffsetCommitRequestPartition(2, 12, 4, "🦊"),
    ]
    offsets, too_large = offsets_to_commit([(topic, requested)], 1000, longest_metadata=2, expires_ms=1500)
    assert offsets == {
        ("t", 0): CommittedOffset(10, 4, "", 1000, 1500, topic.topic_id),
        ("t", 2): CommittedOffset(12, 4, "🦊", 1000, 1500, topic.topic_id),
    }
    assert too_large == {("t", 1)}
