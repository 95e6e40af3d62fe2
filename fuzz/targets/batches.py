"""Record batches: what each kind of topic makes of what a client produces, and what can be read of it afterwards."""

from collections.abc import Iterator

from fixtures import outcome
from fixtures.batches import NOW_MS, repaired, valid_batches

from kbroker.config.topic import TopicConfig, with_overrides
from kbroker.protocol.batch import has_valid_crc, iter_batches, parse_header
from kbroker.protocol.errors import KafkaError, ProtocolError
from kbroker.protocol.record import records_of
from kbroker.state.record_validation import admit

_MOST_UNPACKED = 1 << 20
_TOPICS = [
    with_overrides(TopicConfig(), overrides)
    for overrides in (
        {},
        {"cleanup.policy": "compact"},
        *({"compression.type": name} for name in ("gzip", "snappy", "lz4", "zstd", "uncompressed")),
        {"message.timestamp.type": "LogAppendTime"},
        {"message.timestamp.type": "LogAppendTime", "compression.type": "lz4", "cleanup.policy": "compact"},
        {"message.timestamp.before.max.ms": "86400000"},
    )
]
_DECODED = {index for index, topic in enumerate(_TOPICS) if topic != _TOPICS[0] and index != 7}


def check(data: bytes) -> None:
    """A batch is refused with a KafkaError, or what is stored is one whole batch whose records can be read."""
    kind, how, batch = data[:1], (data[1:2] or b"\0")[0], data[2:]
    index = (kind or b"\0")[0] % len(_TOPICS)
    records = repaired(batch, how)
    try:
        stored, header, _ = admit(memoryview(records), _TOPICS[index], NOW_MS, zstd=not how & 8)
    except KafkaError as error:
        outcome.note(index, error.code, (error.message or "").split("d")[0][:20])
        return
    assert parse_header(stored) == header, "the header is not that of the batch"
    assert has_valid_crc(stored), "the batch that is stored does not match its CRC"
    assert [len(each) for _, each in iter_batches(stored)] == [len(stored)], "it is not one whole batch"
    read = 0
    try:
        for record in records_of(stored, _MOST_UNPACKED):
            # As in Apache Kafka, what deltas there are in records that aren't compressed is looked at by nobody.
            within = header.base_offset <= record.offset <= header.last_offset
            assert within or index not in _DECODED or not header.codec, "an offset outside of the batch"
            read += 1
    except (ProtocolError, KafkaError) as error:
        assert index not in _DECODED or "more than" in str(error), f"accepted, but can't be read: {error}"
        outcome.note(index, "unreadable")
    else:
        assert read == header.record_count, "another number of records than the header says"
        outcome.note(index, "accepted", header.codec, min(read, 4))


def seeds() -> Iterator[bytes]:
    """Every kind of batch to every kind of topic, with what is outside of the CRC, and inside, made right again."""
    for batch in valid_batches():
        for index in range(len(_TOPICS)):
            yield bytes((index, 7)) + batch
        yield b"\0\0" + batch
