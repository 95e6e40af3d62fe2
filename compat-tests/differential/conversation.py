"""One scenario's run against one broker: asks, remembers the normalised answers, names topics and groups."""

import time
from collections.abc import Callable
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from differential.client import Connection, Nothing
from differential.normalise import Symbols, plain, plain_token
from kbroker.protocol import schema
from kbroker.protocol.api_versions import ApiVersionsRequest, ApiVersionsResponse
from kbroker.protocol.create_topics import CreateTopicsRequest
from kbroker.protocol.delete_topics import DeleteTopicsRequest
from kbroker.protocol.fields import message_spec
from kbroker.protocol.list_offsets import ListOffsetsRequest
from kbroker.protocol.metadata import MetadataRequest
from kbroker.protocol.produce import ProduceRequest

Step = dict[str, Any]
UNKNOWN_TOPIC = 3
LOOPBACK = "127.0.0.1"
PATIENCE = 5.0  # seconds until a request counts as not answered, or a change as not happening


def build(cls: type, fields: dict[str, Any]) -> Any:
    """A message from plain data: a dict becomes the struct that its field declares, as does each dict in a list."""
    hints = get_type_hints(cls)
    return cls(**{name: _struct(hints.get(name), value) for name, value in fields.items()})


def _struct(hint: Any, value: Any) -> Any:
    if isinstance(value, list):
        return [_struct(_inner(hint), each) for each in value]
    return build(_inner(hint), value) if isinstance(value, dict) else value


def _inner(hint: Any) -> Any:
    """The struct inside `list[X]`, `X | None` or both."""
    while (origin := get_origin(hint)) is not None:
        options = [each for each in get_args(hint) if each is not type(None)]
        hint = options[0] if origin in (list, Union, UnionType) else None
    return hint


class Conversation:
    """One run of a scenario in one version."""

    def __init__(self, port: int, name: str, version: int) -> None:
        self.version = version
        self.steps: list[Step] = []
        self.symbols = Symbols(name)
        self._port = port
        self._name = name
        self._clients: list[Client] = []
        self._topic_ids: dict[str, bytes] = {}
        self.first = self.client()
        self._at: dict[str, Client] = {LOOPBACK: self.first}

    def client(self, address: str = LOOPBACK) -> "Client":
        """One more connection, from a loopback address."""
        self._clients.append(Client(self, self._port, address))
        return self._clients[-1]

    def at(self, address: str) -> "Client":
        """The connection that comes from this address."""
        if address not in self._at:
            self._at[address] = self.client(address)
        return self._at[address]

    def name(self, suffix: str = "", prefix: str = "") -> str:
        """A topic's or group's name that no other run uses."""
        return prefix + (f"{self._name}-{suffix}" if suffix else self._name)

    def ask(self, label: str, request: type, **fields: Any) -> Any:
        """Ask on the first connection: see Client.ask."""
        return self.first.ask(label, request, **fields)

    def topic(self, suffix: str = "", partitions: int = 1, prefix: str = "", **configs: str) -> str:
        """Create a topic, wait until it can be used and return its name; none of it is recorded."""
        name = self.name(suffix, prefix)
        self._topic_ids.pop(name, None)
        given = {"retention_ms": "-1", **configs}  # the scenarios' timestamps are old
        self.first.quietly(
            CreateTopicsRequest,
            4,
            topics=[
                {
                    "name": name,
                    "num_partitions": partitions,
                    "replication_factor": 1,
                    "configs": [
                        {"name": key.replace("_", "."), "value": value} for key, value in given.items()
                    ],
                }
            ],
            timeout_ms=10_000,
        )
        self.usable(name, partitions)
        return name

    def delete(self, topic: str) -> None:
        """Delete a topic and wait until it is gone; none of it is recorded."""
        self.first.quietly(DeleteTopicsRequest, 4, topic_names=[topic], timeout_ms=10_000)
        self.metadata(topic, lambda answer: answer.topics[0].error_code == UNKNOWN_TOPIC)
        self._topic_ids.pop(topic, None)

    def usable(self, name: str, partitions: int) -> None:
        """Wait until every partition of a topic can be written and read; Metadata shows it a little earlier."""
        self.metadata(name, lambda answer: ready(answer, partitions))
        parts = [{"partition_index": index, "timestamp": -1} for index in range(partitions)]
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            answer = self.first.quietly(ListOffsetsRequest, 5, topics=[{"name": name, "partitions": parts}])
            if not any(each.error_code for each in answer.topics[0].partitions):
                return
            time.sleep(0.005)

    def topic_id(self, name: str) -> bytes:
        """The id of a topic."""
        if name not in self._topic_ids:
            answer = self.metadata(name, lambda answer: answer.topics[0].error_code == 0)
            self._topic_ids[name] = answer.topics[0].topic_id
        return self._topic_ids[name]

    def called(self, topic: str, *, ids_from: int, name_field: str = "name") -> dict[str, Any]:
        """The field by which a request of this version says which topic it means."""
        return {"topic_id": self.topic_id(topic)} if self.version >= ids_from else {name_field: topic}

    def fill(self, topic: str, records: bytes, partition: int = 0) -> None:
        """Store a batch, unrecorded."""
        parts = [{"index": partition, "records": records}]
        answer = self.first.quietly(
            ProduceRequest, 9, acks=-1, timeout_ms=5000, topic_data=[{"name": topic, "partition_data": parts}]
        )
        assert answer.responses[0].partition_responses[0].error_code == 0

    def metadata(self, name: str, until: Callable[[Any], bool]) -> Any:
        """Ask for one topic, unrecorded, until the answer is as wanted."""
        deadline = time.monotonic() + PATIENCE
        while True:
            answer = self.first.quietly(
                MetadataRequest, 12, topics=[{"name": name}], allow_auto_topic_creation=False
            )
            if until(answer) or time.monotonic() > deadline:
                return answer
            time.sleep(0.005)

    def close(self) -> None:
        """Close all connections."""
        for each in self._clients:
            each.hang_up()


def ready(answer: Any, partitions: int) -> bool:
    """Whether a Metadata answer about one topic shows that many partitions, each with a leader."""
    topic = answer.topics[0]
    return len(topic.partitions) == partitions and not any(each.error_code for each in topic.partitions)


class Waiting:
    """A request whose answer has not been read yet."""

    def __init__(self, client: "Client", step: Step, request: Any, version: int, correlation: int) -> None:
        self._client = client
        self._step = step
        self._request = request
        self._version = version
        self._correlation = correlation

    def answer(self, timeout: float = PATIENCE, only: Callable[[Any], None] | None = None) -> Any:
        """Wait for the answer, record it and return it; if none comes, a response that has all defaults."""
        outcome, response = self._client.read(self._request, self._version, self._correlation, timeout)
        if only:
            only(response)
        symbols = self._client.conversation.symbols
        self._step["answer"] = outcome.value if outcome else plain(response, symbols)
        self._client.conversation.steps.append(self._step)
        return response


class Client:
    """One connection of a conversation; after the broker closed it, the next request opens a new one."""

    def __init__(self, conversation: Conversation, port: int, address: str = LOOPBACK) -> None:
        self.conversation = conversation
        self._port = port
        self._address = address
        self._connection: Connection | None = None

    def send(self, label: str, request: type, *, version: int | None = None, **fields: Any) -> Waiting:
        """Send a request and return what its answer can be read from; its step is recorded then."""
        name = request.__name__.removesuffix("Request")
        step: Step = {"step": label, "request": name if version is None else f"{name} v{version}"}
        version = self.conversation.version if version is None else version
        message = build(request, fields)
        step["fields"] = plain(message, self.conversation.symbols)
        return Waiting(self, step, request, version, self._send(message, version))

    def ask(
        self,
        label: str,
        request: type,
        *,
        version: int | None = None,
        until: Callable[[Any], bool] | None = None,
        only: Callable[[Any], None] | None = None,
        timeout: float = PATIENCE,
        **fields: Any,
    ) -> Any:
        """Send a request, record its answer as a step and return it.

        The request's fields are keywords, its structs plain dicts. With `until` the request is repeated until the
        answer is as wanted or patience ends, and only the last answer is recorded. `only` takes out of a response what
        belongs to other conversations, before it is recorded. A request that is not answered
        gives a response with all fields at their defaults.
        """
        deadline = time.monotonic() + PATIENCE
        while True:
            response = self.send(label, request, version=version, **fields).answer(timeout, only)
            if self.conversation.steps[-1]["answer"] == Nothing.NO_ANSWER.value:
                self.hang_up()  # an answer that comes later must not be taken for the next one's
            if until is None or until(response) or time.monotonic() > deadline:
                return response
            self.conversation.steps.pop()
            time.sleep(0.01)

    def tell(self, label: str, request: type, *, version: int | None = None, **fields: Any) -> None:
        """Send a request that should not be answered: the next request's answer, coming first, shows it."""
        waiting = self.send(label, request, version=version, **fields)
        after = self._send(ApiVersionsRequest(), 0)
        self._open().receive(after, PATIENCE)
        waiting.answer(timeout=0.001)

    def ask_raw(self, label: str, key: int, version: int, body: bytes, *, flexible: bool = False) -> None:
        """Send a request that no message class can express; of an answer, only that there was one is recorded."""
        connection = self._open()
        self._raw_answer(
            label, f"key {key}", connection, connection.send(key, version, body, flexible=flexible)
        )

    def ask_frame(self, label: str, data: bytes) -> None:
        """Send bytes, those of a request with correlation id 7 or no request at all, on a new connection."""
        self.hang_up()
        connection = self._open()
        connection.send_raw(data)
        self._raw_answer(label, "bytes", connection, 7)

    def _raw_answer(self, label: str, request: str, connection: Connection, correlation: int) -> None:
        frame = connection.receive(correlation, PATIENCE)
        answer = frame.value if isinstance(frame, Nothing) else "answered"
        self.conversation.steps.append({"step": label, "request": request, "answer": answer})
        if isinstance(frame, Nothing):
            self.hang_up()

    def ask_bare(self, label: str, data: bytes) -> bytes:
        """Send a frame that is no request, a SASL token; the frame that answers it is returned and recorded."""
        connection = self._open()
        connection.send_raw(len(data).to_bytes(4, "big") + data)
        frame = connection.receive_bare()
        came = not isinstance(frame, Nothing)
        answer = plain_token(frame) if came else frame.value
        self.conversation.steps.append({"step": label, "request": "a bare token", "answer": answer})
        if not came:
            self.hang_up()
        return frame if came else b""

    def ask_error(self, label: str, key: int, version: int, body: bytes, *, flexible: bool) -> None:
        """Send ApiVersions in a version that does not exist; the answer has the form of version 0 (KIP-511)."""
        frame = self._open().receive(self._open().send(key, version, body, flexible=flexible), PATIENCE)
        answer: Any = frame.value if isinstance(frame, Nothing) else None
        if not isinstance(frame, Nothing):
            answer = plain(schema.reader(ApiVersionsResponse, 0)(frame), self.conversation.symbols)
        self.conversation.steps.append({"step": label, "request": f"key {key}", "answer": answer})
        self.hang_up()

    def quietly(self, request: type, version: int, **fields: Any) -> Any:
        """Send a request and return its answer, without recording a step."""
        correlation = self._send(build(request, fields), version)
        outcome, response = self.read(request, version, correlation, PATIENCE)
        if outcome:
            raise ConnectionError(f"{request.__name__} v{version}: {outcome.value}")
        return response

    def read(
        self, request: type, version: int, correlation: int, timeout: float
    ) -> tuple[Nothing | None, Any]:
        """The answer to a request that was sent; or what came instead, and an empty response."""
        response = response_class(request)
        frame = self._open().receive(correlation, timeout)
        if isinstance(frame, Nothing):
            if frame is Nothing.CLOSED:
                self.hang_up()
            return frame, response()
        tagged = version in message_spec(response).flexible and request is not ApiVersionsRequest  # KIP-511
        return None, schema.reader(response, version)(frame, 1 if tagged else 0)

    def hang_up(self) -> None:
        """Close the connection; the next request opens another."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _send(self, message: Any, version: int) -> int:
        request = type(message)
        spec = message_spec(request)
        assert spec.key is not None
        body = b"".join(schema.writer(request, version)(message))
        return self._open().send(spec.key, version, body, flexible=version in spec.flexible)

    def _open(self) -> Connection:
        if self._connection is None:
            self._connection = Connection(self._port, PATIENCE, self._address)
        return self._connection


def response_class(request: type) -> type:
    """The class of the answers to a request."""
    module = __import__(request.__module__, fromlist=["*"])
    found: type = getattr(module, request.__name__.removesuffix("Request") + "Response")
    return found
