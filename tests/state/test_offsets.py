"""kbroker/state/offsets.py"""

from kbroker.state.offsets import CommittedOffset, CommittedOffsets, expire_timestamp, is_expired


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
