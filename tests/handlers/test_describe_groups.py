"""kbroker/handlers/describe_groups.py"""

from collections.abc import Callable

import pytest

from kbroker.broker.broker import Broker
from kbroker.broker.context import RequestContext
from kbroker.handlers.describe_groups import handle
from kbroker.handlers.join_group import handle as join
from kbroker.handlers.sync_group import handle as sync
from kbroker.protocol.describe_groups import DescribedGroup, DescribedGroupMember, DescribeGroupsRequest
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.join_group import JoinGroupRequest, JoinGroupRequestProtocol
from kbroker.protocol.sync_group import SyncGroupRequest, SyncGroupRequestAssignment
from kbroker.state.groups.commit import Committer

At = Callable[[int], RequestContext]
VERSIONS = range(7)
NOT_ASKED = -(2**31)


async def joined(at: At) -> str:
    protocols = [JoinGroupRequestProtocol("range", b"topics")]
    response = await join(JoinGroupRequest("g", 10_000, 60_000, "", "i", "consumer", protocols), at(9))
    return response.member_id


@pytest.mark.parametrize("version", VERSIONS)
async def test_subscriptions_are_shown_in_a_stable_group_only(at: At, version: int) -> None:
    member_id = await joined(at)
    member = DescribedGroupMember(member_id, "i", "test", "/127.0.0.1", b"", b"")
    response = await handle(DescribeGroupsRequest(["g"]), at(version))
    assert response.groups == [
        DescribedGroup(0, None, "g", "CompletingRebalance", "consumer", "", [member], NOT_ASKED)
    ]

    assignments = [SyncGroupRequestAssignment(member_id, b"all")]
    await sync(SyncGroupRequest("g", 1, member_id, "i", "consumer", "range", assignments), at(5))
    member = DescribedGroupMember(member_id, "i", "test", "/127.0.0.1", b"topics", b"all")
    response = await handle(DescribeGroupsRequest(["g"]), at(version))
    assert response.groups == [
        DescribedGroup(0, None, "g", "Stable", "consumer", "range", [member], NOT_ASKED)
    ]


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_group_that_does_not_exist_is_dead(at: At, version: int) -> None:
    (group,) = (await handle(DescribeGroupsRequest(["nope"]), at(version))).groups
    assert (group.group_id, group.group_state, group.members) == ("nope", "Dead", [])
    if version >= 6:
        assert (group.error_code, group.error_message) == (
            ErrorCode.GROUP_ID_NOT_FOUND,
            "Group nope not found.",
        )
    else:
        assert (group.error_code, group.error_message) == (0, None)


async def test_authorized_operations_when_asked(at: At, broker: Broker) -> None:
    """Without an authorizer: READ, DELETE, DESCRIBE, DESCRIBE_CONFIGS, ALTER_CONFIGS; not with errors."""
    await broker.groups.offsets.commit(Committer("simple"), {})
    request = DescribeGroupsRequest(["simple", "nope"], include_authorized_operations=True)
    old = (await handle(request, at(5))).groups
    assert [group.authorized_operations for group in old] == [3400, 3400]
    new = (await handle(request, at(6))).groups
    assert [group.authorized_operations for group in new] == [3400, NOT_ASKED]
