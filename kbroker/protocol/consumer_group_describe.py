"""ConsumerGroupDescribe (key 69): groups of the consumer rebalance protocol and their members (KIP-848)."""

from kbroker.protocol.schema import array_of, field, message, struct


@message(key=69, versions="0-1", flexible="0+")
class ConsumerGroupDescribeRequest:
    """What the client asks."""

    group_ids: list[str] = field(array_of("string"))
    include_authorized_operations: bool = field("bool")


@struct
class TopicPartitions:
    """One item of `Assignment.topic_partitions`."""

    topic_id: bytes = field("uuid")
    topic_name: str = field("string")
    partitions: list[int] = field(array_of("int32"))


@struct
class Assignment:
    """What `Member.assignment` and `Member.target_assignment` hold."""

    topic_partitions: list[TopicPartitions] = field(array_of(TopicPartitions))


@struct
class Member:
    """One item of `DescribedGroup.members`."""

    member_id: str = field("string")
    instance_id: str | None = field("string", nullable="0+", default=None)
    rack_id: str | None = field("string", nullable="0+", default=None)
    member_epoch: int = field("int32")
    client_id: str = field("string")
    client_host: str = field("string")
    subscribed_topic_names: list[str] = field(array_of("string"))
    subscribed_topic_regex: str | None = field("string", nullable="0+", default=None)
    assignment: Assignment = field(Assignment)
    target_assignment: Assignment = field(Assignment)
    member_type: int = field("int8", "1+", default=-1)


@struct
class DescribedGroup:
    """One item of `ConsumerGroupDescribeResponse.groups`."""

    error_code: int = field("int16")
    error_message: str | None = field("string", nullable="0+", default=None)
    group_id: str = field("string")
    group_state: str = field("string")
    group_epoch: int = field("int32")
    assignment_epoch: int = field("int32")
    assignor_name: str = field("string")
    members: list[Member] = field(array_of(Member))
    authorized_operations: int = field("int32", default=-2147483648)


@message(key=69, versions="0-1", flexible="0+")
class ConsumerGroupDescribeResponse:
    """What the broker answers."""

    throttle_time_ms: int = field("int32")
    groups: list[DescribedGroup] = field(array_of(DescribedGroup))
