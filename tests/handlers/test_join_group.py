"""kbroker/handlers/join_group.py"""

from collections.abc import Callable

import pytest

from kbroker.broker.broker import Broker
from kbroker.broker.context import RequestContext
from kbroker.handlers.join_group import handle
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.join_group import (
    JoinGroupRequest,
    JoinGroupRequestProtocol,
    JoinGroupResponse,
    JoinGroupResponseMember,
)
from kbroker.protocol.schema import writer

At = Callable[[int], RequestContext]
VERSIONS = range(10)


def request(group_id: str = "g", member_id: str = "", **other: object) -> JoinGroupRequest:
    made = JoinGroupRequest(
        group_id=group_id,
        session_timeout_ms=10_000,
        rebalance_timeout_ms=60_000,
        member_id=member_id,
        protocol_type="consumer",
        protocols=[JoinGroupRequestProtocol("range", b"topics")],
    )
    for name, value in other.items():
        setattr(made, name, value)
    return made


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_first_member_forms_a_group(at: At, version: int) -> None:
    response = await handle(request(), at(version))
    if version >= 4:
        assert response.error_code == ErrorCode.MEMBER_ID_REQUIRED
        assert response.member_id.startswith("test-")
        response = await handle(request(member_id=response.member_id), at(version))
    member_id = response.member_id
    assert response == JoinGroupResponse(
        error_code=0,
        generation_id=1,
        protocol_type="consumer",
        protocol_name="range",
        leader=member_id,
        member_id=member_id,
        members=[JoinGroupResponseMember(member_id, None, b"topics")],
    )


async def test_a_static_member_is_named_after_its_instance(at: At, broker: Broker) -> None:
    response = await handle(request(group_instance_id="i1"), at(9))
    assert response.error_code == 0
    assert response.member_id.startswith("i1-")
    assert broker.groups.get("g").static_members == {"i1": response.member_id}  # type: ignore[union-attr]


async def test_a_restarted_static_leader_is_told_to_skip_the_assignment(at: At, broker: Broker) -> None:
    first = await handle(request(group_instance_id="i1"), at(9))
    broker.groups.get("g").state = type(broker.groups.get("g").state).STABLE  # type: ignore[union-attr]
    again = await handle(request(group_instance_id="i1"), at(9))
    assert again.skip_assignment
    assert again.member_id != first.member_id
    old = await handle(request(group_instance_id="i1", member_id=first.member_id), at(9))
    assert (old.error_code, old.member_id) == (ErrorCode.FENCED_INSTANCE_ID, first.member_id)


async def test_version_0_takes_the_session_timeout_for_the_rebalance_timeout(at: At, broker: Broker) -> None:
    response = await handle(request(rebalance_timeout_ms=-1), at(0))
    member = broker.groups.get("g").members[response.member_id]  # type: ignore[union-attr]
    assert member.rebalance_timeout_ms == 10_000
    assert (member.client_id, member.client_host) == ("test", "/127.0.0.1")


async def test_a_client_may_have_no_id(at: At) -> None:
    context = at(3)
    context.client_id = None
    assert (await handle(request(), context)).member_id.startswith("-")


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("wrong", "error_code", "member_id"),
    [
        ({"group_id": ""}, ErrorCode.INVALID_GROUP_ID, ""),
        ({"session_timeout_ms": 0}, ErrorCode.INVALID_SESSION_TIMEOUT, ""),
        ({"session_timeout_ms": 1_800_001}, ErrorCode.INVALID_SESSION_TIMEOUT, ""),
        ({"member_id": "nobody"}, ErrorCode.UNKNOWN_MEMBER_ID, "nobody"),
        ({"protocols": []}, ErrorCode.INCONSISTENT_GROUP_PROTOCOL, ""),
        ({"protocol_type": ""}, ErrorCode.INCONSISTENT_GROUP_PROTOCOL, ""),
    ],
)
async def test_wrong_input(
    at: At, version: int, wrong: dict[str, object], error_code: ErrorCode, member_id: str
) -> None:
    """As observed on Apache Kafka; before v7 the protocol name may not be null."""
    response = await handle(request(**wrong), at(version))  # type: ignore[arg-type]
    assert response == JoinGroupResponse(
        error_code=error_code, protocol_name=None if version >= 7 else "", member_id=member_id
    )
    writer(JoinGroupResponse, version)(response)


@pytest.mark.parametrize(("version", "protocol_name"), [(3, ""), (7, None)])
async def test_a_protocol_without_a_name(at: At, version: int, protocol_name: str | None) -> None:
    nameless = request(protocols=[JoinGroupRequestProtocol("", b"topics")])
    response = await handle(nameless, at(version))
    if version >= 4:
        nameless.member_id = response.member_id
        response = await handle(nameless, at(version))
    assert (response.error_code, response.protocol_name) == (0, protocol_name)
    assert response.members[0].metadata == b"topics"


async def test_a_pending_member_cannot_turn_static(at: At) -> None:
    pending = await handle(request(), at(9))
    response = await handle(request(member_id=pending.member_id, group_instance_id="i"), at(9))
    assert (response.error_code, response.member_id) == (ErrorCode.UNKNOWN_SERVER_ERROR, "")


class TestSessionTimeouts:
    @pytest.fixture
    def settings(self) -> dict[str, str]:
        return {"group.min.session.timeout.ms": "100", "group.max.session.timeout.ms": "200"}

    @pytest.mark.parametrize(
        ("session_timeout_ms", "error_code"),
        [
            (99, ErrorCode.INVALID_SESSION_TIMEOUT),
            (100, ErrorCode.NONE),
            (200, ErrorCode.NONE),
            (201, ErrorCode.INVALID_SESSION_TIMEOUT),
        ],
    )
    async def test_the_limits_are_configured(
        self, at: At, session_timeout_ms: int, error_code: ErrorCode
    ) -> None:
        response = await handle(request(session_timeout_ms=session_timeout_ms), at(3))
        assert response.error_code == error_code


class TestGroupSize:
    @pytest.fixture
    def settings(self) -> dict[str, str]:
        return {"group.max.size": "1"}

    async def test_a_full_group_takes_no_more(self, at: At) -> None:
        await handle(request(), at(3))
        response = await handle(request(), at(3))
        assert (response.error_code, response.member_id) == (ErrorCode.GROUP_MAX_SIZE_REACHED, "")
