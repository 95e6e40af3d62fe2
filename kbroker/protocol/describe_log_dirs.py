"""DescribeLogDirs (key 35): log directories of a broker and the space partitions take in them (KIP-113)."""

from kbroker.protocol.schema import array_of, field, message, struct


@struct
class DescribableLogDirTopic:
    """One item of `DescribeLogDirsRequest.topics`."""

    topic: str = field("string")
    partitions: list[int] = field(array_of("int32"))


@message(key=35, versions="1-5", flexible="2+")
class DescribeLogDirsRequest:
    """What the client asks."""

    topics: list[DescribableLogDirTopic] | None = field(array_of(DescribableLogDirTopic), nullable="0+")


@struct
class DescribeLogDirsPartition:
    """One item of `DescribeLogDirsTopic.partitions`."""

    partition_index: int = field("int32")
    partition_size: int = field("int64")
    offset_lag: int = field("int64")
    is_future_key: bool = field("bool")


@struct
class DescribeLogDirsTopic:
    """One item of `DescribeLogDirsResult.topics`."""

    name: str = field("string")
    partitions: list[DescribeLogDirsPartition] = field(array_of(DescribeLogDirsPartition))


@struct
class DescribeLogDirsResult:
    """One item of `DescribeLogDirsResponse.results`."""

    error_code: int = field("int16")
    log_dir: str = field("string")
    topics: list[DescribeLogDirsTopic] = field(array_of(DescribeLogDirsTopic))
    total_bytes: int = field("int64", "4+", default=-1)
    usable_bytes: int = field("int64", "4+", default=-1)
    is_cordoned: bool = field("bool", "5+")


@message(key=35, versions="1-5", flexible="2+")
class DescribeLogDirsResponse:
    """What the broker answers."""

    throttle_time_ms: int = field("int32")
    error_code: int = field("int16", "3+")
    results: list[DescribeLogDirsResult] = field(array_of(DescribeLogDirsResult))
