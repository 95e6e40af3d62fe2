"""Members of groups for scenarios in which joining is not the point: unrecorded, in versions that take one request."""

import time
from typing import Any

from differential.conversation import Client, Conversation
from kbroker.protocol.join_group import JoinGroupRequest
from kbroker.protocol.sync_group import SyncGroupRequest


def subscription(topic: str) -> bytes:
    """A consumer's subscription to one topic (consumer protocol version 0)."""
    name = topic.encode()
    return b"\0\0" + b"\0\0\0\1" + len(name).to_bytes(2, "big") + name + b"\0\0\0\0"


def joined(
    run: Conversation,
    group: str,
    *,
    metadata: bytes = b"m",
    protocol_type: str = "consumer",
    session_timeout_ms: int = 10_000,
    instance: str | None = None,
    client: Client | None = None,
) -> Any:
    """Join as the first member of a group; the JoinGroup answer, its member id known by name from here on."""
    answer = (client or run.first).quietly(
        JoinGroupRequest,
        3 if instance is None else 5,
        group_id=group,
        session_timeout_ms=session_timeout_ms,
        rebalance_timeout_ms=session_timeout_ms,
        protocol_type=protocol_type,
        group_instance_id=instance,
        protocols=[{"name": "range", "metadata": metadata}],
    )
    if answer.member_id:
        run.symbols.name("member", answer.member_id)
    return answer


def joining(run: Conversation, group: str) -> None:
    """Ask to join on a connection of its own, which waits until the group's members have joined again."""
    run.client().send(
        "",
        JoinGroupRequest,
        version=3,
        group_id=group,
        session_timeout_ms=10_000,
        rebalance_timeout_ms=10_000,
        protocol_type="consumer",
        protocols=[{"name": "range", "metadata": b"j"}],
    )
    time.sleep(0.03)  # it has to arrive before what other connections send next


def stable(run: Conversation, group: str, **given: Any) -> Any:
    """Join as the only member and give oneself the assignment `all`."""
    answer = joined(run, group, **given)
    (given.get("client") or run.first).quietly(
        SyncGroupRequest,
        3,
        group_id=group,
        generation_id=answer.generation_id,
        member_id=answer.member_id,
        group_instance_id=given.get("instance"),
        assignments=[{"member_id": answer.member_id, "assignment": b"all"}],
    )
    return answer
