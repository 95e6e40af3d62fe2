"""The gate: what gets past it, when, and what is answered before."""

from collections.abc import AsyncIterator
from pathlib import Path
from struct import pack, unpack

import pytest
import trio
import trio.testing

from kbroker.broker.broker import Broker
from kbroker.broker.context import Connection, Endpoint
from kbroker.broker.sasl import SaslMechanisms
from kbroker.config.broker_config import BrokerConfig
from kbroker.config.listeners import Listener
from kbroker.config.security_protocol import SecurityProtocol
from kbroker.dispatch import Dispatcher
from kbroker.embedded import open_broker
from kbroker.errors import RequestRefusedError
from kbroker.protocol.errors import ProtocolError
from kbroker.protocol.sasl_authenticate import SaslAuthenticateRequest, SaslAuthenticateResponse
from kbroker.protocol.sasl_handshake import SaslHandshakeRequest, SaslHandshakeResponse
from kbroker.protocol.schema import reader, writer
from kbroker.sasl_gate import SaslGate

HANDSHAKE, AUTHENTICATE, API_VERSIONS, METADATA = 17, 36, 18, 3
JAAS = (
    'org.apache.kafka.common.security.plain.PlainLoginModule required user_alice="wonder" user_bob="builder";'
)
SETTINGS = {
    "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256",
    "sasl.jaas.config": JAAS,
    "listener.name.sasl.plain.connections.max.reauth.ms": "5000",
    "connection.failed.authentication.delay.ms": "20",
}
LISTENER = Listener("SASL", "", 1, security_protocol=SecurityProtocol.SASL_PLAINTEXT)
FAILED = 58
ALICE = b"\0alice\0wonder"


class Client:
    """What a client sees of its gate."""

    def __init__(self, broker: Broker, settings: dict[str, str] | None = None) -> None:
        self.connection = Connection(1, "SASL", Endpoint("h", 1), "127.0.0.1")
        sasl = SaslMechanisms(broker, [LISTENER])
        self.gate = SaslGate(
            Dispatcher(broker), sasl.authentication("SASL"), broker.config.for_listener("SASL"), broker.clock
        )
        self.opened = 0
        self.flushed = 0
        self.gate.on_open = self._opened

    def _opened(self) -> None:
        self.opened += 1

    async def _flush(self) -> None:
        self.flushed += 1

    async def send(self, data: bytes) -> bytes:
        answer = await self.gate.handle(memoryview(bytearray(data)), self.connection, self._flush)
        assert answer is not None
        return b"".join(answer)

    async def ask(self, key: int, version: int, body: bytes = b"") -> bytes:
        return await self.send(pack(">hhih", key, version, 7, -1) + body)

    async def handshake(self, mechanism: str = "PLAIN", version: int = 1) -> SaslHandshakeResponse:
        body = b"".join(writer(SaslHandshakeRequest, version)(SaslHandshakeRequest(mechanism)))
        return handshake_answer(await self.ask(HANDSHAKE, version, body), version)

    async def token(self, token: bytes, version: int = 1) -> SaslAuthenticateResponse:
        body = b"".join(writer(SaslAuthenticateRequest, version)(SaslAuthenticateRequest(token)))
        return token_answer(
            await self.ask(AUTHENTICATE, version, (b"\0" if version > 1 else b"") + body), version
        )

    async def log_in(self, token: bytes = ALICE) -> SaslAuthenticateResponse:
        await self.handshake()
        return await self.token(token)


def handshake_answer(data: bytes, version: int) -> SaslHandshakeResponse:
    assert unpack(">ii", data[:8]) == (len(data) - 4, 7)
    return reader(SaslHandshakeResponse, version)(data, 8)


def token_answer(data: bytes, version: int = 1) -> SaslAuthenticateResponse:
    assert unpack(">ii", data[:8]) == (len(data) - 4, 7)
    return reader(SaslAuthenticateResponse, version)(data, 8 + (version > 1))


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Broker]:
    async with open_broker(BrokerConfig.of(SETTINGS), tmp_path) as broker:
        yield broker


@pytest.fixture
def client(broker: Broker) -> Client:
    return Client(broker)


@pytest.mark.parametrize("version", [0, 1, 2])
async def test_a_login_and_what_it_opens(client: Client, version: int) -> None:
    assert await client.ask(API_VERSIONS, 0)
    assert await client.handshake() == SaslHandshakeResponse(0, ["PLAIN", "SCRAM-SHA-256"])
    assert (client.opened, client.connection.principal) == (0, "User:ANONYMOUS")
    answer = await client.token(ALICE, version)
    assert (answer.error_code, answer.auth_bytes) == (0, b"")
    assert answer.session_lifetime_ms == (5000 if version else 0)
    assert (client.opened, client.connection.principal) == (1, "User:alice")
    assert await client.ask(METADATA, 1, pack(">i", 0))
    assert (await client.token(ALICE)).error_code == 34


async def test_bare_tokens_after_the_oldest_handshake(client: Client) -> None:
    assert (await client.handshake(version=0)).error_code == 0
    assert await client.send(ALICE) == pack(">i", 0)
    assert client.connection.principal == "User:alice"
    assert await client.ask(METADATA, 1, pack(">i", 0))


async def test_scram_takes_two_tokens(client: Client) -> None:
    await client.handshake("SCRAM-SHA-256", 0)
    with pytest.raises(RequestRefusedError) as raised:
        await client.send(b"n,,n=nobody,r=abc")
    assert raised.value.answer == []


async def test_a_failure_is_told_late_and_ends_the_connection(
    client: Client, autojump_clock: trio.testing.MockClock
) -> None:
    await client.handshake()
    begun = trio.current_time()
    with pytest.raises(RequestRefusedError, match="invalid user name or password") as raised:
        await client.token(b"\0alice\0wrong")
    assert trio.current_time() - begun == pytest.approx(0.02)
    assert client.flushed == 1
    answer = token_answer(b"".join(raised.value.answer))
    assert (answer.error_code, answer.error_message) == (
        FAILED,
        "Authentication failed: Invalid username or password",
    )
    assert client.opened == 0
    assert "wrong" not in str(raised.value)


async def test_a_mechanism_that_there_is_not(client: Client) -> None:
    with pytest.raises(RequestRefusedError) as raised:
        await client.handshake("GSSAPI")
    assert handshake_answer(b"".join(raised.value.answer), 1) == SaslHandshakeResponse(
        33, ["PLAIN", "SCRAM-SHA-256"]
    )


@pytest.mark.parametrize(
    ("key", "version"), [(METADATA, 1), (AUTHENTICATE, 1), (0, 9), (999, 0), (HANDSHAKE, 9), (-1, 0)]
)
async def test_nothing_else_gets_past_it(client: Client, key: int, version: int) -> None:
    with pytest.raises(RequestRefusedError) as raised:
        await client.ask(key, version, bytes(30))
    assert not raised.value.answer


async def test_versions_are_told_once_unless_the_answer_was_an_error(client: Client) -> None:
    for version in (99, 3):  # one that there is not; one whose client has no name
        answer = await client.ask(API_VERSIONS, version, b"\0\1\1\0")
        assert unpack(">h", answer[8:10]) != (0,)
    assert unpack(">h", (await client.ask(API_VERSIONS, 0))[8:10]) == (0,)
    with pytest.raises(RequestRefusedError):
        await client.ask(API_VERSIONS, 0)


@pytest.mark.parametrize(("key", "body"), [(API_VERSIONS, b""), (HANDSHAKE, pack(">h", 0))])
async def test_other_requests_instead_of_tokens_are_told_so(client: Client, key: int, body: bytes) -> None:
    await client.handshake()
    with pytest.raises(RequestRefusedError) as raised:
        await client.ask(key, 0, body)
    assert unpack(">h", b"".join(raised.value.answer)[8:10]) == (34,)


async def test_what_is_no_request_is_a_protocol_error(client: Client) -> None:
    with pytest.raises(ProtocolError):
        await client.send(b"\0")
    with pytest.raises(ProtocolError):
        await client.ask(HANDSHAKE, 1, b"\0\7x")


async def test_a_session_ends_and_may_be_prolonged_before_and_after(
    client: Client, autojump_clock: trio.testing.MockClock
) -> None:
    await client.log_in()
    await trio.sleep(4)
    assert (await client.log_in()).session_lifetime_ms == 5000
    await trio.sleep(4)
    assert await client.ask(METADATA, 1, pack(">i", 0))
    await trio.sleep(2)
    await client.log_in()  # too late for anything but this
    assert await client.ask(METADATA, 1, pack(">i", 0))
    await trio.sleep(6)
    with pytest.raises(RequestRefusedError, match="session has expired"):
        await client.ask(METADATA, 1, pack(">i", 0))


async def test_the_principal_and_the_mechanism_stay(
    broker: Broker, client: Client, autojump_clock: trio.testing.MockClock
) -> None:
    await client.log_in()
    with pytest.raises(RequestRefusedError) as raised:
        await client.log_in(b"\0bob\0builder")
    assert token_answer(b"".join(raised.value.answer)).error_message == (
        "Cannot change principals during re-authentication from User.alice: User.bob"
    )
    other = Client(broker)
    await other.log_in()
    assert (await other.handshake("SCRAM-SHA-256")).error_code == 0
    with pytest.raises(RequestRefusedError, match="another mechanism") as raised:
        await other.token(b"n,,n=alice,r=abc")
    assert not raised.value.answer


async def test_nothing_else_while_it_authenticates_again(client: Client) -> None:
    await client.log_in()
    await client.handshake()
    with pytest.raises(RequestRefusedError):
        await client.ask(METADATA, 1, pack(">i", 0))
