"""kbroker/state/groups/pending_offsets.py: what Apache Kafka's order of records decides."""

from kbroker.state.groups.pending_offsets import EndedOffsets, PendingOffset, PendingOffsets
from kbroker.state.offsets import CommittedOffset

A, B = ("t", 0), ("t", 1)


def offset(number: int) -> CommittedOffset:
    return CommittedOffset(number, 0, "", 1000, -1, bytes(16))


def of(*made: tuple[int, tuple[str, int], int]) -> PendingOffsets:
    """Pending offsets of (producer, partition, offset), in this order."""
    pending = PendingOffsets()
    for producer_id, partition, number in made:
        pending.put(producer_id, partition, PendingOffset(offset(number)))
    return pending


def end(pending: PendingOffsets, producer_id: int, *, commit: bool = True) -> EndedOffsets:
    """As an owner does it, who has to store it first."""
    ended = pending.end(producer_id, commit=commit)
    pending.supersede(ended.superseded)
    pending.remove(producer_id)
    return ended


def test_a_commit_brings_the_last_offset_of_each_partition() -> None:
    pending = of((1, A, 5), (1, B, 6), (1, A, 7))
    assert set(pending) == {A, B}
    assert end(pending, 1).committed == {A: offset(7), B: offset(6)}
    assert not pending


def test_an_abort_brings_nothing() -> None:
    pending = of((1, A, 5))
    assert end(pending, 1, commit=False) == EndedOffsets()
    assert A not in pending


def test_the_end_of_a_transaction_without_offsets_is_nothing() -> None:
    assert end(of((1, A, 5)), 2) == EndedOffsets()


def test_others_stay_pending() -> None:
    pending = of((1, A, 5), (2, A, 6), (2, B, 7))
    end(pending, 2, commit=False)
    assert list(pending) == [A]
    assert end(pending, 1).committed == {A: offset(5)}


def test_a_later_commit_without_a_transaction_wins_and_yet_the_offset_stays_pending() -> None:
    pending = of((1, A, 5), (1, B, 6))
    pending.supersede(pending.later_commits([A]))
    assert pending.later_commits([A]) == [], "it is superseded already"
    assert A in pending
    assert end(pending, 1).committed == {B: offset(6)}


def test_the_same_transaction_may_commit_once_more_after_that() -> None:
    pending = of((1, A, 5))
    pending.supersede(pending.later_commits([A]))
    pending.put(1, A, PendingOffset(offset(9)))
    assert end(pending, 1).committed == {A: offset(9)}


def test_of_two_transactions_the_later_commit_wins_if_it_ends_first() -> None:
    pending = of((2, A, 5), (1, A, 6), (2, B, 7))
    assert end(pending, 1).committed == {A: offset(6)}
    assert end(pending, 2).committed == {B: offset(7)}


def test_of_two_transactions_the_later_commit_wins_if_it_ends_last() -> None:
    pending = of((2, A, 5), (1, A, 6))
    assert end(pending, 2).committed == {A: offset(5)}
    assert end(pending, 1).committed == {A: offset(6)}


def test_deleted_offsets_are_pending_no_more() -> None:
    pending = of((1, A, 5), (1, B, 6))
    pending.forget([A, ("nowhere", 3)])
    assert end(pending, 1).committed == {B: offset(6)}
