"""DescribeTransactions (key 65): state of transactions by transactional id (KIP-664)."""

from kbroker.protocol.schema import array_of, field, message, struct


@message(key=65, versions="0", flexible="0+")
class DescribeTransactionsRequest:
    """What the client asks."""

    transactional_ids: list[str] = field(array_of("string"))


@struct
class TopicData:
    """One item of `TransactionState.topics`."""

    topic: str = field("string")
    partitions: list[int] = field(array_of("int32"))


@struct
class TransactionState:
    """One item of `DescribeTransactionsResponse.transaction_states`."""

    error_code: int = field("int16")
    transactional_id: str = field("string")
    transaction_state: str = field("string")
    transaction_timeout_ms: int = field("int32")
    transaction_start_time_ms: int = field("int64")
    producer_id: int = field("int64")
    producer_epoch: int = field("int16")
    topics: list[TopicData] = field(array_of(TopicData))


@message(key=65, versions="0", flexible="0+")
class DescribeTransactionsResponse:
    """What the broker answers."""

    throttle_time_ms: int = field("int32")
    transaction_states: list[TransactionState] = field(array_of(TransactionState))
