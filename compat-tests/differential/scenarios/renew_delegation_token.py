"""RenewDelegationToken: by its owner, by a renewer, by others, too late."""

import time
from typing import Any

from differential.conversation import Client, Conversation
from differential.sasl import log_in, log_in_with_token
from differential.scenario import scenario
from differential.scenarios.create_delegation_token import made
from kbroker.protocol.renew_delegation_token import RenewDelegationTokenRequest

VERSIONS = range(1, 3)


def from_now(answer: Any) -> None:
    """The end in tens of seconds from now."""
    if answer.expiry_timestamp_ms > 10**12:
        answer.expiry_timestamp_ms = round((answer.expiry_timestamp_ms / 1000 - time.time()) / 10) * 10


def renew(client: Client, label: str, hmac: bytes, period_ms: int = -1) -> None:
    client.ask(label, RenewDelegationTokenRequest, only=from_now, hmac=hmac, renew_period_ms=period_ms)


@scenario(VERSIONS, sasl=True)
def all_of_it(run: Conversation) -> None:
    alice, bob = log_in(run.client()), log_in(run.client(), "bob")
    token, other = made(alice, "bob"), made(bob, owner="alice")
    short = made(alice, lifetime_ms=1)
    hmac = bytes(token.hmac)
    renew(alice, "by its owner", hmac)
    for period in (0, 60_000, 3_600_001, 7_200_001, -5, 2**63 - 1):
        renew(alice, f"for {period} ms", hmac, period)
    renew(bob, "by a renewer", hmac, 120_000)
    renew(bob, "by who asked for it", bytes(other.hmac))
    renew(alice, "by whom it was asked for", bytes(other.hmac))
    renew(alice, "that has expired", bytes(short.hmac))
    renew(bob, "of another, that has expired", bytes(short.hmac))
    renew(alice, "an unknown one", b"unknown")
    renew(alice, "none", b"")
    renew(log_in_with_token(run.client(), token.token_id, hmac), "by its bearer", hmac)


@scenario(VERSIONS)
def of_nobody(run: Conversation) -> None:
    renew(run.first, "an unknown one", b"unknown")


@scenario([0, 3])
def versions_outside(run: Conversation) -> None:
    run.first.ask_raw("a version not advertised", 39, run.version, bytes(20), flexible=run.version > 1)
