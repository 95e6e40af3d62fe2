"""What an event in a group asks its owner to do."""

from attrs import Factory, define

from kbroker.protocol.error_codes import ErrorCode

Token = int


@define
class JoinedMember:
    """A member as the leader is told of it: `metadata` is its subscription under the chosen protocol."""

    member_id: str
    group_instance_id: str | None
    metadata: bytes


@define
class JoinAnswer:
    """Outcome of a JoinGroup. Only the leader is given the members."""

    error_code: ErrorCode = ErrorCode.NONE
    member_id: str = ""
    generation_id: int = -1
    protocol_type: str | None = None
    protocol_name: str | None = None
    leader: str = ""
    skip_assignment: bool = False  # KIP-814
    members: list[JoinedMember] = Factory(list)


@define
class SyncAnswer:
    """Outcome of a SyncGroup."""

    error_code: ErrorCode = ErrorCode.NONE
    protocol_type: str | None = None
    protocol_name: str | None = None
    assignment: bytes = b""


@define
class Effects:
    """Answers that are due, by the token of the call; with `save` only once the group is stored."""

    joins: dict[Token, JoinAnswer] = Factory(dict)
    syncs: dict[Token, SyncAnswer] = Factory(dict)
    save: bool = False
