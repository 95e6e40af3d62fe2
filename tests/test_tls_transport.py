"""TLS connections: what is sent arrives, and those that can't be are refused with a reason."""

import logging
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
import trio

from kbroker.config.broker_config import BrokerConfig
from kbroker.config.listeners import listeners_of
from kbroker.errors import RequestRefusedError
from kbroker.protocol.frame_buffer import FrameBuffer
from kbroker.server import Server, serve
from kbroker.storage.interfaces.file_region import FileRegion, OpenRegions
from kbroker.tls.listener import TlsListener
from kbroker.tls_transport import HANDSHAKE_S, PIECE, RECORD, TlsTransport

from .tls.certificates import AUTHORITY, CLIENT, SERVER, STRANGER, Identity

SETTINGS = {
    "listeners": "SSL://127.0.0.1:0",
    "ssl.keystore.type": "PEM",
    "ssl.keystore.key": SERVER.key_pem(),
    "ssl.keystore.certificate.chain": SERVER.pem,
    "ssl.truststore.type": "PEM",
    "ssl.truststore.certificates": AUTHORITY.pem,
}


def client_context(identity: Identity | None = None, authority: Identity = AUTHORITY) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=authority.pem)
    if identity is not None:
        with Path("identity.pem").open("w") as file:
            file.write(identity.both)
        context.load_cert_chain("identity.pem")
    return context


@pytest.fixture(autouse=True)
def _in_a_directory_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def listener(settings: Mapping[str, str] | None = None) -> TlsListener:
    config = BrokerConfig.of(SETTINGS | dict(settings or {}))
    return TlsListener(listeners_of(config)[0], config)


@asynccontextmanager
async def connected(
    settings: Mapping[str, str] | None = None, *, context: ssl.SSLContext | None = None
) -> AsyncIterator[tuple[TlsTransport, trio.SSLStream[trio.SocketStream], str | None]]:
    """Both ends of a connection, and the principal."""
    ours, theirs = tcp_pair()
    with ours, theirs:
        transport = TlsTransport(ours, listener(settings), linger_s=0)
        stream = trio.SSLStream(
            trio.SocketStream(trio.socket.from_stdlib_socket(theirs)),
            context or client_context(),
            server_hostname="localhost",
            https_compatible=True,
        )
        principal: str | None = None

        async def shake_hands() -> None:
            nonlocal principal
            principal = await transport.handshake()

        async with trio.open_nursery() as nursery:
            nursery.start_soon(shake_hands)
            await stream.do_handshake()
        yield transport, stream, principal
        transport.close()


def tcp_pair() -> tuple[socket.socket, socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        theirs = socket.create_connection(server.getsockname())
        ours, _ = server.accept()
        theirs.setblocking(False)
        return ours, theirs


def never_stuck(left: int) -> None:
    raise AssertionError(left)


async def test_what_is_sent_arrives_both_ways() -> None:
    async with connected() as (transport, stream, principal):
        assert principal is None
        buffer = FrameBuffer(1 << 20)
        await stream.send_all(b"\0\0\0\x05hello")
        assert await transport.receive(buffer)
        frame = buffer.next_frame()
        assert frame is not None
        assert bytes(frame) == b"hello"
        await transport.send([b"a", b"", memoryview(b"bc")], never_stuck)
        assert await stream.receive_some() == b"abc"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_many_megabytes_arrive_in_order_while_the_reader_is_slow(version: ssl.TLSVersion) -> None:
    context = client_context()
    context.minimum_version = context.maximum_version = version
    chunks: list[bytes | memoryview] = []
    for number in range(400):
        chunks += [number.to_bytes(4, "big"), memoryview(bytes([number % 251]) * (number * 131))]
    expected = b"".join(chunks)
    lefts: list[int] = []
    async with connected(context=context) as (transport, stream, _), trio.open_nursery() as nursery:
        nursery.start_soon(transport.send, chunks, lefts.append)
        got = bytearray()
        while len(got) < len(expected):
            got += await stream.receive_some(100_000)
        assert got == expected
    assert lefts == sorted(lefts, reverse=True)
    assert lefts
    assert 0 < lefts[0] <= len(expected)


@pytest.fixture
def file() -> FileRegion:
    with Path("file").open("w+b") as file:
        file.truncate(20 * PIECE)
        return FileRegion(file.fileno(), 0, 20 * PIECE, OpenRegions(1), pytest.fail)


async def test_a_file_is_held_one_piece_at_a_time(file: FileRegion) -> None:
    size = len(file)
    held: list[int] = []
    async with connected() as (transport, stream, _), trio.open_nursery() as nursery:
        nursery.start_soon(transport.send, [file, bytes(RECORD)], held.append)
        await trio.testing.wait_all_tasks_blocked()
        got = len(await stream.receive_some(100_000))
        while got < size + RECORD:
            got += len(await stream.receive_some(100_000))
    assert PIECE + RECORD in held
    assert max(held) == PIECE + RECORD


async def test_a_large_frame_is_received_in_few_calls() -> None:
    async with connected() as (transport, stream, _), trio.open_nursery() as nursery:
        size = 3_000_000
        nursery.start_soon(stream.send_all, size.to_bytes(4, "big") + bytes(range(250)) * (size // 250))
        buffer = FrameBuffer(1 << 24)
        while (frame := buffer.next_frame()) is None:
            assert await transport.receive(buffer)
        assert bytes(frame) == bytes(range(250)) * (size // 250)


async def test_what_openssl_holds_already_is_not_waited_for() -> None:
    async with connected() as (transport, stream, _):
        await stream.send_all(bytes(10_000))  # one record, and the buffer takes less at first
        buffer = FrameBuffer(1 << 20)
        received = 0
        with trio.fail_after(5):
            while received < 10_000 // 4:
                assert await transport.receive(buffer)
                while buffer.next_frame() is not None:
                    received += 1


async def test_an_orderly_end_is_told_both_ways() -> None:
    async with connected() as (transport, stream, _):
        await stream.aclose()
        assert not await transport.receive(FrameBuffer(1000))
    async with connected() as (transport, stream, _):
        transport.close()
        assert await stream.receive_some() == b""
        transport.close()


async def test_a_client_left_that_was_reset_and_has_nothing_to_be_read() -> None:
    async with connected() as (transport, stream, _):
        assert not transport.client_left()
        stream.transport_stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        await stream.transport_stream.aclose()
        await trio.sleep(0.01)
        assert transport.client_left()
    async with connected() as (transport, stream, _):
        await stream.transport_stream.send_eof()
        await trio.sleep(0.01)
        assert not transport.client_left()
    async with connected() as (transport, stream, _):
        await stream.send_all(bytes(4 + 10_000))
        buffer = FrameBuffer(1 << 20)
        transport._established().recv_into(buffer.space()[:4])
        stream.transport_stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        await stream.transport_stream.aclose()
        await trio.sleep(0.01)
        assert not transport.client_left()  # the rest of the record is at OpenSSL


async def test_the_principal_is_the_clients_distinguished_name() -> None:
    required = {"ssl.client.auth": "required"}
    async with connected(required, context=client_context(CLIENT)) as (_, _, principal):
        assert principal == "User:CN=alice"
    rules = {"ssl.principal.mapping.rules": "RULE:^CN=([a-z]+)$/$1/U"}
    async with connected(required | rules, context=client_context(CLIENT)) as (_, _, principal):
        assert principal == "User:ALICE"
    async with connected({"ssl.client.auth": "requested"}) as (_, _, principal):
        assert principal is None
    # Not asked for, a certificate is not sent.
    async with connected(context=client_context(CLIENT)) as (_, _, principal):
        assert principal is None


@pytest.mark.parametrize(
    ("settings", "identity", "reason"),
    [
        ({"ssl.client.auth": "required"}, None, "peer did not return a certificate"),
        ({"ssl.client.auth": "required"}, STRANGER, "certificate verify failed: self-signed certificate"),
        ({"ssl.client.auth": "requested"}, STRANGER, "certificate verify failed"),
        (
            {"ssl.client.auth": "required", "ssl.principal.mapping.rules": "RULE:^CN=bob$/bob/"},
            CLIENT,
            "no rule of ssl.principal.mapping.rules applies to CN=alice",
        ),
    ],
)
async def test_clients_that_are_refused(
    settings: dict[str, str], identity: Identity | None, reason: str
) -> None:
    ours, theirs = tcp_pair()
    transport = TlsTransport(ours, listener(settings), linger_s=0.01)
    theirs.setblocking(True)

    def client() -> None:
        with theirs, client_context(identity).wrap_socket(theirs, server_hostname="localhost") as stream:
            stream.recv(1)

    async with trio.open_nursery() as nursery:

        async def fails() -> None:
            with pytest.raises(OSError):  # noqa: PT011
                await trio.to_thread.run_sync(client)

        if identity is not CLIENT:
            nursery.start_soon(fails)
        else:
            nursery.start_soon(trio.to_thread.run_sync, client)
        with pytest.raises(RequestRefusedError, match=reason):
            await transport.handshake()
        transport.close()


async def test_the_alert_is_read_by_a_client_that_has_sent_more_already() -> None:
    ours, theirs = tcp_pair()
    transport = TlsTransport(ours, listener({"ssl.client.auth": "required"}), linger_s=5)
    stream = trio.SSLStream(
        trio.SocketStream(trio.socket.from_stdlib_socket(theirs)),
        client_context(),
        server_hostname="localhost",
    )
    async with trio.open_nursery() as nursery:

        async def broker() -> None:
            with pytest.raises(RequestRefusedError):
                await transport.handshake()
            transport.close()

        nursery.start_soon(broker)
        await (
            stream.do_handshake()
        )  # with TLS 1.3 it is over for the client before the broker has seen its certificate
        await stream.send_all(bytes(100_000))
        with pytest.raises(trio.BrokenResourceError) as broken:
            await stream.receive_some()
        assert "CERTIFICATE_REQUIRED" in str(broken.value.__cause__)
        await stream.transport_stream.aclose()


async def test_plaintext_is_refused_at_its_first_byte() -> None:
    ours, theirs = tcp_pair()
    with theirs:
        transport = TlsTransport(ours, listener(), linger_s=0)
        theirs.send(b"\0")
        with pytest.raises(RequestRefusedError, match="does not speak TLS"):
            await transport.handshake()
        transport.close()


async def test_a_client_that_leaves_before_the_handshake_is_no_failure() -> None:
    ours, theirs = tcp_pair()
    theirs.close()
    transport = TlsTransport(ours, listener(), linger_s=0)
    with pytest.raises(ConnectionAbortedError):
        await transport.handshake()
    transport.close()


async def test_a_client_that_never_begins_is_closed(autojump_clock: trio.testing.MockClock) -> None:
    ours, theirs = tcp_pair()
    with theirs:
        transport = TlsTransport(ours, listener(), linger_s=0)
        with pytest.raises(RequestRefusedError, match="no TLS handshake within 30 s"):
            await transport.handshake()
        assert trio.current_time() == pytest.approx(HANDSHAKE_S, abs=0.1)
        transport.close()


API_VERSIONS = bytes.fromhex("0000000a001200000000000affff")


@asynccontextmanager
async def serving(data_dir: Path, **settings: str) -> AsyncIterator[Server]:
    config = BrokerConfig.of(SETTINGS | {name.replace("_", "."): value for name, value in settings.items()})
    async with trio.open_nursery() as nursery:
        listeners = listeners_of(config)

        async def run(*, task_status: trio.TaskStatus[Server]) -> None:
            await serve(config, data_dir=data_dir, listeners=listeners, task_status=task_status)

        server = await nursery.start(run)
        yield server
        server.stop()


async def test_a_broker_answers_over_tls_and_closes_what_is_none(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(tmp_path / "data") as server:
        port = server.bound[0].port
        stream = await trio.open_ssl_over_tcp_stream(
            "localhost", port, ssl_context=client_context(), https_compatible=True
        )
        await stream.send_all(API_VERSIONS)
        assert (await stream.receive_some())[4:10] == bytes.fromhex("0000000a0000")
        plain = await trio.open_tcp_stream("127.0.0.1", port)
        await plain.send_all(API_VERSIONS)
        with caplog.at_level(logging.WARNING), suppress(trio.BrokenResourceError):
            assert await plain.receive_some() == b""
        assert "closed connection from 127.0.0.1: the client does not speak TLS" in caplog.text
        await stream.aclose()
        await plain.aclose()


async def test_connections_in_their_handshake_count(tmp_path: Path) -> None:
    async with serving(tmp_path / "data", max_connections_per_ip="1") as server:
        port = server.bound[0].port
        async with await trio.open_tcp_stream("127.0.0.1", port):
            await trio.testing.wait_all_tasks_blocked(0.01)
            other = await trio.open_tcp_stream("127.0.0.1", port)
            assert await other.receive_some() == b""
            await other.aclose()


async def test_a_refused_client_has_a_moment_to_read_why(tmp_path: Path) -> None:
    async with serving(tmp_path / "data", connection_failed_authentication_delay_ms="100") as server:
        client = await trio.open_tcp_stream("127.0.0.1", server.bound[0].port)
        await client.send_all(b"\x16\x03\x01\x00\x05hello")
        while await client.receive_some():
            pass  # an alert, and no more
        started = trio.current_time()
        with pytest.raises(trio.BrokenResourceError):
            await write_until_refused(client)
        assert 0.05 < trio.current_time() - started < 5
        await client.aclose()


async def write_until_refused(client: trio.SocketStream) -> None:
    while True:
        await client.send_all(b"more")
        await trio.sleep(0.005)
