"""One member of a group."""

from collections.abc import Collection, Sequence

from attrs import define

from kbroker.state.groups.effects import Token

Protocols = Sequence[tuple[str, bytes]]


@define
class JoinCall:
    """A JoinGroup request: who calls, and what it offers.

    `new_member_id` is the id to give a caller that has none. `must_know_member_id` is set from v4 on: such
    a caller first gets its id and has to call again with it (KIP-394). `may_skip_assignment` is set from v9
    on (KIP-814). The answer will bear
    `token`.
    """

    member_id: str
    group_instance_id: str | None
    client_id: str
    client_host: str
    session_timeout_ms: int
    rebalance_timeout_ms: int
    protocol_type: str
    protocols: Protocols  # name and metadata, the member's favourite first
    new_member_id: str = ""
    must_know_member_id: bool = False
    may_skip_assignment: bool = False
    token: Token = 0


@define
class Member:
    """A member: what it told the group of itself, and what the leader assigned to it."""

    member_id: str
    group_instance_id: str | None
    client_id: str
    client_host: str
    session_timeout_ms: int
    rebalance_timeout_ms: int
    protocol_type: str
    protocols: Protocols
    assignment: bytes = b""
    is_new: bool = False  # has not completed a rebalance yet: may not know its id, cannot heartbeat

    @classmethod
    def joining(cls, member_id: str, call: JoinCall) -> "Member":
        """A member that joins for the first time."""
        return cls(
            member_id,
            call.group_instance_id,
            call.client_id,
            call.client_host,
            call.session_timeout_ms,
            call.rebalance_timeout_ms,
            call.protocol_type,
            call.protocols,
            is_new=True,
        )

    def metadata(self, protocol_name: str | None) -> bytes:
        """What the member said under a protocol. One that every member supports, or it is b''."""
        return next((metadata for name, metadata in self.protocols if name == protocol_name), b"")

    def vote(self, candidates: Collection[str]) -> str:
        """The candidate the member likes best. It must support one of them."""
        return next(name for name, _ in self.protocols if name in candidates)

    def matches(self, protocols: Protocols) -> bool:
        """Whether a rejoin with `protocols` changes nothing."""
        return list(self.protocols) == list(protocols)
