import pytest
from rules.transactions import EXACTLY_ONCE, RULE

from .hand_made import History


def transaction(
    history: History, number: int, first: int, offset: int, *, commit: bool = True, how: str = "ok",
    copied: tuple[int, int] | None = None,
) -> None:  # fmt: skip
    """One of two records, in partitions 0 and 1 at the same offset."""
    history.append(first, offset, transaction=number)
    history.append(first + 1, offset, partition=1, transaction=number)
    offsets = [["t", 0, *copied]] if copied else []
    group = "g" if copied else None
    history.do("end", how, producer=1, transaction=number, commit=commit, group=group, offsets=offsets)


def read_all(history: History, *numbers: int, committed: bool = True, after: int = 4) -> None:
    """Show records by number: even in partition 0, odd in 1, at offset 0, 2, and so on."""
    for partition in (0, 1):
        runs = [[number // 2 * 2, 1, number, 1] for number in numbers if number % 2 == partition]
        history.read(runs, partition=partition, committed=committed, after=after)


def history_of(**first: object) -> History:
    history = History(transactional=True)
    transaction(history, 1, 0, 0, **first)  # type: ignore[arg-type]
    transaction(history, 2, 2, 2)
    read_all(history, 0, 1, 2, 3, committed=False)
    return history


@pytest.mark.parametrize(
    ("first", "shown", "kept"),
    [
        ({}, (0, 1, 2, 3), True),
        ({}, (2, 3), False),
        ({}, (0, 2, 3), False),
        ({"commit": False}, (2, 3), True),
        ({"commit": False}, (0, 1, 2, 3), False),
        ({"how": "unknown"}, (0, 1, 2, 3), True),
        ({"how": "unknown"}, (2, 3), True),
        ({"how": "unknown"}, (0, 2, 3), False),
        ({"how": "fail"}, (2, 3), True),
        ({"how": "fail"}, (0, 1, 2, 3), False),
    ],
)
def test_all_or_nothing(first: dict[str, object], shown: tuple[int, ...], kept: bool) -> None:
    history = history_of(**first)
    read_all(history, *shown)
    assert history.broken() == ([] if kept else [RULE])


def test_nothing_is_seen_before_the_commit_is_asked_for() -> None:
    for late in (False, True):
        history = History(transactional=True)
        history.append(0, 0, transaction=1)
        if late:
            history.begin("end", producer=1, transaction=1, commit=True, group=None, offsets=[])
        history.read([[0, 1, 0, 1]], committed=True, final=False)
        assert history.broken() == ([] if late else [RULE])


def test_what_is_committed_later_is_not_skipped() -> None:
    history = History(transactional=True)
    history.append(0, 0, transaction=1)
    history.read([], after=1, high=1, committed=True, final=False)
    history.do("end", producer=1, transaction=1, commit=True, group=None, offsets=[])
    history.read([[0, 1, 0, 1]], committed=True)
    assert history.broken() == [RULE]


@pytest.mark.parametrize(
    ("ranges", "committed", "kept"),
    [
        (((0, 5), (5, 9)), 9, True),
        (((0, 5), (5, 9)), 5, False),
        (((0, 5), (6, 9)), 9, False),
        (((0, 5), (4, 9)), 9, False),
        (((0, 5), (0, 5)), 5, False),
    ],
)
def test_input_is_copied_once(ranges: tuple[tuple[int, int], ...], committed: int, kept: bool) -> None:
    history = History(transactional=True)
    for index, copied in enumerate(ranges):
        transaction(history, index, 2 * index, 2 * index, copied=copied)
    read_all(history, 0, 1, 2, 3)
    history.committed(committed, final=True)
    assert (EXACTLY_ONCE in history.broken()) is not kept


def test_copies_that_were_aborted_do_not_count() -> None:
    history = History(transactional=True)
    transaction(history, 1, 0, 0, copied=(0, 5), commit=False)
    transaction(history, 2, 2, 2, copied=(0, 5))
    read_all(history, 2, 3)
    history.committed(5, final=True)
    assert history.broken() == []
