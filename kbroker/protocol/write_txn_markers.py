"""WriteTxnMarkers (key 27): the transaction coordinator tells partition leaders how transactions ended."""

from kbroker.protocol.schema import array_of, field, message, struct


@struct
class WritableTxnMarkerTopic:
    """One item of `WritableTxnMarker.topics`."""

    name: str = field("string")
    partition_indexes: list[int] = field(array_of("int32"))


@struct
class WritableTxnMarker:
    """One item of `WriteTxnMarkersRequest.markers`."""

    producer_id: int = field("int64")
    producer_epoch: int = field("int16")
    transaction_result: bool = field("bool")
    topics: list[WritableTxnMarkerTopic] = field(array_of(WritableTxnMarkerTopic))
    coordinator_epoch: int = field("int32")
    transaction_version: int = field("int8", "2+")


@message(key=27, versions="1-2", flexible="1+")
class WriteTxnMarkersRequest:
    """What the client asks."""

    markers: list[WritableTxnMarker] = field(array_of(WritableTxnMarker))


@struct
class WritableTxnMarkerPartitionResult:
    """One item of `WritableTxnMarkerTopicResult.partitions`."""

    partition_index: int = field("int32")
    error_code: int = field("int16")


@struct
class WritableTxnMarkerTopicResult:
    """One item of `WritableTxnMarkerResult.topics`."""

    name: str = field("string")
    partitions: list[WritableTxnMarkerPartitionResult] = field(array_of(WritableTxnMarkerPartitionResult))


@struct
class WritableTxnMarkerResult:
    """One item of `WriteTxnMarkersResponse.markers`."""

    producer_id: int = field("int64")
    topics: list[WritableTxnMarkerTopicResult] = field(array_of(WritableTxnMarkerTopicResult))


@message(key=27, versions="1-2", flexible="1+")
class WriteTxnMarkersResponse:
    """What the broker answers."""

    markers: list[WritableTxnMarkerResult] = field(array_of(WritableTxnMarkerResult))
