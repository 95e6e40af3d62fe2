"""The least of the Kafka protocol that a loader needs, written out: its requests are bytes made once."""

import socket
import struct
from collections.abc import Iterator, Mapping, Sequence

PRODUCE, FETCH, LIST_OFFSETS, METADATA, API_VERSIONS, CREATE_TOPICS = 0, 1, 2, 3, 18, 19
MSG_TRUNC = socket.MSG_TRUNC
"""On a TCP socket Linux drops what is received with this flag, without a copy."""

BATCH_OVERHEAD, BATCH_COUNT, BATCH_ATTRIBUTES = 12, 57, 21
"""In a record batch: bytes before its length counts; where the number of records and the attributes are."""

LATEST, EARLIEST = -1, -2


def string(text: str) -> bytes:
    """A STRING."""
    raw = text.encode()
    return struct.pack(">h", len(raw)) + raw


def frame(api: int, version: int, body: bytes, correlation: int = 1) -> bytes:
    """A whole request with a header of version 1."""
    rest = struct.pack(">hhi", api, version, correlation) + string("bench") + body
    return struct.pack(">i", len(rest)) + rest


def produce(topic: str, batches: Mapping[int, bytes], acks: int = -1) -> bytes:
    """A Produce request, version 7, with one batch for each partition."""
    data = b"".join(struct.pack(">ii", partition, len(batch)) + batch for partition, batch in batches.items())
    head = struct.pack(">hhi", -1, acks, 30_000) + struct.pack(">i", 1)
    return frame(PRODUCE, 7, head + string(topic) + struct.pack(">i", len(batches)) + data)


def check_produced(answer: bytes, topic: str) -> None:
    """Raise RuntimeError unless every partition of a Produce answer (version 7, without its length) is well."""
    at = 4 + 4 + 2 + len(topic.encode())
    (count,) = struct.unpack_from(">i", answer, at)
    for place in range(at + 4, at + 4 + count * 30, 30):
        partition, error = struct.unpack_from(">ih", answer, place)
        if error:
            raise RuntimeError(f"produce to {topic}-{partition}: error {error}")


def fetch(
    topic: str, offsets: Mapping[int, int], max_wait_ms: int = 500, partition_bytes: int = 1 << 20
) -> bytes:
    """A Fetch request, version 4, with the limits that librdkafka and the Java client have: 50 MiB, 1 MiB."""
    head = struct.pack(">iiiibi", -1, max_wait_ms, 1, 50 << 20, 0, 1)
    wanted = b"".join(struct.pack(">iqi", *each, partition_bytes) for each in offsets.items())
    return frame(FETCH, 4, head + string(topic) + struct.pack(">i", len(offsets)) + wanted)


def create_topics(topics: Mapping[str, int], timeout_ms: int = 120_000) -> bytes:
    """A CreateTopics request, version 2: names and numbers of partitions."""
    each = b"".join(string(n) + struct.pack(">ihii", p, 1, 0, 0) for n, p in topics.items())
    return frame(CREATE_TOPICS, 2, struct.pack(">i", len(topics)) + each + struct.pack(">ib", timeout_ms, 0))


def list_offsets(topic: str, partitions: Sequence[int], when: int = LATEST) -> bytes:
    """A ListOffsets request, version 1."""
    wanted = b"".join(struct.pack(">iq", partition, when) for partition in partitions)
    head = struct.pack(">ii", -1, 1) + string(topic)
    return frame(LIST_OFFSETS, 1, head + struct.pack(">i", len(partitions)) + wanted)


def metadata(topics: Sequence[str]) -> bytes:
    """A Metadata request, version 1."""
    return frame(METADATA, 1, struct.pack(">i", len(topics)) + b"".join(map(string, topics)))


class Answer:
    """A cursor over the body of an answer."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 4  # after the correlation id

    def take(self, form: str) -> tuple[int, ...]:
        """Numbers, as struct has them."""
        at = self._at
        self._at += struct.calcsize(">" + form)
        return struct.unpack_from(">" + form, self._data, at)

    def string(self) -> str | None:
        """A STRING or NULLABLE_STRING."""
        (size,) = self.take("h")
        if size < 0:
            return None
        self._at += size
        return self._data[self._at - size : self._at].decode()

    def raw(self, size: int) -> memoryview:
        """Bytes that are left as they are."""
        self._at += size
        return memoryview(self._data)[self._at - size : self._at]


_DRAIN = bytearray(4 << 20)
"""What recv_into is given to drop into: one for all connections, for nothing is ever written there."""


class Connection:
    """A blocking connection to the loopback address."""

    def __init__(self, port: int, timeout: float | None = 120.0) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, request: bytes) -> None:
        """Send a whole request."""
        self.socket.sendall(request)

    def exactly(self, size: int) -> bytes:
        """Receive as many bytes; EOFError if there are fewer."""
        data = self.socket.recv(size, socket.MSG_WAITALL)
        while len(data) < size:  # a signal, or the end
            more = self.socket.recv(size - len(data), socket.MSG_WAITALL)
            if not more:
                raise EOFError
            data += more
        return data

    def skip(self, size: int) -> None:
        """Drop bytes without looking at them."""
        while size:
            dropped = self.socket.recv_into(_DRAIN, min(size, len(_DRAIN)), MSG_TRUNC)
            if not dropped:
                raise EOFError
            size -= dropped

    def receive(self) -> bytes:
        """The next answer, from its correlation id on."""
        (size,) = struct.unpack(">i", self.exactly(4))
        return self.exactly(size)

    def ask_raw(self, request: bytes) -> bytes:
        """Send a request and receive its answer, from its correlation id on."""
        self.send(request)
        return self.receive()

    def ask(self, request: bytes) -> Answer:
        """Send a request and receive its answer, to be read."""
        return Answer(self.ask_raw(request))

    def receive_lengths(self) -> Iterator[tuple[int, int, int]]:
        """The next Fetch answer: (partition, bytes of records, high watermark), without the records."""
        (size,) = struct.unpack(">i", self.exactly(4))
        head = self.exactly(14)
        topics, name = struct.unpack(">ih", head[8:])
        size -= 14
        if topics:
            count = struct.unpack(">i", self.exactly(name + 4)[name:])[0]
            size -= name + 4
            for _ in range(count):
                partition, error, high, _stable, aborted = struct.unpack(">ihqqi", self.exactly(26))
                if error:
                    raise RuntimeError(f"fetch of partition {partition}: error {error}")
                (length,) = struct.unpack(">i", self.exactly(max(0, aborted) * 16 + 4)[-4:])
                length = max(0, length)
                self.skip(length)
                size -= 30 + max(0, aborted) * 16 + length
                yield partition, length, high
        self.skip(size)

    def close(self) -> None:
        """Close it."""
        self.socket.close()
