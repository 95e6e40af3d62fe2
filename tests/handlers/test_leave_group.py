"""kbroker/handlers/leave_group.py"""

import logging
from collections.abc import Callable

import pytest

from kbroker.broker.broker import Broker
from kbroker.broker.context import RequestContext
from kbroker.handlers.join_group import handle as join
from kbroker.handlers.leave_group import handle
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.join_group import JoinGroupRequest, JoinGroupRequestProtocol
from kbroker.protocol.leave_group import LeaveGroupRequest, LeaveGroupResponse, MemberIdentity, MemberResponse

At = Callable[[int], RequestContext]


async def joined(at: At, instance: str | None = None) -> str:
    protocols = [JoinGroupRequestProtocol("range", b"topics")]
    response = await join(JoinGroupRequest("g", 10_000, 60_000, "", instance, "consumer", protocols), at(3))
    return response.member_id


@pytest.mark.parametrize("version", [0, 1, 2])
async def test_one_member_and_its_error_is_the_requests(at: At, broker: Broker, version: int) -> None:
    member_id = await joined(at)
    wrong = await handle(LeaveGroupRequest("g", "nobody"), at(version))
    assert wrong == LeaveGroupResponse(error_code=ErrorCode.UNKNOWN_MEMBER_ID)
    assert await handle(LeaveGroupRequest("g", member_id), at(version)) == LeaveGroupResponse()
    assert not broker.groups.get("g").members  # type: ignore[union-attr]


@pytest.mark.parametrize("version", [3, 4, 5])
async def test_many_members_each_with_an_error(at: At, broker: Broker, version: int) -> None:
    member_id = await joined(at, "i")
    leaving = [
        MemberIdentity("nobody"),
        MemberIdentity(""),
        MemberIdentity("", "unknown instance"),
        MemberIdentity("somebody else", "i"),
        MemberIdentity("", "i", "replaced"),
        MemberIdentity(member_id, "i"),
    ]
    response = await handle(LeaveGroupRequest("g", members=leaving), at(version))
    assert response == LeaveGroupResponse(
        members=[
            MemberResponse("nobody", None, ErrorCode.UNKNOWN_MEMBER_ID),
            MemberResponse("", None, ErrorCode.UNKNOWN_MEMBER_ID),
            MemberResponse("", "unknown instance", ErrorCode.UNKNOWN_MEMBER_ID),
            MemberResponse("somebody else", "i", ErrorCode.FENCED_INSTANCE_ID),
            MemberResponse("", "i", ErrorCode.NONE),
            MemberResponse(member_id, "i", ErrorCode.UNKNOWN_MEMBER_ID),
        ]
    )
    assert not broker.groups.get("g").members  # type: ignore[union-attr]


@pytest.mark.parametrize("version", range(6))
async def test_groups_that_are_not_there(at: At, version: int) -> None:
    members = [MemberIdentity("m")]
    assert await handle(LeaveGroupRequest("", "m", members), at(version)) == LeaveGroupResponse(
        error_code=ErrorCode.INVALID_GROUP_ID
    )
    response = await handle(LeaveGroupRequest("none", "m", members), at(version))
    if version < 3:
        assert response == LeaveGroupResponse(error_code=ErrorCode.UNKNOWN_MEMBER_ID)
    else:
        assert response == LeaveGroupResponse(
            members=[MemberResponse("m", None, ErrorCode.UNKNOWN_MEMBER_ID)]
        )


async def test_what_a_client_says_makes_no_lines_in_the_log(at: At, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "kbroker")
    await joined(at)
    await handle(LeaveGroupRequest("g", members=[MemberIdentity("m\nforged", None, "why\nforged")]), at(5))
    assert "why" in caplog.text
    assert not any("\n" in message for message in caplog.messages)
    assert not any(record.levelno > logging.DEBUG for record in caplog.records)
