"""Records of the topic `__consumer_offsets`: how Kafka stores group metadata and committed offsets.

On disk an int16 version stands before each.
"""

from kbroker.protocol.schema import array_of, field, message, struct


@message(versions="0-1")
class OffsetCommitKey:
    """Key of a committed offset."""

    group: str = field("string")
    topic: str = field("string")
    partition: int = field("int32")


@message(versions="0-4", flexible="4+")
class OffsetCommitValue:
    """A committed offset."""

    offset: int = field("int64")
    leader_epoch: int = field("int32", "3+", default=-1)
    metadata: str = field("string")
    commit_timestamp: int = field("int64")
    expire_timestamp: int = field("int64", "1", default=-1)
    topic_id: bytes = field("uuid", "4+", tag=0)


@message(versions="2")
class GroupMetadataKey:
    """Key of a group's metadata."""

    group: str = field("string")


@struct
class MemberMetadata:
    """One item of `GroupMetadataValue.members`."""

    member_id: str = field("string")
    group_instance_id: str | None = field("string", "3+", nullable="3+", default=None)
    client_id: str = field("string")
    client_host: str = field("string")
    rebalance_timeout: int = field("int32", "1+", default=-1)
    session_timeout: int = field("int32")
    subscription: bytes = field("bytes")
    assignment: bytes = field("bytes")


@message(versions="0-4", flexible="4+")
class GroupMetadataValue:
    """A classic group as of its last completed generation."""

    protocol_type: str = field("string")
    generation: int = field("int32")
    protocol: str | None = field("string", nullable="0+")
    leader: str | None = field("string", nullable="0+")
    current_state_timestamp: int = field("int64", "2+", default=-1)
    members: list[MemberMetadata] = field(array_of(MemberMetadata))
