from rules.commits import RULE

from .hand_made import History


def test_the_last_commit_is_what_is_committed() -> None:
    history = History()
    history.committed(-1)
    history.commit(5)
    history.committed(5)
    history.commit(3)
    history.committed(3)
    assert history.broken() == []


def test_an_earlier_commit_does_not_come_back() -> None:
    for told in (3, -1, 4):
        history = History()
        history.commit(3)
        history.commit(5)
        history.committed(told)
        assert history.broken() == [RULE]


def test_a_commit_without_an_answer_may_be_seen_and_may_not() -> None:
    for told in (3, 5):
        history = History()
        history.commit(3)
        history.commit(5, "unknown")
        history.committed(told)
        assert history.broken() == []


def test_a_commit_that_was_refused_is_not_seen() -> None:
    history = History()
    history.commit(3)
    history.commit(5, "fail")
    history.committed(5)
    assert history.broken() == [RULE]


def test_what_a_killed_broker_had_received_is_not_seen_after_a_later_commit() -> None:
    for killed in (False, True):
        history = History()
        history.commit(5, "unknown")
        if killed:
            history.info("kill")
        history.commit(7)
        history.committed(5)
        assert history.broken() == ([RULE] if killed else [])


def test_a_fetch_may_see_a_commit_that_begins_during_it() -> None:
    history = History()
    history.commit(3)
    fetch = history.begin("committed", group="g", partitions=[["t", 0]])
    history.commit(5)
    history.end(fetch, offsets=[["t", 0, 5]])
    assert history.broken() == []
    history.committed(3)
    assert history.broken() == [RULE]


def test_a_transaction_commits_offsets_at_its_end() -> None:
    history = History()
    end = {"producer": 1, "transaction": 1, "group": "g", "offsets": [["t", 0, 0, 4]]}
    history.do("end", commit=False, **end)
    history.committed(-1)
    assert history.broken() == []
    history.do("end", commit=True, **end)
    history.committed(-1)
    assert history.broken() == [RULE]
