"""OffsetFetch (key 9): the offsets that groups have committed, from version 8 on of several groups."""

from kbroker.protocol.schema import array_of, field, message, struct


@struct
class OffsetFetchRequestTopic:
    """One item of `OffsetFetchRequest.topics`."""

    name: str = field("string", "0-7")
    partition_indexes: list[int] = field(array_of("int32"), "0-7")


@struct
class OffsetFetchRequestTopics:
    """One item of `OffsetFetchRequestGroup.topics`."""

    name: str = field("string", "8-9")
    topic_id: bytes = field("uuid", "10+")
    partition_indexes: list[int] = field(array_of("int32"), "8+")


@struct
class OffsetFetchRequestGroup:
    """One item of `OffsetFetchRequest.groups`."""

    group_id: str = field("string", "8+")
    member_id: str | None = field("string", "9+", nullable="9+", default=None)
    member_epoch: int = field("int32", "9+", default=-1)
    topics: list[OffsetFetchRequestTopics] | None = field(
        array_of(OffsetFetchRequestTopics), "8+", nullable="8+"
    )


@message(key=9, versions="1-10", flexible="6+")
class OffsetFetchRequest:
    """What the client asks."""

    group_id: str = field("string", "0-7")
    topics: list[OffsetFetchRequestTopic] | None = field(
        array_of(OffsetFetchRequestTopic), "0-7", nullable="2-7"
    )
    groups: list[OffsetFetchRequestGroup] = field(array_of(OffsetFetchRequestGroup), "8+")
    require_stable: bool = field("bool", "7+")


@struct
class OffsetFetchResponsePartition:
    """One item of `OffsetFetchResponseTopic.partitions`."""

    partition_index: int = field("int32", "0-7")
    committed_offset: int = field("int64", "0-7")
    committed_leader_epoch: int = field("int32", "5-7", default=-1)
    metadata: str | None = field("string", "0-7", nullable="0-7")
    error_code: int = field("int16", "0-7")


@struct
class OffsetFetchResponseTopic:
    """One item of `OffsetFetchResponse.topics`."""

    name: str = field("string", "0-7")
    partitions: list[OffsetFetchResponsePartition] = field(array_of(OffsetFetchResponsePartition), "0-7")


@struct
class OffsetFetchResponsePartitions:
    """One item of `OffsetFetchResponseTopics.partitions`."""

    partition_index: int = field("int32", "8+")
    committed_offset: int = field("int64", "8+")
    committed_leader_epoch: int = field("int32", "8+", default=-1)
    metadata: str | None = field("string", "8+", nullable="8+")
    error_code: int = field("int16", "8+")


@struct
class OffsetFetchResponseTopics:
    """One item of `OffsetFetchResponseGroup.topics`."""

    name: str = field("string", "8-9")
    topic_id: bytes = field("uuid", "10+")
    partitions: list[OffsetFetchResponsePartitions] = field(array_of(OffsetFetchResponsePartitions), "8+")


@struct
class OffsetFetchResponseGroup:
    """One item of `OffsetFetchResponse.groups`."""

    group_id: str = field("string", "8+")
    topics: list[OffsetFetchResponseTopics] = field(array_of(OffsetFetchResponseTopics), "8+")
    error_code: int = field("int16", "8+")


@message(key=9, versions="1-10", flexible="6+")
class OffsetFetchResponse:
    """What the broker answers."""

    throttle_time_ms: int = field("int32", "3+")
    topics: list[OffsetFetchResponseTopic] = field(array_of(OffsetFetchResponseTopic), "0-7")
    error_code: int = field("int16", "2-7")
    groups: list[OffsetFetchResponseGroup] = field(array_of(OffsetFetchResponseGroup), "8+")
