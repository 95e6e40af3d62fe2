"""What is remembered of clients is bounded."""

import tracemalloc

from kbroker.state.quotas.payers import MAX_PAYERS, Payers
from kbroker.state.quotas.rate import WindowedRate


def payers() -> Payers[WindowedRate]:
    return Payers(lambda: WindowedRate(11, 1000), 12_000)


def test_a_payer_keeps_its_own() -> None:
    all_of_them = payers()
    one = all_of_them.get(("u", "c"), 0)
    assert all_of_them.get(("u", "c"), 1) is one
    assert all_of_them.get(("u", "d"), 1) is not one
    assert all_of_them.get(("", "c"), 1) is not one


def test_who_was_idle_is_forgotten_when_others_come() -> None:
    all_of_them = payers()
    one = all_of_them.get(("u", "c"), 0)
    other = all_of_them.get(("u", "d"), 10_000)
    all_of_them.get(("u", "e"), 12_001)
    assert len(all_of_them) == 2
    assert all_of_them.get(("u", "d"), 12_001) is other
    assert all_of_them.get(("u", "c"), 12_001) is not one


def test_long_names_are_told_apart() -> None:
    all_of_them = payers()
    one = all_of_them.get(("", "x" * 30_000), 0)
    assert all_of_them.get(("", "x" * 30_000), 0) is one
    assert all_of_them.get(("", "x" * 30_001), 0) is not one


def test_a_hundred_thousand_names_at_once_take_no_more_memory_than_ten_thousand() -> None:
    all_of_them = payers()
    tracemalloc.start()
    for number in range(100_000):
        all_of_them.get(("", f"{number:x<30000}"), number // 100).record(1, 0)
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(all_of_them) == MAX_PAYERS
    assert used < 12_000_000
    all_of_them.clear()
    assert not len(all_of_them)
