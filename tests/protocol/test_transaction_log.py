"""kbroker/protocol/transaction_log.py: against records that Apache Kafka 4.3.1 wrote."""

from kbroker.protocol.schema import reader, writer
from kbroker.protocol.transaction_log import PartitionsSchema, TransactionLogKey, TransactionLogValue

KEY = bytes.fromhex("0002 7478")
VALUE_1 = bytes.fromhex(
    "0000000000000007 0003 0000ea60 02 02 0274 02 00000000 00 00000000000007d0 00000000000003e8"
    "03 00 08 0000000000000006 01 08 0000000000000008 02 02 0002"
)


def test_key() -> None:
    assert reader(TransactionLogKey, 0)(KEY) == TransactionLogKey("tx")
    assert b"".join(writer(TransactionLogKey, 0)(TransactionLogKey("tx"))) == KEY


def test_value() -> None:
    value = reader(TransactionLogValue, 1)(VALUE_1)
    assert value == TransactionLogValue(
        producer_id=7,
        previous_producer_id=6,
        next_producer_id=8,
        producer_epoch=3,
        transaction_timeout_ms=60_000,
        transaction_status=2,
        transaction_partitions=[PartitionsSchema("t", [0])],
        transaction_last_update_timestamp_ms=2000,
        transaction_start_timestamp_ms=1000,
        client_transaction_version=2,
    )
    assert b"".join(writer(TransactionLogValue, 1)(value)) == VALUE_1
