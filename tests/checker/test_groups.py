from rules.groups import FENCED, RULE

from .hand_made import History


def owned(history: History, generation: int, member: str, *partitions: int) -> None:
    told = {"generation": generation, "member": member, "owned": [["t", each] for each in partitions]}
    history.do("owned", told=told, group="g")


def test_a_partition_has_one_owner_in_a_generation() -> None:
    history = History()
    owned(history, 1, "a", 0, 1)
    owned(history, 1, "b", 2)
    owned(history, 2, "b", 0)
    assert history.broken() == []
    owned(history, 1, "c", 1)
    assert history.broken() == [RULE]


def test_a_commit_of_an_earlier_generation_is_refused() -> None:
    history = History()
    owned(history, 1, "a", 0)
    owned(history, 2, "b", 0)
    history.commit(1, "fail", generation=1)
    history.commit(1, generation=2)
    assert history.broken() == []
    history.commit(2, generation=1)
    assert history.broken() == [FENCED]


def test_a_commit_may_overlap_with_the_next_generation() -> None:
    history = History()
    owned(history, 1, "a", 0)
    commit = history.begin("commit", group="g", generation=1, offsets=[["t", 0, 1]])
    owned(history, 2, "b", 0)
    history.end(commit)
    assert history.broken() == []
