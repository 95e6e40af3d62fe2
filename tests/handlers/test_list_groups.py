"""kbroker/handlers/list_groups.py"""

from collections.abc import Callable

import pytest

from kbroker.broker.broker import Broker
from kbroker.broker.context import RequestContext
from kbroker.handlers.join_group import handle as join
from kbroker.handlers.list_groups import handle
from kbroker.protocol.join_group import JoinGroupRequest, JoinGroupRequestProtocol
from kbroker.protocol.list_groups import ListedGroup, ListGroupsRequest
from kbroker.state.groups.commit import Committer

At = Callable[[int], RequestContext]
SIMPLE = ListedGroup("simple", "", "Empty", "classic")
LIVE = ListedGroup("live", "consumer", "CompletingRebalance", "classic")


@pytest.fixture
async def with_groups(at: At, broker: Broker) -> At:
    await broker.groups.offsets.commit(Committer("simple"), {})
    protocols = [JoinGroupRequestProtocol("range", b"")]
    await join(JoinGroupRequest("live", 10_000, 60_000, "", None, "consumer", protocols), at(3))
    return at


@pytest.mark.parametrize("version", range(6))
async def test_all(with_groups: At, version: int) -> None:
    assert (await handle(ListGroupsRequest(), with_groups(version))).groups == [SIMPLE, LIVE]


@pytest.mark.parametrize(
    ("states", "types", "expected"),
    [
        (["Empty"], [], [SIMPLE]),
        ([" empty ", "Stable"], [], [SIMPLE]),
        (["completingrebalance", "Empty"], ["Classic"], [SIMPLE, LIVE]),
        (["nonsense"], [], []),
        ([], ["consumer", "share"], []),
        ([], [" classic"], []),
    ],
)
async def test_filters(
    with_groups: At, states: list[str], types: list[str], expected: list[ListedGroup]
) -> None:
    """Case does not matter; white space around states doesn't either, around types it does."""
    assert (await handle(ListGroupsRequest(states, types), with_groups(5))).groups == expected
