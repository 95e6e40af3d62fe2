"""The raw client's codec of its own against the broker's."""

import pytest
from histories.identity import IDENTITY, packed
from workloads.raw.records import MOST_PADDING, CorruptError, Session, batch, read

from kbroker.protocol.records import (
    Codec,
    ControlType,
    Record,
    check_produced,
    encode_batch,
    encode_end_txn,
    has_valid_crc,
    records_of,
    set_offset_and_epoch,
)


@pytest.mark.parametrize("padding", [0, 8, MOST_PADDING])
@pytest.mark.parametrize("keys", [0, 7])
@pytest.mark.parametrize("codec", [Codec.NONE, Codec.LZ4])
def test_a_batch_is_read_by_both_codecs(padding: int, keys: int, codec: Codec) -> None:
    data = batch(3, 100, 60, Session(9, 2), 5, keys=keys, padding=padding, codec=codec)
    header = check_produced(data)
    assert (header.producer_id, header.producer_epoch, header.base_sequence) == (9, 2, 5)
    assert has_valid_crc(data)
    records = list(records_of(data))
    identities = [IDENTITY.unpack_from(record.value or b"")[0] for record in records]
    assert identities == [packed(3, number) for number in range(100, 160)]
    expected = [(100 + i) % keys if keys else None for i in range(60)]
    assert [record.key and int.from_bytes(record.key, "big") for record in records] == expected
    assert read(memoryview(data), 0, None) == ([[0, 3, 100, 60]], 60)


def at(offset: int, first: int, count: int, session: Session | None = None) -> bytes:
    data = bytearray(batch(1, first, count, session or Session(), 0))
    set_offset_and_epoch(data, offset, 0)
    return bytes(data)


def test_reading_begins_in_a_batch_and_joins_what_follows() -> None:
    data = at(10, 0, 5) + at(15, 5, 5) + at(20, 50, 1)
    assert read(memoryview(data), 12, None) == ([[12, 1, 2, 8], [20, 1, 50, 1]], 21)


def test_a_batch_that_is_cut_off_is_left() -> None:
    data = at(0, 0, 5) + at(5, 5, 5)[:-1]
    assert read(memoryview(data), 0, None) == ([[0, 1, 0, 5]], 5)


def test_holes_of_compaction_are_gaps() -> None:
    value = [IDENTITY.pack(packed(1, number)) for number in (4, 6)]
    data = encode_batch(
        [Record(4, 0, b"k", value[0]), Record(6, 0, b"k", value[1])], base_offset=0, last_offset=9
    )
    assert read(memoryview(data), 0, None) == ([[4, 1, 4, 1], [6, 1, 6, 1]], 10)


def test_aborted_transactions_are_left_out_until_their_marker() -> None:
    session = Session(9, 0, transactional=True)
    marker = encode_end_txn(
        ControlType.ABORT, producer_id=9, producer_epoch=0, coordinator_epoch=0, timestamp=0
    )
    set_offset_and_epoch(marker, 2, 0)
    data = at(0, 0, 2, session) + bytes(marker) + at(3, 2, 2, session)
    assert read(memoryview(data), 0, [(9, 0)]) == ([[3, 1, 2, 2]], 5)
    assert read(memoryview(data), 0, None) == ([[0, 1, 0, 2], [3, 1, 2, 2]], 5)


def test_damage_is_noticed() -> None:
    data = bytearray(at(0, 0, 5))
    data[-3] ^= 1
    with pytest.raises(CorruptError):
        read(memoryview(data), 0, None)
