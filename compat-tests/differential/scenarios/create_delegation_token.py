"""CreateDelegationToken: for oneself and others, with renewers, and who may not."""

import time
from typing import Any

from differential.conversation import PATIENCE, Client, Conversation
from differential.sasl import log_in, log_in_with_token
from differential.scenario import scenario
from kbroker.protocol.create_delegation_token import CreateDelegationTokenRequest
from kbroker.protocol.describe_delegation_token import DescribeDelegationTokenRequest

VERSIONS = range(1, 4)


def relative(answer: Any) -> None:
    """Times since the token's issue, which is now."""
    if abs(answer.issue_timestamp_ms - time.time() * 1000) < 60_000:
        answer.expiry_timestamp_ms -= answer.issue_timestamp_ms
        answer.max_timestamp_ms -= answer.issue_timestamp_ms
        answer.issue_timestamp_ms = 1


def create(client: Client, label: str, lifetime_ms: int = -1, **fields: Any) -> Any:
    return client.ask(
        label,
        CreateDelegationTokenRequest,
        only=relative,
        **{"renewers": [], "max_lifetime_ms": lifetime_ms, **fields},
    )


def made(client: Client, *renewers: str, owner: str | None = None, lifetime_ms: int = -1) -> Any:
    """A token that the whole broker knows, unrecorded."""
    answer = client.quietly(
        CreateDelegationTokenRequest,
        3,
        owner_principal_type=owner and "User",
        owner_principal_name=owner,
        renewers=[{"principal_type": "User", "principal_name": name} for name in renewers],
        max_lifetime_ms=lifetime_ms,
    )
    assert answer.error_code == 0, answer
    seen_by_now(client, answer.token_id)
    return answer


def seen_by_now(client: Client, token_id: str, *, gone: bool = False) -> None:
    """Wait until a token is shown, or not any more."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        shown = client.quietly(DescribeDelegationTokenRequest, 3, owners=None).tokens
        if (token_id in {each.token_id for each in shown}) is not gone:
            return
        time.sleep(0.02)


@scenario(VERSIONS, sasl=True)
def all_of_it(run: Conversation) -> None:
    client = log_in(run.client())
    create(client, "one's own")
    for lifetime in (0, 1, 60_000, 3_600_001, 7_200_001, 2**63 - 1, -2):
        create(client, f"of {lifetime} ms", lifetime)
    bob = {"principal_type": "User", "principal_name": "bob"}
    create(client, "a renewer", renewers=[bob])
    create(client, "a renewer twice", renewers=[bob, bob])
    create(client, "a renewer without a name", renewers=[bob | {"principal_name": ""}])
    create(client, "a renewer of another kind", renewers=[bob, bob | {"principal_type": "Group"}])
    create(client, "a renewer of a kind in small letters", renewers=[bob | {"principal_type": "user"}])
    if run.version >= 3:
        for label, kind, name in (
            ("somebody else's", "User", "bob"),
            ("one's own by name", "User", "alice"),
            ("a group's", "Group", "g"),
            ("nobody's", "User", ""),
            ("no kind", "", "bob"),
        ):
            create(client, label, owner_principal_type=kind, owner_principal_name=name)


@scenario(VERSIONS, sasl=True)
def with_a_token(run: Conversation) -> None:
    token = made(log_in(run.client()))
    create(log_in_with_token(run.client(), token.token_id, bytes(token.hmac)), "a token's bearer")


@scenario(VERSIONS)
def of_nobody(run: Conversation) -> None:
    create(run.first, "nobody's own")
    create(run.first, "with a renewer", renewers=[{"principal_type": "User", "principal_name": "bob"}])
    if run.version >= 3:
        create(run.first, "another's", owner_principal_type="User", owner_principal_name="bob")


@scenario([0, 4])
def versions_outside(run: Conversation) -> None:
    run.first.ask_raw("a version not advertised", 38, run.version, bytes(20), flexible=run.version > 1)
