"""AddRaftVoter (key 80): let a node vote in the quorum that keeps the metadata (KIP-853)."""

from kbroker.protocol.schema import array_of, field, message, struct


@struct
class Listener:
    """One item of `AddRaftVoterRequest.listeners`."""

    name: str = field("string")
    host: str = field("string")
    port: int = field("uint16")


@message(key=80, versions="0-1", flexible="0+")
class AddRaftVoterRequest:
    """What the client asks."""

    cluster_id: str | None = field("string", nullable="0+")
    timeout_ms: int = field("int32")
    voter_id: int = field("int32")
    voter_directory_id: bytes = field("uuid")
    listeners: list[Listener] = field(array_of(Listener))
    ack_when_committed: bool = field("bool", "1+", default=True)


@message(key=80, versions="0-1", flexible="0+")
class AddRaftVoterResponse:
    """What the broker answers."""

    throttle_time_ms: int = field("int32")
    error_code: int = field("int16")
    error_message: str | None = field("string", nullable="0+")
