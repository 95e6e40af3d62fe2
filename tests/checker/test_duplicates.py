from rules.duplicates import RULE

from .hand_made import History


def test_a_retry_of_an_idempotent_producer_is_there_once() -> None:
    history = History()
    history.append(0, 0)
    history.read([[0, 1, 0, 1], [1, 1, 0, 1]])
    assert history.broken() == [RULE]


def test_another_producer_is_there_as_often_as_it_tried() -> None:
    history = History(idempotent=False)
    history.end(history.begin_append(0), "unknown")
    history.append(0, 1)
    history.read([[0, 1, 0, 1], [1, 1, 0, 1]])
    assert history.broken() == []
    history.read([[2, 1, 0, 1]], start=2)
    assert history.broken() == [RULE]


def test_what_was_refused_is_not_there() -> None:
    history = History()
    history.end(history.begin_append(0), "fail", error=6)
    history.read([[0, 1, 0, 1]])
    assert history.broken() == [RULE]


def test_what_nobody_sent_is_not_there() -> None:
    for run in ([0, 1, 5, 1], [0, 9, 0, 1]):
        history = History()
        history.read([run])
        assert history.broken() == [RULE]


def test_a_record_is_not_in_two_partitions() -> None:
    history = History()
    history.append(0, 0)
    history.read([[0, 1, 0, 1]])
    history.read([[0, 1, 0, 1]], partition=1)
    assert history.broken() == [RULE]
