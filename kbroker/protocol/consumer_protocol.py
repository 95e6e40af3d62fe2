"""The metadata and assignment bytes that classic consumers put into JoinGroup and SyncGroup.

On the wire an int16 version stands before each. The broker treats both as opaque, except to learn which
topics a group is subscribed to.
"""

from kbroker.protocol.schema import array_of, field, message, struct


@struct
class SubscriptionTopicPartition:
    """One item of `ConsumerProtocolSubscription.owned_partitions`."""

    topic: str = field("string", "1+")
    partitions: list[int] = field(array_of("int32"), "1+")


@message(versions="0-3")
class ConsumerProtocolSubscription:
    """What a member would like to consume, and what it owns (KIP-429)."""

    topics: list[str] = field(array_of("string"))
    user_data: bytes | None = field("bytes", nullable="0+", default=None)
    owned_partitions: list[SubscriptionTopicPartition] = field(array_of(SubscriptionTopicPartition), "1+")
    generation_id: int = field("int32", "2+", default=-1)
    rack_id: str | None = field("string", "3+", nullable="3+", default=None)


@struct
class AssignmentTopicPartition:
    """One item of `ConsumerProtocolAssignment.assigned_partitions`."""

    topic: str = field("string")
    partitions: list[int] = field(array_of("int32"))


@message(versions="0-3")
class ConsumerProtocolAssignment:
    """The partitions the leader gave a member."""

    assigned_partitions: list[AssignmentTopicPartition] = field(array_of(AssignmentTopicPartition))
    user_data: bytes | None = field("bytes", nullable="0+", default=None)
