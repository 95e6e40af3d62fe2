"""DescribeDelegationToken: one's own, those one may renew, and others'."""

import time
from typing import Any

from differential.conversation import Client, Conversation
from differential.sasl import log_in, log_in_with_token
from differential.scenario import scenario
from differential.scenarios.create_delegation_token import made, seen_by_now
from kbroker.protocol.describe_delegation_token import DescribeDelegationTokenRequest
from kbroker.protocol.expire_delegation_token import ExpireDelegationTokenRequest

VERSIONS = range(1, 4)


@scenario(VERSIONS, sasl=True)
def all_of_it(run: Conversation) -> None:
    alice, bob = log_in(run.client()), log_in(run.client(), "bob")
    one, two = made(alice, "bob", run.name()), made(bob, run.name("x"), owner=run.name(), lifetime_ms=60_000)
    short = made(alice, run.name(), lifetime_ms=1)
    ids = {each.token_id for each in (one, two, short)}

    def ours(answer: Any) -> None:
        answer.tokens = [each for each in answer.tokens if each.token_id in ids]
        for each in answer.tokens:
            each.expiry_timestamp -= each.issue_timestamp
            each.max_timestamp -= each.issue_timestamp
            each.issue_timestamp = 1 if abs(each.issue_timestamp - time.time() * 1000) < 60_000 else 0

    def ask(client: Client, label: str, *owners: str, kind: str = "User", everyone: bool = False) -> None:
        named = [{"principal_type": kind, "principal_name": owner} for owner in owners]
        client.ask(label, DescribeDelegationTokenRequest, only=ours, owners=None if everyone else named)

    ask(alice, "all", everyone=True)
    ask(alice, "nobody's")
    ask(bob, "all of another", everyone=True)
    ask(alice, "of a renewer", run.name())
    ask(alice, "of another renewer", run.name("x"))
    ask(alice, "of two", run.name(), run.name("x"))
    ask(alice, "of one twice", run.name(), run.name())
    ask(alice, "of an unknown user", run.name("nobody"))
    ask(alice, "of another kind", run.name(), kind="Group")
    bearer = log_in_with_token(run.client(), one.token_id, bytes(one.hmac))
    ask(bearer, "by a bearer", everyone=True)
    alice.quietly(ExpireDelegationTokenRequest, 2, hmac=bytes(one.hmac), expiry_time_period_ms=-1)
    seen_by_now(alice, one.token_id, gone=True)
    ask(alice, "when one is gone", everyone=True)


@scenario(VERSIONS)
def of_nobody(run: Conversation) -> None:
    run.ask("all", DescribeDelegationTokenRequest, owners=None)
    run.ask("none", DescribeDelegationTokenRequest, owners=[])


@scenario([0, 4])
def versions_outside(run: Conversation) -> None:
    run.first.ask_raw("a version not advertised", 41, run.version, bytes(20), flexible=run.version > 1)
