from rules.offsets import RULE

from .hand_made import History


def test_an_offset_is_handed_out_once() -> None:
    history = History()
    first, second = history.begin_append(0), history.begin_append(0, producer=2)
    history.end(first, offset=0, count=1)
    history.end(second, offset=0, count=1)
    assert history.broken() == [RULE]


def test_what_is_read_is_what_was_acknowledged() -> None:
    history = History()
    history.append(0, 0)
    history.end(history.begin_append(1), "unknown")
    history.read([[0, 1, 1, 1]])
    assert RULE in history.broken()


def test_all_reads_show_the_same() -> None:
    history = History()
    for number in (0, 1):
        history.end(history.begin_append(number), "unknown")
        history.read([[0, 1, number, 1]])
    assert history.broken() == [RULE]


def test_a_duplicate_that_is_told_without_its_offset_proves_nothing() -> None:
    history = History()
    history.append(0, -1)
    history.read([[0, 1, 0, 1]])
    assert history.broken() == []


def test_an_offset_that_no_log_has_is_told_and_not_made_room_for() -> None:
    for offset in (1 << 50, -5):
        history = History()
        history.read([[offset, 1, 0, 1]], after=1 << 50)
        assert RULE in history.broken()
