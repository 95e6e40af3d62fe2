"""The server over real sockets: limits, advertised addresses, stopping."""

import logging
import socket
import struct
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio
from drive.client import Client, framed
from mix.streams import fetch, produce

from kbroker.broker.context import RequestContext
from kbroker.config.broker_config import BrokerConfig
from kbroker.config.listeners import Listener
from kbroker.config.security_protocol import SecurityProtocol
from kbroker.poller import Poller
from kbroker.protocol.apis import APIS
from kbroker.protocol.fetch import FetchPartition, FetchRequest, FetchResponse, FetchTopic
from kbroker.protocol.metadata import MetadataRequest, MetadataResponse
from kbroker.protocol.records import Record, encode_batch
from kbroker.protocol.schema import reader, writer
from kbroker.server import AUTHENTICATION_S, LARGE_REQUEST_S, STARVED_S, Server, serve
from kbroker.state.quotas.entity import entity_of

FETCH, METADATA = 1, 3


@asynccontextmanager
async def running(data_dir: Path, *hosts: str, **configs: str) -> AsyncIterator[Server]:
    """A server on free ports of the hosts (127.0.0.1); configs with `_` for `.`."""
    config = BrokerConfig.of({name.replace("_", "."): value for name, value in configs.items()})
    listeners = [Listener(f"L{number}", host, 0) for number, host in enumerate(hosts or ("127.0.0.1",))]
    async with trio.open_nursery() as nursery:
        server: Server = await nursery.start(
            lambda task_status: serve(config, data_dir=data_dir, listeners=listeners, task_status=task_status)
        )
        yield server
        server.stop()


async def call(
    stream: trio.SocketStream, key: int, version: int, body: bytes, client_id: bytes = b"test"
) -> bytes:
    """Send a request with a version 1 header, return the answer after its correlation id; empty when cut off."""
    header = struct.pack(">hhih", key, version, 7, len(client_id)) + client_id
    await stream.send_all(struct.pack(">i", len(header) + len(body)) + header + body)
    data = b""
    while len(data) < 4 or len(data) < 4 + struct.unpack(">i", data[:4])[0]:
        more = await stream.receive_some()
        if not more:
            return b""
        data += more
    assert struct.unpack(">i", data[4:8]) == (7,)
    return data[8:]


async def metadata(stream: trio.SocketStream) -> MetadataResponse:
    request = b"".join(writer(MetadataRequest, 1)(MetadataRequest(topics=[])))
    return reader(MetadataResponse, 1)(await call(stream, METADATA, 1, request))


dialled: list[socket.socket] = []


async def dial(server: Server, listener: int = 0) -> trio.SocketStream:
    bound = server.bound[listener]
    dialled.append(socket.create_connection((bound.listener.host, bound.port)))
    return trio.SocketStream(trio.socket.from_stdlib_socket(dialled[-1]))


@pytest.fixture(autouse=True)
def _hang_up() -> Iterator[None]:
    yield
    while dialled:
        dialled.pop().close()


async def gone(stream: trio.SocketStream) -> bool:
    try:
        return await stream.receive_some() == b""
    except trio.BrokenResourceError:
        return True


async def test_each_listener_advertises_the_address_that_was_dialled(tmp_path: Path) -> None:
    async with running(tmp_path, "127.0.0.1", "127.0.0.2") as server:
        for number, host in enumerate(["127.0.0.1", "127.0.0.2"]):
            stream = await dial(server, number)
            broker = (await metadata(stream)).brokers[0]
            assert (broker.host, broker.port) == (host, server.bound[number].port)
            await stream.aclose()


async def test_an_advertised_address_is_answered_on_its_listener_only(tmp_path: Path) -> None:
    config = BrokerConfig.of({})
    listeners = [Listener("IN", "127.0.0.1", 0), Listener("OUT", "127.0.0.1", 0, "kafka.example", 9999)]
    async with trio.open_nursery() as nursery:
        server: Server = await nursery.start(
            lambda task_status: serve(config, data_dir=tmp_path, listeners=listeners, task_status=task_status)
        )
        inside, outside = await dial(server, 0), await dial(server, 1)
        assert (await metadata(inside)).brokers[0].host == "127.0.0.1"
        broker = (await metadata(outside)).brokers[0]
        assert (broker.host, broker.port) == ("kafka.example", 9999)
        server.stop()


async def test_ipv6_clients_are_told_an_ipv6_address(tmp_path: Path) -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("no IPv6 loopback here")
    async with running(tmp_path, "::1") as server:
        assert (await metadata(await dial(server))).brokers[0].host == "::1"


async def test_max_connections_are_served_and_others_wait(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    async with running(tmp_path, max_connections="2") as server:
        first, second, third = await dial(server), await dial(server), await dial(server)
        await metadata(first)
        await metadata(second)
        with trio.move_on_after(5) as waited:
            await metadata(third)
        assert waited.cancelled_caught
        await first.aclose()
        with trio.fail_after(5):
            assert await third.receive_some() != b""  # what it asked before it was accepted is answered
        assert (await metadata(third)).brokers


async def test_a_listener_has_a_max_connections_of_its_own(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    async with running(
        tmp_path, "127.0.0.1", "127.0.0.1", **{"listener.name.l1.max.connections": "1"}
    ) as server:
        for listener in (0, 0, 1):
            await metadata(await dial(server, listener))
        waiting = await dial(server, 1)
        with trio.move_on_after(5) as waited:
            await metadata(waiting)
        assert waited.cancelled_caught
        await server.broker.change_configs("0", lambda _: {"listener.name.l1.max.connections": "2"})
        with trio.fail_after(5):
            await waiting.receive_some()


async def test_max_connection_creation_rate_delays_what_comes_too_fast(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    async with running(tmp_path, max_connection_creation_rate="2") as server:
        start = trio.current_time()
        for _ in range(60):
            await metadata(await dial(server))
        assert trio.current_time() - start == pytest.approx(20, rel=0.25)  # twenty at once, then two a second


async def test_an_address_that_connects_too_fast_is_kept_waiting_and_closed(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    async with running(tmp_path) as server:
        local = entity_of([("ip", "127.0.0.1")])
        await server.broker.quotas.alter([(local, {"connection_creation_rate": 1.0})], validate_only=False)
        for _ in range(10):
            await metadata(await dial(server))
        start = trio.current_time()
        assert await gone(await dial(server))
        assert trio.current_time() - start == pytest.approx(1, abs=0.1)
        await trio.sleep(11)  # the window is over
        assert (await metadata(await dial(server))).brokers


async def test_max_connections_per_ip_and_its_overrides(tmp_path: Path) -> None:
    async with running(
        tmp_path,
        max_connections_per_ip="1",
        max_connections_per_ip_overrides="127.0.0.1:2",
    ) as server:
        streams = [await dial(server) for _ in range(2)]
        for stream in streams:
            await metadata(stream)
        assert await gone(await dial(server))


async def test_a_muted_client_is_slowed_and_others_are_not(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    async with running(tmp_path) as server:
        slow = entity_of([("client-id", "test")])
        await server.broker.quotas.alter([(slow, {"request_percentage": 1e-9})], validate_only=False)
        took = {}

        async def ask_ten_times(stream: trio.SocketStream, name: bytes) -> None:
            start = trio.current_time()
            for _ in range(10):
                await call(stream, METADATA, 1, struct.pack(">i", 0), name)
            took[name] = trio.current_time() - start

        async with trio.open_nursery() as nursery:
            nursery.start_soon(ask_ten_times, await dial(server), b"test")
            nursery.start_soon(ask_ten_times, await dial(server), b"free")
        assert took[b"test"] == pytest.approx(9, abs=0.1)  # a second after each but the last
        assert took[b"free"] == pytest.approx(0, abs=0.1)


async def test_idle_connections_are_closed(tmp_path: Path, autojump_clock: trio.testing.MockClock) -> None:
    async with running(tmp_path, connections_max_idle_ms="5000") as server:
        stream = await dial(server)
        await trio.testing.wait_all_tasks_blocked()
        connection = next(iter(server._connections.values()))
        await trio.sleep(4)
        assert connection.receiving
        await trio.sleep(3)
        assert await gone(stream)
        assert not server._connections


async def test_who_is_slow_to_send_what_others_wait_for_the_memory_of_is_cut_off(
    tmp_path: Path, autojump_clock: trio.testing.MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    limits = {"socket_request_max_bytes": "1000000", "queued_max_request_bytes": "1000000"}
    async with running(tmp_path, **limits) as server:  # a quarter is for requests that are not larger
        late, slow, waiting = await dial(server), await dial(server), await dial(server)
        start = trio.current_time()
        await slow.send_all(struct.pack(">i", 900_000) + bytes(300_000))
        await trio.testing.wait_all_tasks_blocked()
        await trio.sleep(LARGE_REQUEST_S - STARVED_S)
        await late.send_all(struct.pack(">i", 900_000) + bytes(20_000))
        names = struct.pack(">i", 4) + 4 * (struct.pack(">h", 30_000) + b"t" * 30_000)
        assert len(await call(waiting, METADATA, 1, names)) > 30_000
        assert LARGE_REQUEST_S <= trio.current_time() - start < LARGE_REQUEST_S + 3
        assert await gone(slow)
        assert "others wait for the memory" in caplog.text
        assert len(server._connections) == 2


async def test_a_request_parked_for_too_long_holds_no_connection(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    """As in Apache Kafka: who is gone without a word isn't waited for, however long its Fetch may wait."""
    partition = FetchPartition(partition=0, fetch_offset=0, partition_max_bytes=1)
    request = FetchRequest(
        max_wait_ms=2**31 - 1,
        min_bytes=1,
        max_bytes=1,
        topics=[FetchTopic("empty", partitions=[partition])],
    )
    async with running(tmp_path, connections_max_idle_ms="5000") as server:
        await server.broker.topics.create("empty", 1, {})
        stream = await dial(server)
        with trio.fail_after(7):
            assert await call(stream, FETCH, 4, b"".join(writer(FetchRequest, 4)(request))) == b""
        assert not server._connections


async def test_clients_are_known_by_their_plain_address(tmp_path: Path) -> None:
    async with running(
        tmp_path, "", max_connections_per_ip="0", max_connections_per_ip_overrides="127.0.0.1:1"
    ) as server:
        stream = await trio.open_tcp_stream("127.0.0.1", server.bound[0].port)
        assert (await metadata(stream)).brokers[0].host == "127.0.0.1"
        (connection,) = server._connections.values()
        assert connection.identity.client_host == "127.0.0.1"
        await stream.aclose()


async def test_unknown_and_unsupported_requests_close_the_connection(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with running(tmp_path) as server:
        assert await call(await dial(server), 999, 0, b"") == b""
        assert await call(await dial(server), METADATA, 99, b"\0") == b""
        assert await call(await dial(server), 0, 2, b"") == b""
        assert "API key 999 is not served" in caplog.text
        assert "Metadata version 99 is not served" in caplog.text
        assert "Produce version 2 is not served" in caplog.text


async def test_an_unsupported_version_of_api_versions_is_answered_in_version_0(tmp_path: Path) -> None:
    async with running(tmp_path) as server:
        stream = await dial(server)
        answer = await call(stream, 18, 77, b"\x00")
        error, count = struct.unpack(">hi", answer[:6])
        assert error == 35
        assert len(answer) == 6 + 6 * count
        assert struct.pack(">hhh", 18, APIS[18].first, APIS[18].last) in answer
        assert (await metadata(stream)).brokers


async def test_a_garbage_request_closes_the_connection_and_no_other(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with running(tmp_path) as server:
        good, bad = await dial(server), await dial(server)
        assert await call(bad, METADATA, 1, b"\x7f\xff\xff\xff") == b""
        assert "closed connection from 127.0.0.1" in caplog.text
        assert (await metadata(good)).brokers


@pytest.mark.skipif(not Poller.is_there(), reason="where trio watches the sockets each task answers itself")
async def test_a_parked_fetch_is_answered_by_its_producer_and_then_what_was_asked_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = []

    def answer_parked(ctx: RequestContext, response: FetchResponse) -> None:
        real(ctx, response)
        answered.append(ctx.correlation_id)

    real = RequestContext.answer_parked
    monkeypatch.setattr(RequestContext, "answer_parked", answer_parked)
    batch = bytes(encode_batch([Record(0, 0, b"k", b"v")]))
    async with running(tmp_path) as server:
        await server.broker.topics.create("t", 1, {})
        consumer, producer = [await Client.dial(server.bound[0].port) for _ in range(2)]
        await consumer.send(
            numbered(41, framed(fetch("t", 0, 0, wait_ms=60_000), 4))
            + numbered(42, framed(MetadataRequest(topics=[]), 1))
        )
        await trio.sleep(0.05)
        await producer.send(framed(produce("t", 0, batch), 7))
        with trio.fail_after(5):
            fetched, told = await consumer.receive(), await consumer.receive()
        assert answered == [41]
        assert struct.unpack(">i", fetched[4:8]) == (41,)
        (topic,) = reader(FetchResponse, 4)(fetched[8:]).responses
        assert [len(bytes(one.records)) for one in topic.partitions] == [len(batch)]
        assert struct.unpack(">i", told[4:8]) == (42,)
        assert reader(MetadataResponse, 1)(told[8:]).brokers
        consumer.close()
        producer.close()


def numbered(correlation_id: int, frame: bytes) -> bytes:
    """A request with another correlation id."""
    return frame[:8] + struct.pack(">i", correlation_id) + frame[12:]


async def test_stopping_takes_less_than_a_second_with_clients_connected(tmp_path: Path) -> None:
    async with running(tmp_path) as server:
        streams = [await dial(server) for _ in range(20)]
        for stream in streams:
            await metadata(stream)
        started = trio.current_time()
    assert trio.current_time() - started < 1
    for stream in streams:
        assert await gone(stream)


async def test_many_brokers_in_one_process_know_nothing_of_each_other(tmp_path: Path) -> None:
    async with running(tmp_path / "a") as one, running(tmp_path / "b") as other:
        assert one.broker.cluster_id != other.broker.cluster_id
        assert (await metadata(await dial(one))).brokers[0].port == one.bound[0].port
        assert (await metadata(await dial(other))).brokers[0].port == other.bound[0].port


@pytest.fixture(autouse=True)
def _log_level(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)


SASL_SETTINGS = {
    "sasl.enabled.mechanisms": "PLAIN",
    "sasl.jaas.config": 'a.PlainLoginModule required user_alice="wonder";',
}
SASL_HANDSHAKE, SASL_AUTHENTICATE, PLAIN = 17, 36, b"\0\5PLAIN"


@asynccontextmanager
async def asking_who_clients_are(data_dir: Path, **settings: str) -> AsyncIterator[Server]:
    more = {name.replace("_", "."): value for name, value in settings.items()}
    config = BrokerConfig.of(SASL_SETTINGS | more)
    listeners = [Listener("SASL", "127.0.0.1", 0, security_protocol=SecurityProtocol.SASL_PLAINTEXT)]
    async with trio.open_nursery() as nursery:
        server: Server = await nursery.start(
            lambda task_status: serve(config, data_dir=data_dir, listeners=listeners, task_status=task_status)
        )
        yield server
        server.stop()


async def test_clients_of_a_sasl_listener_authenticate_before_anything_else(tmp_path: Path) -> None:
    async with asking_who_clients_are(tmp_path, sasl_server_max_receive_size="200") as server:
        stranger = await dial(server)
        assert await call(stranger, METADATA, 1, struct.pack(">i", 0)) == b""
        client = await dial(server)
        assert await call(client, SASL_HANDSHAKE, 1, PLAIN) == b"\0\0" + struct.pack(">i", 1) + PLAIN
        token = b"\0alice\0wonder"
        answer = await call(client, SASL_AUTHENTICATE, 0, struct.pack(">i", len(token)) + token)
        assert answer[:2] == b"\0\0"
        assert (await metadata(client)).brokers
        await call(client, METADATA, 1, struct.pack(">ih", 1, 190) + b"t" * 190)  # larger than before


async def test_requests_of_strangers_are_small(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with asking_who_clients_are(tmp_path, sasl_server_max_receive_size="200") as server:
        assert await call(await dial(server), SASL_HANDSHAKE, 1, PLAIN + bytes(200)) == b""
        assert "at most 200 are allowed" in caplog.text


async def test_strangers_have_little_time(
    tmp_path: Path, autojump_clock: trio.testing.MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    async with asking_who_clients_are(tmp_path) as server:
        client = await dial(server)
        begun = trio.current_time()
        assert await client.receive_some() == b""
        assert AUTHENTICATION_S < trio.current_time() - begun < AUTHENTICATION_S + 3
        assert "did not authenticate in time" in caplog.text
