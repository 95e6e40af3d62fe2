"""Delegation tokens: made, found by HMAC, kept, and forgotten when their time has come."""

import base64
import hmac
import logging
from pathlib import Path

import pytest

from kbroker.broker.delegation_tokens import DelegationTokens
from kbroker.config.broker_config import BrokerConfig
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.authentication.scram_keys import credential_of
from kbroker.state.delegation_tokens import DelegationToken
from kbroker.state.scram_credentials import ScramMechanism
from kbroker.storage.sqlite.database import Database
from kbroker.storage.sqlite.delegation_token_store import SqliteDelegationTokenStore

WEEK = 7 * 86_400_000
ALICE, BOB = "User:alice", "User:bob"
KEY = {"delegation.token.secret.key": "key"}


class Clock:
    now = 5000

    def now_ms(self) -> int:
        return self.now


def tokens(path: Path, clock: Clock, settings: dict[str, str] | None = None) -> DelegationTokens:
    config = BrokerConfig.of(KEY if settings is None else settings)
    return DelegationTokens(config, SqliteDelegationTokenStore(Database.open(path / "db")), clock)


def close(*all_tokens: DelegationTokens) -> None:
    for each in all_tokens:
        each._store._database.close()  # type: ignore[attr-defined]


def nobody(_: DelegationToken) -> bool:
    return False


async def test_a_token_and_its_life(tmp_path: Path) -> None:
    clock = Clock()
    known = tokens(tmp_path, clock, KEY | {"delegation.token.expiry.time.ms": "100"})
    token = await known.create(ALICE, BOB, [BOB], -1)
    assert (token.issued_ms, token.expires_ms, token.max_ms) == (5000, 5100, 5000 + WEEK)
    secret = known.hmac(token)
    assert secret == hmac.digest(b"key", token.token_id.encode(), "sha512")
    assert len(base64.urlsafe_b64decode(token.token_id + "==")) == 16
    assert (await known.renew(secret, BOB, 50)).expires_ms == 5050
    assert await known.expire(secret, ALICE, 20) == 5020
    clock.now = 5010
    assert [each.expires_ms for each in known.shown(ALICE, None, nobody)] == [5020]
    assert known.shown("User:carol", None, nobody) == []
    again = tokens(tmp_path, clock)
    await again.load()
    assert again.get(token.token_id) == known.get(token.token_id)
    assert await again.expire(secret, ALICE, -1) == 0
    assert again.get(token.token_id) is None
    with pytest.raises(KafkaError) as raised:
        await again.renew(secret, ALICE, -1)
    assert raised.value.code is ErrorCode.DELEGATION_TOKEN_NOT_FOUND
    close(known, again)


async def test_the_lifetime_asked_for_is_the_longest_up_to_the_brokers(tmp_path: Path) -> None:
    settings = {"delegation.token.expiry.time.ms": "100", "delegation.token.max.lifetime.ms": "1000"}
    known = tokens(tmp_path, Clock(), KEY | settings)
    for asked, longest, ends in ((50, 5050, 5050), (500, 5500, 5100), (9999, 6000, 5100), (0, 6000, 5100)):
        token = await known.create(ALICE, ALICE, [], asked)
        assert (token.max_ms, token.expires_ms) == (longest, ends)
    close(known)


async def test_expired_tokens_are_forgotten(tmp_path: Path) -> None:
    clock = Clock()
    known = tokens(tmp_path, clock)
    short, long = await known.create(ALICE, ALICE, [], 10), await known.create(ALICE, ALICE, [], -1)
    clock.now = 5011
    await known.remove_expired()
    assert [known.get(token.token_id) for token in (short, long)] == [None, long]
    again = tokens(tmp_path, clock)
    await again.load()
    assert again.get(short.token_id) is None
    close(known, again)


async def test_tokens_that_expire_together_are_told_of_in_one_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Clients have as many as they ask for."""
    caplog.set_level(logging.INFO)
    clock = Clock()
    known = tokens(tmp_path, clock)
    for _ in range(3):
        await known.create(ALICE, ALICE, [], 10)
    clock.now = 5011
    await known.remove_expired()
    assert caplog.text.count("has expired") == 1
    close(known)


async def test_a_token_logs_in_with_its_hmac_as_password(tmp_path: Path) -> None:
    known = tokens(tmp_path, Clock())
    token = await known.create(ALICE, ALICE, [], -1)
    password = base64.b64encode(known.hmac(token)).decode()
    for mechanism in ScramMechanism:
        credential = known.credential(token, mechanism)
        assert credential == credential_of(mechanism, password, credential.salt)
        assert known.credential(token, mechanism) is credential
    close(known)


async def test_without_a_key_there_are_none(tmp_path: Path) -> None:
    known = tokens(tmp_path, Clock(), {"delegation.token.secret.key": ""})
    await known.load()
    assert not known.enabled
    for call in (known.create(ALICE, ALICE, [], -1), known.renew(b"", ALICE, 1), known.expire(b"", ALICE, 1)):
        with pytest.raises(KafkaError) as raised:
            await call
        assert raised.value.code is ErrorCode.DELEGATION_TOKEN_AUTH_DISABLED
    with pytest.raises(KafkaError):
        known.shown(ALICE, None, nobody)
    close(known)
