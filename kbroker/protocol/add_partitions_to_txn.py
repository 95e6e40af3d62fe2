"""AddPartitionsToTxn (key 24): enlist partitions in a transaction.

Versions 4 and later carry several transactions; only brokers send them (KIP-890).
"""

from kbroker.protocol.schema import array_of, field, message, struct


@struct
class AddPartitionsToTxnTopic:
    """One item of a transaction's `topics`, or of `AddPartitionsToTxnRequest.v3_and_below_topics`."""

    name: str = field("string")
    partitions: list[int] = field(array_of("int32"))


@struct
class AddPartitionsToTxnTransaction:
    """One item of `AddPartitionsToTxnRequest.transactions`."""

    transactional_id: str = field("string", "4+")
    producer_id: int = field("int64", "4+")
    producer_epoch: int = field("int16", "4+")
    verify_only: bool = field("bool", "4+")
    topics: list[AddPartitionsToTxnTopic] = field(array_of(AddPartitionsToTxnTopic), "4+")


@message(key=24, versions="0-5", flexible="3+")
class AddPartitionsToTxnRequest:
    """What the client asks."""

    transactions: list[AddPartitionsToTxnTransaction] = field(array_of(AddPartitionsToTxnTransaction), "4+")
    v3_and_below_transactional_id: str = field("string", "0-3")
    v3_and_below_producer_id: int = field("int64", "0-3")
    v3_and_below_producer_epoch: int = field("int16", "0-3")
    v3_and_below_topics: list[AddPartitionsToTxnTopic] = field(array_of(AddPartitionsToTxnTopic), "0-3")


@struct
class AddPartitionsToTxnPartitionResult:
    """One item of `AddPartitionsToTxnTopicResult.results_by_partition`."""

    partition_index: int = field("int32")
    partition_error_code: int = field("int16")


@struct
class AddPartitionsToTxnTopicResult:
    """One item of a result's `topic_results`, or of the response's `results_by_topic_v3_and_below`."""

    name: str = field("string")
    results_by_partition: list[AddPartitionsToTxnPartitionResult] = field(
        array_of(AddPartitionsToTxnPartitionResult)
    )


@struct
class AddPartitionsToTxnResult:
    """One item of `AddPartitionsToTxnResponse.results_by_transaction`."""

    transactional_id: str = field("string", "4+")
    topic_results: list[AddPartitionsToTxnTopicResult] = field(array_of(AddPartitionsToTxnTopicResult), "4+")


@message(key=24, versions="0-5", flexible="3+")
class AddPartitionsToTxnResponse:
    """What the broker answers."""

    throttle_time_ms: int = field("int32")
    error_code: int = field("int16", "4+")
    results_by_transaction: list[AddPartitionsToTxnResult] = field(array_of(AddPartitionsToTxnResult), "4+")
    results_by_topic_v3_and_below: list[AddPartitionsToTxnTopicResult] = field(
        array_of(AddPartitionsToTxnTopicResult), "0-3"
    )
