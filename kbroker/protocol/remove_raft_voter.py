"""RemoveRaftVoter (key 81): take a node's vote in the quorum that keeps the metadata (KIP-853)."""

from kbroker.protocol.schema import field, message


@message(key=81, versions="0", flexible="0+")
class RemoveRaftVoterRequest:
    """What the client asks."""

    cluster_id: str | None = field("string", nullable="0+")
    voter_id: int = field("int32")
    voter_directory_id: bytes = field("uuid")


@message(key=81, versions="0", flexible="0+")
class RemoveRaftVoterResponse:
    """What the broker answers."""

    throttle_time_ms: int = field("int32")
    error_code: int = field("int16")
    error_message: str | None = field("string", nullable="0+")
