"""A transaction as bytes, and back: the record that Kafka keeps in `__transaction_state`."""

import struct

from kbroker.protocol.errors import ProtocolError
from kbroker.protocol.schema import reader, writer
from kbroker.protocol.transaction_log import PartitionsSchema, TransactionLogKey, TransactionLogValue
from kbroker.state.transactions.transaction import StoredState, Transaction, TransactionState

_KEY_VERSION = 0
_OLDEST_VERSION, _NEWEST_VERSION = 0, 1
_VERSION_FIELD = struct.Struct(">h")


def encode_key(transactional_id: str) -> bytes:
    """The key of a transactional id's records."""
    key = writer(TransactionLogKey, _KEY_VERSION)(TransactionLogKey(transactional_id))
    return _VERSION_FIELD.pack(_KEY_VERSION) + b"".join(key)


def encode_transaction(transaction: Transaction, version: int = _NEWEST_VERSION) -> bytes:
    """All but the last producer epoch, which Kafka does not keep either."""
    topics: dict[str, list[int]] = {}
    for topic, partition in sorted(transaction.partitions):
        topics.setdefault(topic, []).append(partition)
    partitions = [PartitionsSchema(topic, indexes) for topic, indexes in topics.items()]
    value = TransactionLogValue(
        producer_id=transaction.producer_id,
        producer_epoch=transaction.producer_epoch,
        transaction_timeout_ms=transaction.timeout_ms,
        transaction_status=transaction.state.stored,
        transaction_partitions=None if transaction.state is TransactionState.EMPTY else partitions,
        transaction_last_update_timestamp_ms=transaction.update_ms,
        transaction_start_timestamp_ms=transaction.start_ms,
    )
    if version > _OLDEST_VERSION:
        value.previous_producer_id = transaction.previous_producer_id
        value.next_producer_id = transaction.next_producer_id
        value.client_transaction_version = transaction.client_version
    return _VERSION_FIELD.pack(version) + b"".join(writer(TransactionLogValue, version)(value))


def decode_transaction(transactional_id: str, state: bytes) -> Transaction:
    """A transaction as it was saved. Raises ProtocolError when the bytes are not what Kafka writes."""
    if len(state) < _VERSION_FIELD.size:
        raise ProtocolError(f"transactional id {transactional_id!r} is stored in {len(state)} bytes, too few")
    (version,) = _VERSION_FIELD.unpack_from(state)
    if not _OLDEST_VERSION <= version <= _NEWEST_VERSION:
        raise ProtocolError(f"transactional id {transactional_id!r} is stored in unknown version {version}")
    value = reader(TransactionLogValue, version)(state, _VERSION_FIELD.size)
    try:
        stored = StoredState(value.transaction_status)
    except ValueError:
        raise ProtocolError(
            f"transactional id {transactional_id!r} has unknown state {value.transaction_status}"
        ) from None
    return Transaction(
        transactional_id,
        producer_id=value.producer_id,
        producer_epoch=value.producer_epoch,
        timeout_ms=value.transaction_timeout_ms,
        state=TransactionState[stored.name],
        partitions=frozenset(
            (topic.topic, index)
            for topic in value.transaction_partitions or ()
            for index in topic.partition_ids
        ),
        start_ms=value.transaction_start_timestamp_ms,
        update_ms=value.transaction_last_update_timestamp_ms,
        previous_producer_id=value.previous_producer_id,
        next_producer_id=value.next_producer_id,
        client_version=value.client_transaction_version,
    )
