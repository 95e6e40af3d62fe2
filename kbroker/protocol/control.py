"""Control records: the markers that end a producer's transaction in a partition (KIP-98)."""

from enum import IntEnum
from struct import Struct
from typing import Final

from kbroker.protocol.errors import ProtocolError
from kbroker.protocol.record import Record, encode_batch

_KEY: Final = Struct(">hh")  # version, type
_END_TXN: Final = Struct(">hi")  # version, coordinator epoch


class ControlType(IntEnum):
    """What a control record says. Types above COMMIT belong to the controller's own log."""

    ABORT = 0
    COMMIT = 1


def encode_end_txn(
    kind: ControlType,
    *,
    producer_id: int,
    producer_epoch: int,
    coordinator_epoch: int,
    timestamp: int,
    base_offset: int = 0,
    leader_epoch: int = -1,
) -> bytearray:
    """Encode the batch of one end-of-transaction marker."""
    record = Record(base_offset, timestamp, _KEY.pack(0, kind), _END_TXN.pack(0, coordinator_epoch))
    return encode_batch(
        [record],
        leader_epoch=leader_epoch,
        producer_id=producer_id,
        producer_epoch=producer_epoch,
        transactional=True,
        control=True,
    )


def control_type(record: Record) -> int:
    """Return the type of a control record: a `ControlType`, or a later one. Raises ProtocolError."""
    if record.key is None or len(record.key) < _KEY.size:
        raise ProtocolError("control record without a type")
    kind: int = _KEY.unpack_from(record.key)[1]
    return kind


def coordinator_epoch(record: Record) -> int:
    """Return the coordinator epoch of an end-of-transaction marker. Raises ProtocolError."""
    if record.value is None or len(record.value) < _END_TXN.size:
        raise ProtocolError("end-of-transaction marker without a coordinator epoch")
    epoch: int = _END_TXN.unpack_from(record.value)[1]
    return epoch
