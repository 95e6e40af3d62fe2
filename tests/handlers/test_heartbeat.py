"""kbroker/handlers/heartbeat.py"""

from collections.abc import Callable

import pytest

from kbroker.broker.context import RequestContext
from kbroker.handlers.heartbeat import handle
from kbroker.handlers.join_group import handle as join
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.heartbeat import HeartbeatRequest, HeartbeatResponse
from kbroker.protocol.join_group import JoinGroupRequest, JoinGroupRequestProtocol

At = Callable[[int], RequestContext]


@pytest.mark.parametrize("version", range(5))
async def test_heartbeats(at: At, version: int) -> None:
    protocols = [JoinGroupRequestProtocol("range", b"topics")]
    member = await join(JoinGroupRequest("g", 10_000, 60_000, "", None, "consumer", protocols), at(3))
    for request, error_code in (
        (HeartbeatRequest("g", 1, member.member_id), ErrorCode.NONE),
        (HeartbeatRequest("g", 2, member.member_id), ErrorCode.ILLEGAL_GENERATION),
        (HeartbeatRequest("g", 1, "nobody"), ErrorCode.UNKNOWN_MEMBER_ID),
        (HeartbeatRequest("g", 1, member.member_id, "instance"), ErrorCode.UNKNOWN_MEMBER_ID),
        (HeartbeatRequest("other", 1, member.member_id), ErrorCode.UNKNOWN_MEMBER_ID),
        (HeartbeatRequest("", 1, member.member_id), ErrorCode.INVALID_GROUP_ID),
    ):
        assert await handle(request, at(version)) == HeartbeatResponse(error_code=error_code)
