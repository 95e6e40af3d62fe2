"""kbroker/state/groups/heartbeat.py"""

import pytest

from kbroker.protocol.errors import KafkaError
from kbroker.state.groups.group import Group, GroupState
from kbroker.state.groups.heartbeat import heartbeat


@pytest.mark.parametrize("state", [GroupState.STABLE, GroupState.COMPLETING_REBALANCE])
def test_it_extends_the_session(stable: Group, state: GroupState) -> None:
    stable.state = state
    heartbeat(stable, "a", None, 7, now=5)
    heartbeat(stable, "b", "i", 7, now=6)
    assert stable.deadlines.next() == 15


def test_during_a_rebalance_it_says_so_and_still_does(stable: Group) -> None:
    stable.state = GroupState.PREPARING_REBALANCE
    heartbeat_of_b = (stable, "b", "i", 7)
    for now in (5, 6):
        with pytest.raises(KafkaError, match="REBALANCE_IN_PROGRESS"):
            heartbeat(*heartbeat_of_b, now=now)
    heartbeat_of_a = (stable, "a", None, 7)
    with pytest.raises(KafkaError, match="REBALANCE_IN_PROGRESS"):
        heartbeat(*heartbeat_of_a, now=9)
    assert stable.deadlines.next() == 16


def test_an_empty_group_has_nobody_to_hear() -> None:
    with pytest.raises(KafkaError, match="UNKNOWN_MEMBER_ID"):
        heartbeat(Group("g"), "a", None, 0, now=0)
