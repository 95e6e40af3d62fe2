"""What is left of one batch."""

import pytest

from kbroker.protocol.errors import ProtocolError
from kbroker.protocol.records import (
    Codec,
    ControlType,
    Record,
    TimestampType,
    control_type,
    encode_batch,
    encode_end_txn,
    has_valid_crc,
    parse_header,
    records_of,
    set_offset_and_epoch,
)
from kbroker.storage.interfaces.logs import Buffer
from kbroker.storage.log.cleaned_transactions import CleanedTransactions
from kbroker.storage.log.compaction import Compaction, LastRecord, keys_of
from kbroker.storage.log.offset_map import OffsetMap

from .compacting import Inline, keyed
from .conftest import NOW_MS, now

END = 100


def compaction(*, producers: dict[int, LastRecord] | None = None, **latest: int) -> Compaction:
    """Of a log that ends at END, in which keys have these latest offsets."""
    offsets = OffsetMap(10_000, END)
    for key, offset in latest.items():
        offsets.put(key.encode(), offset)
    return Compaction(offsets, CleanedTransactions([]), producers or {}, NOW_MS, 1000)


def compact(batch: bytes | bytearray, rules: Compaction) -> Buffer:
    return now(rules.apply(bytes(batch), Inline()))


@pytest.mark.parametrize("codec", Codec)
def test_a_batch_is_packed_again_by_its_own_codec(codec: Codec) -> None:
    left = compact(keyed(("a", "1"), ("b", "x" * 100), codec=codec), compaction(a=50))
    assert parse_header(left).codec == codec
    assert has_valid_crc(left)
    assert [(each.offset, each.key) for each in records_of(left)] == [(1, b"b")]
    assert parse_header(left).last_offset_delta == 1


def test_log_append_time_stays_that_of_all_records() -> None:
    batch = keyed(("a", "1"), ("b", None))
    stamped = encode_batch(list(records_of(batch)), timestamp_type=TimestampType.LOG_APPEND_TIME)
    left = compact(stamped, compaction(a=50))
    assert parse_header(left).timestamp_type is TimestampType.LOG_APPEND_TIME
    assert parse_header(left).delete_horizon_ms == NOW_MS + 1000
    assert [each.timestamp for each in records_of(left)] == [NOW_MS]


def test_a_delete_horizon_once_set_stays() -> None:
    first = compact(keyed(("a", None), ("b", "1")), compaction())
    again = compaction(b=50)
    again.now_ms += 500
    second = compact(bytes(first), again)
    assert parse_header(second).delete_horizon_ms == parse_header(first).delete_horizon_ms == NOW_MS + 1000
    again.now_ms += 500
    assert compact(bytes(second), again) == b""


def test_the_last_batch_compacted_stays_when_empty() -> None:
    """So that the log's end can still be told from its segments."""
    batch = keyed(("a", "1"), ("a", "2"))
    rules = compaction(a=50)
    assert compact(batch, rules) == b""
    rules.latest.end = 2
    left = compact(batch, rules)
    header = parse_header(left)
    assert (header.record_count, header.last_offset, header.size_in_bytes) == (0, 1, 61)
    assert header.max_timestamp == NOW_MS
    assert has_valid_crc(left)
    assert compact(bytes(left), rules) == left


def test_an_empty_batch_goes_when_its_producer_has_gone_on() -> None:
    batch = keyed(("a", "1"), producer_id=7, producer_epoch=0, base_sequence=3, codec=Codec.ZSTD)
    left = compact(batch, compaction(a=50, producers={7: LastRecord(0, 0)}))
    header = parse_header(left)
    assert (header.producer_id, header.base_sequence, header.codec, header.record_count) == (
        7,
        3,
        Codec.NONE,
        0,
    )
    assert compact(bytes(left), compaction(producers={7: LastRecord(60, 0)})) == b""


def test_what_lies_beyond_the_map_is_not_touched() -> None:
    batch = keyed(("a", "1"))
    rules = compaction(a=50)
    rules.latest.end = 0
    assert compact(batch, rules) == batch


def test_damage_is_no_reason_to_make_it_look_sound() -> None:
    batch = keyed(("a", "1"), ("b", "1"))
    batch[-1] ^= 1
    rules = compaction(a=50)
    assert compact(batch, rules) == batch
    assert rules.unreadable == 1


def test_a_batch_of_more_records_than_memory_is_for_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    batch = keyed(("a", "1"), ("b", "1"), ("a", "2"))
    assert parse_header(compact(batch, compaction(a=2))).record_count == 2
    monkeypatch.setattr("kbroker.storage.log.compaction.MOST_RECORDS", 2)
    rules = compaction(a=2)
    assert compact(batch, rules) == batch
    assert rules.unreadable == 1
    with pytest.raises(ProtocolError, match="3 records in a batch"):
        now(keys_of(bytes(batch), Inline()))


@pytest.mark.parametrize("offset", [-5, 7, 2**31 - 1])
def test_a_record_outside_of_its_batch_has_no_say(offset: int) -> None:
    """Nobody looks at the offsets of records that a producer sends uncompressed: later ones of the key are later."""
    batch = bytes(
        encode_batch([Record(0, NOW_MS, b"a", b"1"), Record(offset, NOW_MS, b"b", b"2")], last_offset=1)
    )
    with pytest.raises(ProtocolError):
        now(keys_of(batch, Inline()))
    rules = compaction(a=50)
    assert compact(batch, rules) == batch
    assert rules.unreadable == 1


def test_long_batches_are_read_with_pauses() -> None:
    pauses = []
    keys = now(keys_of(bytes(keyed(*[("k", "v")] * 1000)), Inline(lambda: pauses.append(1))))
    assert len(keys) == 1000
    assert len(pauses) == 7


def marker(kind: ControlType, offset: int = 5) -> bytearray:
    batch = encode_end_txn(kind, producer_id=7, producer_epoch=0, coordinator_epoch=3, timestamp=NOW_MS)
    set_offset_and_epoch(batch, offset, 0)
    return batch


@pytest.mark.parametrize("kind", [ControlType.COMMIT, ControlType.ABORT])
def test_the_marker_of_a_transaction_without_batches_has_a_delete_horizon_like_a_tombstone(
    kind: ControlType,
) -> None:
    rules = compaction()
    kept = compact(marker(kind), rules)
    header = parse_header(kept)
    assert (header.delete_horizon_ms, header.is_control, header.is_transactional) == (
        NOW_MS + 1000,
        True,
        True,
    )
    [record] = records_of(kept)
    assert (control_type(record), record.timestamp, has_valid_crc(kept)) == (kind, NOW_MS, True)
    rules.now_ms += 999
    assert compact(kept, rules) == kept
    rules.now_ms += 1
    assert compact(kept, rules) == b""


def test_a_marker_stays_as_it_is_while_its_transaction_has_batches() -> None:
    transactional = keyed(("a", "1"), producer_id=7, producer_epoch=0, base_sequence=0, transactional=True)
    rules = compaction(a=50)
    assert compact(transactional, rules) == b""
    assert compact(marker(ControlType.COMMIT), rules) == marker(ControlType.COMMIT)
    assert compact(marker(ControlType.COMMIT, 6), rules) != marker(ControlType.COMMIT, 6)


def test_the_last_marker_of_a_producer_that_wrote_nothing_else_leaves_its_epoch() -> None:
    rules = compaction(producers={7: LastRecord(-1, 0)})
    kept = compact(marker(ControlType.COMMIT), rules)
    rules.now_ms += 1000
    left = parse_header(compact(kept, rules))
    assert (left.record_count, left.is_control, left.producer_epoch) == (0, True, 0)
    rules.producers = {7: LastRecord(-1, 1)}
    assert compact(kept, rules) == b""


def test_other_control_batches_stay() -> None:
    other = keyed(("\0\0\0\7", "?"), producer_id=7, producer_epoch=0, base_sequence=-1, control=True)
    assert compact(other, compaction()) == other
