"""kbroker/handlers/sync_group.py"""

from collections.abc import Callable

import pytest

from kbroker.broker.context import RequestContext
from kbroker.handlers.join_group import handle as join
from kbroker.handlers.sync_group import handle
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.join_group import JoinGroupRequest, JoinGroupRequestProtocol
from kbroker.protocol.sync_group import SyncGroupRequest, SyncGroupRequestAssignment, SyncGroupResponse

At = Callable[[int], RequestContext]
VERSIONS = range(6)


async def joined(at: At) -> str:
    protocols = [JoinGroupRequestProtocol("range", b"topics")]
    response = await join(JoinGroupRequest("g", 10_000, 60_000, "", None, "consumer", protocols), at(3))
    return response.member_id


def request(member_id: str, version: int, generation_id: int = 1) -> SyncGroupRequest:
    named = version >= 5
    return SyncGroupRequest(
        "g", generation_id, member_id, None, "consumer" if named else None, "range" if named else None
    )


@pytest.mark.parametrize("version", VERSIONS)
async def test_the_leader_assigns_and_is_assigned(at: At, version: int) -> None:
    member_id = await joined(at)
    first = request(member_id, version)
    first.assignments = [
        SyncGroupRequestAssignment("stranger", b"x"),
        SyncGroupRequestAssignment(member_id, b"mine"),
    ]
    expected = SyncGroupResponse(protocol_type="consumer", protocol_name="range", assignment=b"mine")
    assert await handle(first, at(version)) == expected
    assert await handle(request(member_id, version), at(version)) == expected


@pytest.mark.parametrize("version", VERSIONS)
async def test_wrong_input(at: At, version: int) -> None:
    member_id = await joined(at)
    no_group = request(member_id, version)
    no_group.group_id = ""
    other_group = request(member_id, version)
    other_group.group_id = "other"
    for wrong, error_code in (
        (no_group, ErrorCode.INVALID_GROUP_ID),
        (other_group, ErrorCode.UNKNOWN_MEMBER_ID),
        (request("nobody", version), ErrorCode.UNKNOWN_MEMBER_ID),
        (request(member_id, version, generation_id=2), ErrorCode.ILLEGAL_GENERATION),
    ):
        assert await handle(wrong, at(version)) == SyncGroupResponse(error_code=error_code)


@pytest.mark.parametrize(
    ("protocol_type", "protocol_name"),
    [(None, "range"), ("consumer", None), ("x", "range"), ("consumer", "x")],
)
async def test_version_5_names_the_protocol(
    at: At, protocol_type: str | None, protocol_name: str | None
) -> None:
    wrong = SyncGroupRequest("g", 1, await joined(at), None, protocol_type, protocol_name)
    assert await handle(wrong, at(5)) == SyncGroupResponse(error_code=ErrorCode.INCONSISTENT_GROUP_PROTOCOL)
