"""From a frame to its handler and back."""

from collections.abc import AsyncIterator
from pathlib import Path
from struct import pack, unpack

import pytest

from kbroker.broker.context import Connection, Endpoint
from kbroker.config.broker_config import BrokerConfig
from kbroker.dispatch import Dispatcher
from kbroker.embedded import open_broker
from kbroker.errors import RequestRefusedError
from kbroker.protocol.errors import ProtocolError


@pytest.fixture
async def dispatcher(tmp_path: Path) -> AsyncIterator[Dispatcher]:
    async with open_broker(BrokerConfig.of(), tmp_path) as broker:
        yield Dispatcher(broker)


async def before_wait() -> None:
    pass


async def handle(
    dispatcher: Dispatcher, key: int, version: int, body: bytes = b"", correlation_id: int = 5
) -> bytes:
    frame = bytearray(pack(">hhih", key, version, correlation_id, -1) + body)
    connection = Connection(1, "PLAINTEXT", Endpoint("localhost", 9092), "127.0.0.1")
    answer = await dispatcher.handle(memoryview(frame), connection, before_wait)
    assert answer is not None
    return b"".join(answer)


async def test_an_answer_carries_its_size_and_the_correlation_id(dispatcher: Dispatcher) -> None:
    for _ in range(2):  # the second time by the route that the first one made
        answer = await handle(dispatcher, 18, 0, correlation_id=77)
        size, correlation_id, error = unpack(">iih", answer[:10])
        assert (size, correlation_id, error) == (len(answer) - 4, 77, 0)


async def test_flexible_answers_have_tags_in_their_header_but_not_api_versions(
    dispatcher: Dispatcher,
) -> None:
    api_versions = await handle(dispatcher, 18, 3, b"\0" + b"\x02c" + b"\x021" + b"\0")
    assert unpack(">h", api_versions[8:10]) == (0,)
    heartbeat = await handle(dispatcher, 12, 4, b"\0" + b"\2g" + pack(">i", 1) + b"\2m" + b"\0" + b"\0")
    assert heartbeat[8:9] == b"\0"
    assert unpack(">ih", heartbeat[9:15]) == (0, 25)


@pytest.mark.parametrize(("key", "version"), [(999, 0), (3, 99), (3, -1), (0, 2), (1, 3), (68, 0), (-1, 0)])
async def test_what_is_not_served_is_refused(dispatcher: Dispatcher, key: int, version: int) -> None:
    with pytest.raises(RequestRefusedError):
        await handle(dispatcher, key, version, b"\0")


async def test_api_versions_of_any_version_is_answered(dispatcher: Dispatcher) -> None:
    for version in (5, 99, 32767):
        answer = await handle(dispatcher, 18, version, b"\0")
        assert unpack(">h", answer[8:10]) == (35,)


async def test_a_name_that_gets_too_long_in_its_answer_ends_the_connection(dispatcher: Dispatcher) -> None:
    """Each byte that is no UTF-8 comes back as three; Apache Kafka can't write such an answer either."""
    name = b"\xff" * 12_000
    with pytest.raises(RequestRefusedError, match="the answer to its Metadata has a string of 36000 bytes"):
        await handle(dispatcher, 3, 1, pack(">ih", 1, len(name)) + name)


async def test_a_malformed_request_is_a_protocol_error(dispatcher: Dispatcher) -> None:
    with pytest.raises(ProtocolError):
        await handle(dispatcher, 3, 1, b"\0\0")
    with pytest.raises(ProtocolError):
        await dispatcher.handle(
            memoryview(bytearray(b"\0")), Connection(1, "", Endpoint("", 0), ""), before_wait
        )
