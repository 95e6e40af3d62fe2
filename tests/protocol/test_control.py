import pytest

from kbroker.protocol.batch import has_valid_crc, parse_header
from kbroker.protocol.control import ControlType, control_type, coordinator_epoch, encode_end_txn
from kbroker.protocol.errors import ProtocolError
from kbroker.protocol.record import Record, records_of


@pytest.mark.parametrize("kind", ControlType)
def test_end_of_transaction_marker(kind: ControlType) -> None:
    batch = encode_end_txn(
        kind,
        producer_id=7,
        producer_epoch=3,
        coordinator_epoch=5,
        timestamp=1000,
        base_offset=42,
        leader_epoch=2,
    )
    header = parse_header(batch)
    assert has_valid_crc(batch)
    assert header.is_control
    assert header.is_transactional
    assert (header.producer_id, header.producer_epoch, header.base_sequence) == (7, 3, -1)
    assert (header.base_offset, header.last_offset, header.partition_leader_epoch) == (42, 42, 2)
    (record,) = records_of(batch)
    assert record == Record(42, 1000, b"\0\0\0" + bytes([kind]), b"\0\0\0\0\0\5")
    assert control_type(record) == kind
    assert coordinator_epoch(record) == 5


@pytest.mark.parametrize("short", [None, b"", b"\0\0\0"])
def test_what_is_no_marker(short: bytes | None) -> None:
    with pytest.raises(ProtocolError):
        control_type(Record(key=short))
    with pytest.raises(ProtocolError):
        coordinator_epoch(Record(value=short))
