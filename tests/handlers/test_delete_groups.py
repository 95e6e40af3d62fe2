"""kbroker/handlers/delete_groups.py"""

from collections.abc import Callable

import pytest

from kbroker.broker.broker import Broker
from kbroker.broker.context import RequestContext
from kbroker.handlers.delete_groups import handle
from kbroker.handlers.join_group import handle as join
from kbroker.protocol.delete_groups import DeletableGroupResult, DeleteGroupsRequest
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.join_group import JoinGroupRequest, JoinGroupRequestProtocol
from kbroker.state.groups.commit import Committer

At = Callable[[int], RequestContext]


@pytest.mark.parametrize("version", range(3))
async def test_each_group_is_answered_once(at: At, broker: Broker, version: int) -> None:
    await broker.groups.offsets.commit(Committer("simple"), {})
    await broker.groups.offsets.commit(Committer(""), {})
    protocols = [JoinGroupRequestProtocol("range", b"")]
    await join(JoinGroupRequest("live", 10_000, 60_000, "", None, "consumer", protocols), at(3))

    response = await handle(DeleteGroupsRequest(["simple", "live", "nope", "simple", ""]), at(version))
    assert response.results == [
        DeletableGroupResult("simple", ErrorCode.NONE),
        DeletableGroupResult("live", ErrorCode.NON_EMPTY_GROUP),
        DeletableGroupResult("nope", ErrorCode.GROUP_ID_NOT_FOUND),
        DeletableGroupResult("", ErrorCode.NONE),
    ]
    assert [group.group_id for group in broker.groups.all()] == ["live"]


async def test_a_group_whose_name_no_record_has_room_for_goes_and_so_do_the_others(
    at: At, broker: Broker
) -> None:
    """Each byte that is no UTF-8 becomes three: so long a name fits into a request, and nowhere else."""
    name = "\N{REPLACEMENT CHARACTER}" * 12_000
    for group in (name, "simple"):
        await broker.groups.offsets.commit(Committer(group), {})
    protocols = [JoinGroupRequestProtocol("range", b"")]
    await join(JoinGroupRequest(name, 10_000, 60_000, "", None, "consumer", protocols), at(4))
    await broker.groups.offsets.expire()
    assert [group.group_id for group in broker.groups.all()] == []
    assert not await broker._stores.groups.load()

    await broker.groups.offsets.commit(Committer(name), {})
    response = await handle(DeleteGroupsRequest([name]), at(2))
    assert [result.error_code for result in response.results] == [ErrorCode.NONE]
