"""DeleteRecords (key 21): move the start of partitions up (KIP-107)."""

from kbroker.protocol.schema import array_of, field, message, struct


@struct
class DeleteRecordsPartition:
    """One item of `DeleteRecordsTopic.partitions`."""

    partition_index: int = field("int32")
    offset: int = field("int64")


@struct
class DeleteRecordsTopic:
    """One item of `DeleteRecordsRequest.topics`."""

    name: str = field("string")
    partitions: list[DeleteRecordsPartition] = field(array_of(DeleteRecordsPartition))


@message(key=21, versions="0-2", flexible="2+")
class DeleteRecordsRequest:
    """What the client asks."""

    topics: list[DeleteRecordsTopic] = field(array_of(DeleteRecordsTopic))
    timeout_ms: int = field("int32")


@struct
class DeleteRecordsPartitionResult:
    """One item of `DeleteRecordsTopicResult.partitions`."""

    partition_index: int = field("int32")
    low_watermark: int = field("int64")
    error_code: int = field("int16")


@struct
class DeleteRecordsTopicResult:
    """One item of `DeleteRecordsResponse.topics`."""

    name: str = field("string")
    partitions: list[DeleteRecordsPartitionResult] = field(array_of(DeleteRecordsPartitionResult))


@message(key=21, versions="0-2", flexible="2+")
class DeleteRecordsResponse:
    """What the broker answers."""

    throttle_time_ms: int = field("int32")
    topics: list[DeleteRecordsTopicResult] = field(array_of(DeleteRecordsTopicResult))
