"""ExpireDelegationToken: later and at once, by its owner, by a renewer, by others."""

from differential.conversation import Client, Conversation
from differential.sasl import log_in, log_in_with_token
from differential.scenario import scenario
from differential.scenarios.create_delegation_token import made, seen_by_now
from differential.scenarios.renew_delegation_token import from_now
from kbroker.protocol.expire_delegation_token import ExpireDelegationTokenRequest

VERSIONS = range(1, 3)


def expire(client: Client, label: str, hmac: bytes, period_ms: int = -1) -> None:
    client.ask(label, ExpireDelegationTokenRequest, only=from_now, hmac=hmac, expiry_time_period_ms=period_ms)


@scenario(VERSIONS, sasl=True)
def all_of_it(run: Conversation) -> None:
    alice, bob = log_in(run.client()), log_in(run.client(), "bob")
    token, other = made(alice, "bob"), made(alice)
    short, late = made(alice, lifetime_ms=1), made(alice, lifetime_ms=1)
    hmac = bytes(token.hmac)
    for period in (60_000, 7_200_001, 2**63 - 1):
        expire(alice, f"in {period} ms", hmac, period)
    expire(bob, "by a renewer", hmac, 120_000)
    expire(bob, "by another", bytes(other.hmac))
    expire(alice, "later, that has expired", bytes(short.hmac), 5)
    expire(alice, "at once, that has expired", bytes(late.hmac))
    expire(bob, "of another, that has expired", bytes(short.hmac))
    expire(alice, "an unknown one", b"unknown")
    expire(alice, "none", b"")
    expire(log_in_with_token(run.client(), token.token_id, hmac), "by its bearer", hmac)
    expire(alice, "now", bytes(other.hmac), 0)
    expire(alice, "at once", hmac)
    seen_by_now(alice, token.token_id, gone=True)
    expire(alice, "again", hmac)
    expire(alice, "at once, by less", bytes(made(alice).hmac), -5)


@scenario(VERSIONS)
def of_nobody(run: Conversation) -> None:
    expire(run.first, "an unknown one", b"unknown")


@scenario([0, 3])
def versions_outside(run: Conversation) -> None:
    run.first.ask_raw("a version not advertised", 40, run.version, bytes(20), flexible=run.version > 1)
