"""kbroker/state/groups/commit.py"""

import pytest

from kbroker.protocol.errors import KafkaError
from kbroker.state.groups.commit import Committer, check_commit, check_transactional_commit
from kbroker.state.groups.group import Group, GroupState


def test_a_member_commits_and_stays(stable: Group) -> None:
    check_commit(stable, Committer("g", "a", None, 7), now=5)
    assert stable.deadlines.next() == 10  # b's, as a's has moved to 15
    check_commit(stable, Committer("g", "b", "i", 7), now=6)
    assert stable.deadlines.next() == 15


def test_a_rebalance_leaves_time_to_commit_until_the_next_generation_begins(stable: Group) -> None:
    stable.state = GroupState.PREPARING_REBALANCE
    check_commit(stable, Committer("g", "a", None, 7), now=0)
    stable.state = GroupState.COMPLETING_REBALANCE
    with pytest.raises(KafkaError, match="REBALANCE_IN_PROGRESS"):
        check_commit(stable, Committer("g", "a", None, 7), now=0)


@pytest.mark.parametrize(
    ("committer", "error"),
    [
        (Committer("g"), "UNKNOWN_MEMBER_ID"),
        (Committer("g", "a"), "ILLEGAL_GENERATION"),
        (Committer("g", "a", None, 6), "ILLEGAL_GENERATION"),
        (Committer("g", "x", None, 7), "UNKNOWN_MEMBER_ID"),
        (Committer("g", "a", "i", 7), "FENCED_INSTANCE_ID"),
    ],
)
def test_others_do_not(stable: Group, committer: Committer, error: str) -> None:
    with pytest.raises(KafkaError, match=error):
        check_commit(stable, committer, now=0)


def test_without_members_anybody_who_claims_no_generation() -> None:
    check_commit(Group("g"), Committer("g", "whoever"), now=0)
    with pytest.raises(KafkaError, match="UNKNOWN_MEMBER_ID"):
        check_commit(Group("g"), Committer("g", generation_id=0), now=0)


@pytest.mark.parametrize(
    ("committer", "error"),
    [
        (Committer("g", "a"), "ILLEGAL_GENERATION"),
        (Committer("g", "a", None, 6), "ILLEGAL_GENERATION"),
        (Committer("g", "x", None, 7), "UNKNOWN_MEMBER_ID"),
        (Committer("g", "", None, 7), "UNKNOWN_MEMBER_ID"),
        (Committer("g", "a", "i", 7), "FENCED_INSTANCE_ID"),
        (Committer("g", "", "nobody"), "UNKNOWN_MEMBER_ID"),
    ],
)
def test_a_transaction_is_of_a_member_of_this_generation(
    stable: Group, committer: Committer, error: str
) -> None:
    with pytest.raises(KafkaError, match=error):
        check_transactional_commit(stable, committer)


def test_a_member_commits_in_a_transaction_during_a_rebalance_too_and_that_is_no_heartbeat(
    stable: Group,
) -> None:
    before = stable.deadlines.next()
    for state in GroupState.STABLE, GroupState.PREPARING_REBALANCE, GroupState.COMPLETING_REBALANCE:
        stable.state = state
        check_transactional_commit(stable, Committer("g", "a", None, 7))
    assert stable.deadlines.next() == before


def test_a_producer_from_before_group_metadata_was_told_may_always_commit(stable: Group) -> None:
    check_transactional_commit(stable, Committer("g"))
    check_transactional_commit(Group("g"), Committer("g"))
