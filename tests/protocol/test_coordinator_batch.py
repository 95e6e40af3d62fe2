"""kbroker/protocol/coordinator_batch.py"""

import pytest

from kbroker.protocol.coordinator_batch import KeyValue, encode_coordinator_batch
from kbroker.protocol.records import Codec, Record, encode_batch, has_valid_crc, parse_header, records_of

NOW = 1_700_000_000_000
RECORDS: list[KeyValue] = [(b"k", b"v"), (b"gone", None), (b"", b""), (b"large", bytes(5000))]


def as_written_by_hand(**given: int) -> bytearray:
    records = [Record(offset, NOW, key, value) for offset, (key, value) in enumerate(RECORDS)]
    return encode_batch(records, base_sequence=0, **given)  # type: ignore[arg-type]


def test_it_is_the_batch_that_the_general_encoder_makes() -> None:
    batch, _ = encode_coordinator_batch(RECORDS, NOW)
    assert batch == as_written_by_hand()


def test_with_a_producer_it_is_transactional() -> None:
    batch, header = encode_coordinator_batch(RECORDS, NOW, producer_id=7, producer_epoch=3)
    assert batch == as_written_by_hand(producer_id=7, producer_epoch=3, transactional=True)
    assert header.is_transactional


@pytest.mark.parametrize("codec", [Codec.NONE, Codec.GZIP])
def test_the_header_is_the_batches(codec: Codec) -> None:
    batch, header = encode_coordinator_batch(RECORDS, NOW, codec=codec)
    found = parse_header(batch)
    found.crc = 0  # only known when the batch is complete
    assert (found, has_valid_crc(batch)) == (header, True)
    assert [(record.key, record.value) for record in records_of(batch)] == RECORDS
