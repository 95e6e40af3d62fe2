"""Records of the topic `__transaction_state`: how Kafka stores transactions.

On disk an int16 version stands before each.
"""

from kbroker.protocol.schema import array_of, field, message, struct


@message(versions="0")
class TransactionLogKey:
    """Key of a transaction."""

    transactional_id: str = field("string")


@struct
class PartitionsSchema:
    """One item of `TransactionLogValue.transaction_partitions`."""

    topic: str = field("string")
    partition_ids: list[int] = field(array_of("int32"))


@message(versions="0-1", flexible="1+")
class TransactionLogValue:
    """A transaction as of its last transition."""

    producer_id: int = field("int64")
    previous_producer_id: int = field("int64", "1+", tag=0, default=-1)
    next_producer_id: int = field("int64", "1+", tag=1, default=-1)
    producer_epoch: int = field("int16")
    next_producer_epoch: int = field("int16", "1+", tag=3, default=-1)
    transaction_timeout_ms: int = field("int32")
    transaction_status: int = field("int8")
    transaction_partitions: list[PartitionsSchema] | None = field(array_of(PartitionsSchema), nullable="0+")
    transaction_last_update_timestamp_ms: int = field("int64")
    transaction_start_timestamp_ms: int = field("int64")
    client_transaction_version: int = field("int16", "1+", tag=2)
