from rules.order import RULE

from .hand_made import History


def test_records_of_a_producer_that_changed_places() -> None:
    history = History()
    first, second = history.begin_append(0), history.begin_append(1)
    history.end(first, offset=1, count=1)
    history.end(second, offset=0, count=1)
    history.read([[0, 1, 1, 1], [1, 1, 0, 1]])
    assert history.broken() == [RULE]


def test_producers_and_partitions_have_their_own_orders() -> None:
    history = History()
    history.append(5, 0)
    history.append(0, 1, producer=2)
    history.append(2, 0, partition=1)
    history.append(6, 2)
    assert history.broken() == []


def test_a_retry_without_idempotence_may_come_late() -> None:
    history = History(idempotent=False)
    history.end(history.begin_append(0), "unknown")
    history.append(1, 0)
    history.append(0, 1)
    assert history.broken() == []
