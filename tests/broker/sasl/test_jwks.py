"""An issuer's keys: read from a file and over HTTP, and read again."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
import trio
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from kbroker.broker.sasl.jwks import MAX_MISSING, MISSING_KEY_S, Jwks, parse_keys
from kbroker.config.broker_config import BrokerConfig
from kbroker.config.typed_values import TypedValues
from kbroker.errors import StartupError

KEY = json.loads(RSAAlgorithm.to_jwk(rsa.generate_private_key(65537, 2048).public_key()))


def document(*ids: str) -> bytes:
    return json.dumps({"keys": [{**KEY, "kid": each} for each in ids]}).encode()


def settings(url: str, **more: str) -> TypedValues:
    return BrokerConfig.of(
        {
            "sasl.oauthbearer.jwks.endpoint.url": url,
            **{name.replace("_", "."): value for name, value in more.items()},
        }
    )


def ids(jwks: Jwks) -> list[str | None]:
    return [key.key_id for key in jwks.keys]


def test_keys_of_other_kinds_and_uses_are_left_out() -> None:
    keys = [
        {**KEY, "kid": "signs"},
        {**KEY, "kid": "says so", "use": "sig", "alg": "RS512"},
        {**KEY, "kid": "encrypts", "use": "enc"},
        {"kty": "oct", "k": "c2VjcmV0", "kid": "shared"},
        {"kty": "new", "kid": "unknown"},
        {"kty": "RSA", "kid": "broken", "n": "?", "e": "AQAB"},
        "no key",
    ]
    assert [key.key_id for key in parse_keys(json.dumps({"keys": keys}).encode())] == ["signs", "says so"]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"keys": 5}', "<html>", "[" * 100_000])
def test_what_is_no_list_of_keys(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - json's own, or ours
        parse_keys(text.encode())


@pytest.mark.parametrize("url", ["", "keys.json", "ftp://host/keys", "https:", "http://[::1/keys"])
def test_urls_that_are_none(url: str) -> None:
    with pytest.raises(StartupError, match=r"jwks\.endpoint\.url"):
        Jwks(settings(url))


async def test_keys_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "the keys.json"
    path.write_bytes(document("one"))
    jwks = Jwks(settings(path.as_uri()))
    assert ids(jwks) == []
    await jwks.load()
    assert ids(jwks) == ["one"]
    path.unlink()
    with pytest.raises(OSError, match="No such file"):
        await jwks.load()
    assert ids(jwks) == ["one"]


@asynccontextmanager
async def http(answer: Callable[[], bytes]) -> AsyncIterator[str]:
    """A server that answers every request with what a function gives, for as long as the block."""

    async def serve(stream: trio.SocketStream) -> None:
        await stream.receive_some(65536)
        await stream.send_all(answer())
        await stream.aclose()

    async with trio.open_nursery() as nursery:
        [listener] = await nursery.start(partial(trio.serve_tcp, serve, 0, host="127.0.0.1"))
        port = listener.socket.getsockname()[1]
        yield f"http://127.0.0.1:{port}/keys"
        nursery.cancel_scope.cancel()


async def until(condition: Callable[[], bool]) -> None:
    with trio.fail_after(10):
        while not condition():  # noqa: ASYNC110 - it is the other side that changes
            await trio.sleep(0.01)


CUT_SHORT = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{"


def ok(body: bytes) -> bytes:
    return b"HTTP/1.0 200 OK\r\n\r\n" + body


async def test_keys_are_read_over_http_and_again_when_one_is_missing() -> None:
    answers = [ok(document("one")), b"HTTP/1.0 500 No\r\n\r\n", b"nonsense\r\n\r\n", CUT_SHORT, ok(b"{")]
    answers.append(ok(document("one", "two")))
    asked = 0

    def answer() -> bytes:
        nonlocal asked
        asked += 1
        return answers.pop(0)

    async with http(answer) as url, trio.open_nursery() as nursery:
        jwks = Jwks(
            settings(
                url,
                sasl_oauthbearer_jwks_endpoint_retry_backoff_ms="1",
                sasl_oauthbearer_jwks_endpoint_retry_backoff_max_ms="2",
            )
        )
        nursery.start_soon(jwks.run)
        await until(lambda: ids(jwks) == ["one"])
        jwks.look_for("two")
        jwks.look_for("x" * 1001)
        await until(lambda: ids(jwks) == ["one", "two"])
        assert asked == 6  # those that failed were tried again
        jwks.look_for("two")  # was looked for just now
        await trio.sleep(0.05)
        assert asked == 6
        nursery.cancel_scope.cancel()


async def test_a_key_that_is_wanted_while_keys_are_read_is_looked_for_after_that(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_bytes(document("one"))
    jwks = Jwks(settings(path.as_uri()))

    def reads() -> bytes:
        found = path.read_bytes()
        path.write_bytes(document("one", "two"))
        trio.from_thread.run_sync(jwks.look_for, "two")
        return found

    jwks._read = reads  # type: ignore[method-assign]
    async with trio.open_nursery() as nursery:
        nursery.start_soon(jwks.run)
        await until(lambda: ids(jwks) == ["one", "two"])
        nursery.cancel_scope.cancel()


async def test_keys_are_read_again_after_a_while(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_bytes(document("one"))
    async with trio.open_nursery() as nursery:
        jwks = Jwks(settings(path.as_uri(), sasl_oauthbearer_jwks_endpoint_refresh_ms="20"))
        nursery.start_soon(jwks.run)
        await until(lambda: ids(jwks) == ["one"])
        path.write_bytes(document("two"))
        await until(lambda: ids(jwks) == ["two"])
        nursery.cancel_scope.cancel()


async def test_clients_cannot_have_keys_looked_for_at_will(autojump_clock: object) -> None:
    jwks = Jwks(settings("http://127.0.0.1:1/"))
    for number in range(2 * MAX_MISSING):
        jwks.look_for(str(number))
    assert len(jwks._missing) == MAX_MISSING
    await trio.sleep(MISSING_KEY_S + 1)
    jwks.look_for("again")
    assert list(jwks._missing) == ["again"]
