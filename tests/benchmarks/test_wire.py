"""What the loaders write by hand is read by the codec, and the other way round."""

import socket
import struct
from collections.abc import Iterator

import pytest
from bench import wire
from bench.crash import records_in

from kbroker.protocol import create_topics, fetch, list_offsets, metadata, produce
from kbroker.protocol.apis import APIS
from kbroker.protocol.frames import encode_response, parse_request_header
from kbroker.protocol.records import Record, encode_batch
from kbroker.protocol.wire import Buffer


def read(frame: bytes) -> object:
    """The request in a frame."""
    (size,) = struct.unpack_from(">i", frame)
    assert size == len(frame) - 4
    header = parse_request_header(frame[4:])
    assert header.client_id == "bench"
    return APIS[header.api_key].request_reader(header.api_version)(frame[4:], header.body)


def answer(key: int, version: int, message: object) -> bytes:
    return b"".join(bytes(chunk) for chunk in encode_response(APIS[key], version, 1, message))


@pytest.fixture
def peer() -> Iterator[tuple[socket.socket, wire.Connection]]:
    """The broker's end of a connection, and the loader's."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        connection = wire.Connection(server.getsockname()[1], timeout=5)
        accepted, _ = server.accept()
        with accepted:
            yield accepted, connection
        connection.close()


def test_produce_has_a_batch_for_each_partition() -> None:
    asked = read(wire.produce("t", {0: b"abc", 7: b"de"}))
    assert isinstance(asked, produce.ProduceRequest)
    assert (asked.acks, asked.transactional_id) == (-1, None)
    ((name, data),) = [(topic.name, topic.partition_data) for topic in asked.topic_data]
    assert name == "t"
    assert [(each.index, bytes(each.records or b"")) for each in data] == [(0, b"abc"), (7, b"de")]


def test_fetch_has_an_offset_for_each_partition() -> None:
    asked = read(wire.fetch("t", {3: 40, 5: 60}, partition_bytes=1000))
    assert isinstance(asked, fetch.FetchRequest)
    assert (asked.min_bytes, asked.max_wait_ms) == (1, 500)
    assert [(p.partition, p.fetch_offset, p.partition_max_bytes) for p in asked.topics[0].partitions] == [
        (3, 40, 1000),
        (5, 60, 1000),
    ]


def test_the_other_requests_are_what_they_are_called() -> None:
    made = read(wire.create_topics({"a": 2, "b": 3}))
    assert isinstance(made, create_topics.CreateTopicsRequest)
    assert [(t.name, t.num_partitions, t.replication_factor) for t in made.topics] == [
        ("a", 2, 1),
        ("b", 3, 1),
    ]
    ends = read(wire.list_offsets("t", [1, 2]))
    assert isinstance(ends, list_offsets.ListOffsetsRequest)
    assert [(p.partition_index, p.timestamp) for p in ends.topics[0].partitions] == [(1, -1), (2, -1)]
    about = read(wire.metadata(["t", "u"]))
    assert isinstance(about, metadata.MetadataRequest)
    assert [topic.name for topic in about.topics or []] == ["t", "u"]


def test_an_error_of_any_partition_is_seen() -> None:
    def answered(*errors: int) -> bytes:
        each = [produce.PartitionProduceResponse(index=n, error_code=code) for n, code in enumerate(errors)]
        message = produce.ProduceResponse(
            responses=[produce.TopicProduceResponse("t", partition_responses=each)]
        )
        return answer(wire.PRODUCE, 7, message)[4:]

    wire.check_produced(answered(0, 0, 0), "t")
    with pytest.raises(RuntimeError, match="t-2: error 3"):
        wire.check_produced(answered(0, 0, 3), "t")


def fetched(*records: Buffer | None) -> bytes:
    each = [
        fetch.PartitionData(
            n, 0, 100 + n, aborted_transactions=[fetch.AbortedTransaction(1, 2)] * n, records=data
        )
        for n, data in enumerate(records)
    ]
    return answer(
        wire.FETCH, 4, fetch.FetchResponse(responses=[fetch.FetchableTopicResponse("t", partitions=each)])
    )


def test_fetch_answers_are_read_for_their_lengths(peer: tuple[socket.socket, wire.Connection]) -> None:
    broker, connection = peer
    broker.sendall(fetched(bytes(70_000), b"", bytes(5)) + fetched() + fetched(b"abc"))
    assert list(connection.receive_lengths()) == [(0, 70_000, 100), (1, 0, 101), (2, 5, 102)]
    assert list(connection.receive_lengths()) == []
    assert list(connection.receive_lengths()) == [(0, 3, 100)]


def test_a_connection_that_ends_early_is_an_error(peer: tuple[socket.socket, wire.Connection]) -> None:
    broker, connection = peer
    broker.sendall(fetched(bytes(1000))[:-1])
    broker.shutdown(socket.SHUT_WR)
    with pytest.raises(EOFError):
        list(connection.receive_lengths())


def test_records_are_counted_from_batch_headers() -> None:
    whole = bytes(encode_batch([Record(n, 1, None, b"x") for n in range(5)]))
    marker = bytearray(whole)
    marker[wire.BATCH_ATTRIBUTES + 1] |= 0x20
    later = bytearray(whole)
    later[:8] = struct.pack(">q", 40)
    assert records_in(memoryview(b"")) == (0, None)
    assert records_in(memoryview(whole)) == (5, 5)
    assert records_in(memoryview(whole + later + whole[:-1])) == (10, 45)
    assert records_in(memoryview(bytes(marker))) == (0, 5)
