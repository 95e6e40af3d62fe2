"""kbroker/state/groups/offset_expiry.py: KIP-211's cases."""

from kbroker.state.groups.group import Group, GroupState
from kbroker.state.groups.offset_expiry import expired_offsets
from kbroker.state.groups.pending_offsets import PendingOffset
from kbroker.state.offsets import CommittedOffset

RETENTION = 1000


def group(state: GroupState, protocol_type: str | None, since: int = 5000) -> Group:
    made = Group("g", state, state_timestamp_ms=since, protocol_type=protocol_type)
    made.subscribed_topics = frozenset({"used"}) if protocol_type == "consumer" else None
    for topic in ("used", "unused"):
        made.offsets.put(topic, 0, CommittedOffset(1, 0, "", 2000, -1, bytes(16)))
    return made


def test_a_simple_group_counts_from_the_commit() -> None:
    simple = group(GroupState.EMPTY, None)
    assert expired_offsets(simple, RETENTION, 2999) == []
    assert expired_offsets(simple, RETENTION, 3000) == [("used", 0), ("unused", 0)]


def test_a_group_without_members_counts_from_when_it_lost_the_last_one() -> None:
    empty = group(GroupState.EMPTY, "consumer")
    empty.subscribed_topics = frozenset()
    assert expired_offsets(empty, RETENTION, 5999) == []
    assert expired_offsets(empty, RETENTION, 6000) == [("used", 0), ("unused", 0)]


def test_an_unknown_time_of_emptiness_counts_from_the_commit() -> None:
    """Groups stored before version 2 of the record don't have it."""
    empty = group(GroupState.EMPTY, "connect", since=-1)
    assert expired_offsets(empty, RETENTION, 3000) == [("used", 0), ("unused", 0)]


def test_a_stable_consumer_group_keeps_what_it_subscribes_to() -> None:
    assert expired_offsets(group(GroupState.STABLE, "consumer"), RETENTION, 9999) == [("unused", 0)]


def test_nothing_expires_while_it_is_not_known_what_is_used() -> None:
    unreadable = group(GroupState.STABLE, "consumer")
    unreadable.subscribed_topics = None
    for live in (
        unreadable,
        group(GroupState.STABLE, "connect"),
        group(GroupState.PREPARING_REBALANCE, "consumer"),
        group(GroupState.COMPLETING_REBALANCE, "consumer"),
    ):
        assert expired_offsets(live, RETENTION, 99_999) == []


def test_what_a_transaction_is_about_to_change_stays() -> None:
    simple = group(GroupState.EMPTY, None)
    pending = PendingOffset(CommittedOffset(2, 0, "", 2000, -1, bytes(16)))
    simple.pending_offsets.put(1, ("used", 0), pending)
    assert expired_offsets(simple, RETENTION, 9999) == [("unused", 0)]
