from rules.lost import RULE

from .hand_made import History


def test_what_is_read_is_not_lost() -> None:
    history = History()
    history.append(0, 0, 3)
    history.read([[0, 1, 0, 3]])
    assert history.broken() == []


def test_the_end_of_a_log_may_not_be_before_what_was_acknowledged() -> None:
    history = History()
    history.append(0, 0, 3)
    history.read([[0, 1, 0, 2]], high=3)
    assert history.broken() == [RULE]


def test_a_record_within_the_log_may_not_be_missing() -> None:
    history = History()
    history.append(0, 0, 3)
    history.read([[0, 1, 0, 1], [2, 1, 2, 1]])
    assert history.broken() == [RULE]


def test_a_record_that_only_another_read_showed_may_not_be_missing() -> None:
    history = History()
    history.end(history.begin_append(0, 3), "unknown")
    history.read([[0, 1, 0, 3]], final=False)
    history.read([[0, 1, 0, 1], [2, 1, 2, 1]])
    assert history.broken() == [RULE]


def test_what_was_not_acknowledged_may_be_lost() -> None:
    history = History()
    history.end(history.begin_append(0, 3), "unknown")
    history.read([])
    assert history.broken() == []


def test_the_beginning_of_a_log_may_go_only_where_retention_is_asked_for() -> None:
    for trimmed in (False, True):
        history = History(trimmed=trimmed)
        history.append(0, 0, 3)
        history.read([[2, 1, 2, 1]], start=2, log_start=2)
        assert history.broken() == ([] if trimmed else [RULE])


def test_compaction_may_drop_only_what_has_a_later_record_of_its_key() -> None:
    history = History(keys=2)
    history.append(0, 0, 4)
    history.read([[2, 1, 2, 2]])
    assert history.broken() == []
    history = History(keys=2)
    history.append(0, 0, 4)
    history.read([[0, 1, 0, 1], [2, 1, 2, 1]], after=4)
    assert history.broken() == [RULE]


def test_without_keys_nothing_may_be_dropped() -> None:
    history = History()
    history.append(0, 0, 4)
    history.read([[2, 1, 2, 2]])
    assert history.broken() == [RULE]
