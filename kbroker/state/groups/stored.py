"""A group's last generation as bytes, and back: the record value Kafka keeps in `__consumer_offsets`."""

import struct

from kbroker.protocol.consumer_offsets import GroupMetadataValue, MemberMetadata
from kbroker.protocol.errors import ProtocolError
from kbroker.protocol.schema import reader, writer
from kbroker.state.groups.group import Group, GroupState
from kbroker.state.groups.member import Member

_VERSION = 3  # what Apache Kafka 4.3 writes
_NEWEST_VERSION = 4
_VERSION_FIELD = struct.Struct(">h")
_write = writer(GroupMetadataValue, _VERSION)


def encode_group(group: Group) -> bytes:
    """The group's members, their subscriptions and assignments."""
    value = GroupMetadataValue(
        protocol_type=group.protocol_type or "",
        generation=group.generation_id,
        protocol=group.protocol_name,
        leader=group.leader_id,
        current_state_timestamp=group.state_timestamp_ms,
        members=[
            MemberMetadata(
                member_id=member.member_id,
                group_instance_id=member.group_instance_id,
                client_id=member.client_id,
                client_host=member.client_host,
                rebalance_timeout=member.rebalance_timeout_ms,
                session_timeout=member.session_timeout_ms,
                subscription=member.metadata(group.protocol_name),
                assignment=member.assignment,
            )
            for member in group.members.values()
        ],
    )
    return _VERSION_FIELD.pack(_VERSION) + b"".join(_write(value))


def decode_group(group_id: str, state: bytes) -> Group:
    """A group as it was saved: stable, or empty if it had no members. Sessions are not started.

    Raises ProtocolError when the bytes are not what `encode_group` or Kafka wrote.
    """
    if len(state) < _VERSION_FIELD.size:
        raise ProtocolError(f"group {group_id!r} is stored in {len(state)} bytes, too few for a version")
    (version,) = _VERSION_FIELD.unpack_from(state)
    if not 0 <= version <= _NEWEST_VERSION:
        raise ProtocolError(
            f"group {group_id!r} is stored in version {version}, known are up to {_NEWEST_VERSION}"
        )
    value = reader(GroupMetadataValue, version)(state, _VERSION_FIELD.size)
    group = Group(group_id)
    for member in value.members:
        group.add(_member(value, member))
    group.state = GroupState.STABLE if group.members else GroupState.EMPTY
    group.state_timestamp_ms = value.current_state_timestamp
    group.generation_id = value.generation
    group.protocol_type = value.protocol_type or None
    group.protocol_name = value.protocol
    group.leader_id = value.leader
    group.learn_subscriptions()
    return group


def _member(group: GroupMetadataValue, member: MemberMetadata) -> Member:
    return Member(
        member_id=member.member_id,
        group_instance_id=member.group_instance_id,
        client_id=member.client_id,
        client_host=member.client_host,
        session_timeout_ms=member.session_timeout,
        rebalance_timeout_ms=member.session_timeout
        if member.rebalance_timeout == -1
        else member.rebalance_timeout,
        protocol_type=group.protocol_type,
        protocols=[(group.protocol or "", member.subscription)],
        assignment=member.assignment,
    )
