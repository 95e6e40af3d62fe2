from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbroker.state.producers import BATCHES_KEPT, Producer, WrittenBatch
from kbroker.storage.log.producer_snapshot import CorruptSnapshotError, parse, serialize


def producer(*batches: WrittenBatch) -> Producer:
    return Producer(7, 2, 5, 1000, 40, deque(batches, maxlen=BATCHES_KEPT))


def test_snapshot_without_producers_is_ten_bytes() -> None:
    """As Apache Kafka writes it: version 1, the CRC of four zeros, no entries."""
    assert serialize([]) == bytes.fromhex("0001 48674bc7 00000000")
    assert parse(serialize([])) == []


def test_last_batch_of_each_producer_comes_back() -> None:
    last = WrittenBatch(4, 6, 44, 46, 1000)
    (read,) = parse(serialize([producer(WrittenBatch(0, 3, 40, 43, 900), last)]))
    assert read == producer(last)


def test_producer_without_batches_comes_back() -> None:
    """After a marker of a newer epoch nothing is known of its sequences."""
    assert parse(serialize([producer()])) == [producer()]


def test_sequences_that_wrapped_come_back() -> None:
    wrapped = WrittenBatch(2**31 - 2, 1, 10, 13, 1000)
    assert parse(serialize([producer(wrapped)])) == [producer(wrapped)]


@given(st.data())
def test_any_damage_is_seen(data: st.DataObject) -> None:
    content = bytearray(serialize([producer(WrittenBatch(4, 6, 44, 46, 1000))]))
    position = data.draw(st.integers(0, len(content) - 1))
    content[position] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(CorruptSnapshotError):
        parse(bytes(content))


@given(st.integers(0, 55))
def test_any_cut_is_seen(length: int) -> None:
    with pytest.raises(CorruptSnapshotError):
        parse(serialize([producer()])[:length])
