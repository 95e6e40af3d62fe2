from rules.real_time import RULE

from .hand_made import History


def test_an_append_comes_after_those_acknowledged_before_it_began() -> None:
    history = History()
    history.append(0, 5)
    history.append(0, 4, producer=2)
    assert history.broken() == [RULE]


def test_appends_at_the_same_time_may_come_in_any_order() -> None:
    history = History()
    early = history.begin_append(0, producer=2)
    history.append(0, 5)
    history.end(early, offset=4, count=1)
    assert history.broken() == []


def test_a_read_is_told_of_what_was_acknowledged_before() -> None:
    history = History()
    history.append(0, 0)
    history.read([], high=0, final=False)
    assert history.broken() == [RULE]


def test_a_read_that_began_before_need_not_be() -> None:
    history = History()
    read = history.begin("read", topic="t", partition=0, isolation="uncommitted", **{"from": 0})
    history.append(0, 0)
    history.end(read, runs=[], next=0, high=0, start=0)
    assert history.broken() == []


def test_neither_end_of_a_log_goes_back() -> None:
    for high, start in ((2, 1), (3, 0)):
        history = History(trimmed=True)
        history.append(0, 0, 3)
        history.read([], start=3, high=3, log_start=1, final=False)
        history.read([], start=3, high=high, log_start=start, final=False)
        assert history.broken() == [RULE]
