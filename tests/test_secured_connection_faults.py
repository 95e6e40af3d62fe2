"""Clients that fail at any byte of a login or of TLS: nothing is left of them, and they got nowhere."""

import ssl
from contextlib import suppress
from pathlib import Path

import pytest
import trio
import trio.testing
from drive.client import Client, framed

from kbroker.protocol.metadata import MetadataRequest
from kbroker.protocol.sasl_authenticate import SaslAuthenticateRequest
from kbroker.protocol.sasl_handshake import SaslHandshakeRequest
from kbroker.server import AUTHENTICATION_S, IDLE_SWEEP_S
from kbroker.tls_transport import HANDSHAKE_S

from .faulty_clients import Ground, frame_of, ground
from .tls.certificates import AUTHORITY, SERVER

SASL = {
    "listeners": "SASL_PLAINTEXT://127.0.0.1:0",
    "sasl.enabled.mechanisms": "PLAIN",
    "sasl.jaas.config": 'org.apache.kafka.common.security.plain.PlainLoginModule required user_alice="wonder";',
}
TLS = {
    "listeners": "SSL://127.0.0.1:0",
    "ssl.keystore.type": "PEM",
    "ssl.keystore.key": SERVER.key_pem(),
    "ssl.keystore.certificate.chain": SERVER.pem,
    "connection.failed.authentication.delay.ms": "0",
}
LOGIN = [
    framed(SaslHandshakeRequest("PLAIN"), 1),
    framed(SaslAuthenticateRequest(b"\0alice\0wonder"), 1),
    frame_of("produce"),
]


async def dial(it: Ground) -> Client:
    """Connect to the listener that is secured."""
    return await Client.dial(it.server.bound[1].port)


@pytest.mark.parametrize("step", [0, 1, 2], ids=["handshake", "authenticate", "produce"])
async def test_a_login_cut_at_any_byte_leaves_nothing(step: int, tmp_path: Path) -> None:
    async with ground(tmp_path, SASL) as it:
        before = await it.visible()
        for end in range(len(LOGIN[step])):
            client = await dial(it)
            for frame in LOGIN[:step]:
                await client.send(frame)
                await client.receive()
            await client.send(LOGIN[step][:end])
            client.reset()
        await it.check_nothing_left()
        assert await it.visible() == before


async def test_a_login_stalled_at_any_byte_ends_in_time(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    async with ground(tmp_path, SASL) as it:
        clients = []
        for step in (0, 1):
            for end in range(len(LOGIN[step])):
                clients.append(await dial(it))
                for frame in LOGIN[:step]:
                    await clients[-1].send(frame)
                    await clients[-1].receive()
                await clients[-1].send(LOGIN[step][:end])
        with trio.fail_after(IDLE_SWEEP_S):
            assert await it.client.ask(MetadataRequest([]), 9)
        await trio.sleep(AUTHENTICATION_S + 2 * IDLE_SWEEP_S)
        for client in clients:
            with suppress(ConnectionResetError):
                assert await client.socket.recv(1) == b""
            client.close()
        await it.check_nothing_left()


class TlsClient:
    """A client whose every byte can be counted before it is sent."""

    def __init__(self) -> None:
        self._from, self._to = ssl.MemoryBIO(), ssl.MemoryBIO()
        context = ssl.create_default_context(cadata=AUTHORITY.pem)
        self._tls = context.wrap_bio(self._from, self._to, server_hostname="localhost")

    def hello(self) -> bytes:
        """The first bytes of a handshake."""
        with suppress(ssl.SSLWantReadError):
            self._tls.do_handshake()
        return self._to.read()

    async def shake_hands(self, client: Client) -> None:
        """All of the handshake."""
        await client.send(self.hello())
        while True:
            self._from.write(await client.socket.recv(65536))
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                continue
            finally:
                await client.send(self._to.read())
            return

    def record(self, data: bytes) -> bytes:
        """The record that has some data."""
        self._tls.write(data)
        return self._to.read()


async def test_a_tls_handshake_cut_at_any_byte_leaves_nothing(tmp_path: Path) -> None:
    async with ground(tmp_path, TLS) as it:
        hello = TlsClient().hello()
        for end in range(len(hello) + 1):
            client = await dial(it)
            await client.send(hello[:end])
            if end % 2:
                client.reset()
            else:
                client.close()
        await it.check_nothing_left(in_the_log=5)


async def test_a_tls_record_cut_at_any_byte_does_nothing(tmp_path: Path) -> None:
    frame = frame_of("produce")
    async with ground(tmp_path, TLS) as it:
        before = await it.visible()
        for end in range(0, len(frame) + 21, 3):
            client, tls = await dial(it), TlsClient()
            await tls.shake_hands(client)
            record = tls.record(frame)
            assert len(record) > end
            await client.send(record[:end])
            client.reset()
        await it.check_nothing_left()
        assert await it.visible() == before


async def test_a_stalled_tls_handshake_ends_in_time(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    async with ground(tmp_path, TLS) as it:
        hello = TlsClient().hello()
        clients = []
        for end in range(0, len(hello), 5):
            clients.append(await dial(it))
            await clients[-1].send(hello[:end])
        with trio.fail_after(IDLE_SWEEP_S):
            assert await it.client.ask(MetadataRequest([]), 9)
        await trio.sleep(HANDSHAKE_S + 1)
        for client in clients:
            client.close()
        await it.check_nothing_left(in_the_log=5)
