"""kbroker/state/groups/deadlines.py"""

from hypothesis import given
from hypothesis import strategies as st

from kbroker.state.groups.deadlines import Deadlines

A, B = ("member", "a"), ("member", "b")


def test_the_earliest_comes_first_and_once() -> None:
    deadlines = Deadlines()
    deadlines.set(A, 3)
    deadlines.set(B, 2)
    assert deadlines.next() == 2
    assert list(deadlines.expired(3)) == [B, A]
    assert deadlines.next() is None


def test_not_before_its_time() -> None:
    deadlines = Deadlines()
    deadlines.set(A, 3)
    assert list(deadlines.expired(2.999)) == []
    assert list(deadlines.expired(3)) == [A]


def test_moved_later_and_moved_earlier() -> None:
    deadlines = Deadlines()
    deadlines.set(A, 3)
    deadlines.set(A, 5)
    assert deadlines.next() == 5
    deadlines.set(A, 1)
    assert list(deadlines.expired(4)) == [A]
    assert list(deadlines.expired(9)) == []


def test_cancelled_and_set_again() -> None:
    deadlines = Deadlines()
    deadlines.set(A, 3)
    deadlines.cancel(A)
    deadlines.cancel(B)
    assert deadlines.next() is None
    deadlines.set(A, 2)
    assert deadlines.next() == 2


def test_one_that_is_cancelled_while_others_expire_does_not() -> None:
    deadlines = Deadlines()
    deadlines.set(A, 1)
    deadlines.set(B, 2)
    seen = []
    for key in deadlines.expired(5):
        seen.append(key)
        deadlines.cancel(B)
    assert seen == [A]


def test_heartbeats_do_not_fill_the_heap() -> None:
    deadlines = Deadlines()
    for at in range(1000):
        deadlines.set(A, at)
    assert len(deadlines._heap) == 1


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.one_of(st.none(), st.integers(0, 20)))), st.integers(0, 20)
)
def test_as_a_plain_dict_would(changes: list[tuple[str, int | None]], now: int) -> None:
    deadlines = Deadlines()
    model: dict[tuple[str, str], float] = {}
    for name, at in changes:
        key = ("member", name)
        if at is None:
            deadlines.cancel(key)
            model.pop(key, None)
        else:
            deadlines.set(key, at)
            model[key] = at
        assert deadlines.next() == min(model.values(), default=None)
    assert sorted(deadlines.expired(now)) == sorted(key for key, at in model.items() if at <= now)
