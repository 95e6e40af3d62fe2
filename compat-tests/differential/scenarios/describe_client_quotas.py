"""DescribeClientQuotas: every match type, strict or not, and filters that are refused."""

from typing import Any

from differential.conversation import Conversation
from differential.scenario import scenario
from differential.scenarios.alter_client_quotas import PLENTY, Entity, entry
from kbroker.protocol.alter_client_quotas import AlterClientQuotasRequest
from kbroker.protocol.describe_client_quotas import DescribeClientQuotasRequest

VERSIONS = range(2)
EXACT, DEFAULT, ANY = 0, 1, 2
TYPES = ("user", "client-id", "ip")


def describe(
    run: Conversation,
    label: str,
    *components: tuple[str, int, str | None],
    strict: bool = False,
    least: int = 0,
) -> None:
    def mine(answer: Any) -> None:
        if answer.entries is not None:
            answer.entries = [
                each
                for each in answer.entries
                if all(
                    one.entity_name is None or one.entity_name.startswith(run.name()) for one in each.entity
                )
            ]

    run.ask(
        f"{label}, strict" if strict else label, DescribeClientQuotasRequest,
        components=[
            {"entity_type": kind, "match_type": match, "match": name} for kind, match, name in components
        ],
        strict=strict, only=mine, until=lambda answer: len(answer.entries or ()) >= least,
    )  # fmt: skip


@scenario(VERSIONS, last=True)
def filtered(run: Conversation) -> None:
    one, two = run.name("one"), run.name("two")
    entities: list[Entity] = [
        {"user": one},
        {"user": two},
        {"client-id": one},
        {"user": one, "client-id": one},
        {"user": one, "client-id": two},
        {"user": one, "client-id": None},
        {"user": None, "client-id": one},
        {"user": None},
        {"client-id": None},
    ]
    quotas = {"producer_byte_rate": PLENTY, "consumer_byte_rate": PLENTY / 2}
    for to in (quotas, dict.fromkeys(quotas)):
        run.first.quietly(AlterClientQuotasRequest, 1, entries=[entry(each, **to) for each in entities])
        if to is quotas:
            ask_all(run, one, len(entities))


def ask_all(run: Conversation, one: str, count: int) -> None:
    describe(run, "everything", least=count)
    for strict in (False, True):
        describe(run, "no component", strict=strict)
        for kind in TYPES:
            describe(run, f"any {kind}", (kind, ANY, None), strict=strict)
            describe(run, f"default {kind}", (kind, DEFAULT, None), strict=strict)
            describe(run, f"one {kind}", (kind, EXACT, one), strict=strict)
            describe(run, f"unknown {kind}", (kind, EXACT, run.name("nowhere")), strict=strict)
        for user in (ANY, DEFAULT, EXACT):
            for client in (ANY, DEFAULT, EXACT):
                pair = ("user", user, one if user == EXACT else None), (
                    "client-id", client, one if client == EXACT else None,
                )  # fmt: skip
                describe(run, f"user {user} and client-id {client}", *pair, strict=strict)


@scenario(VERSIONS)
def refused(run: Conversation) -> None:
    name = run.name()
    describe(run, "an unknown type", ("group", EXACT, name))
    describe(run, "an empty type", ("", EXACT, name))
    describe(run, "exactly null", ("user", EXACT, None))
    describe(run, "exactly nothing", ("user", EXACT, ""))
    describe(run, "default with a name", ("user", DEFAULT, name))
    describe(run, "any with a name", ("user", ANY, name))
    describe(run, "default with an empty name", ("user", DEFAULT, ""))
    for match in (3, -1, 127):
        describe(run, f"match type {match}", ("user", match, None))
    describe(run, "a type twice", ("user", EXACT, name), ("user", EXACT, name))
    describe(run, "a type twice, the second unspecific", ("user", EXACT, name), ("user", ANY, None))
    describe(run, "any of a type twice", ("user", ANY, None), ("user", ANY, None))
    describe(run, "ip and user", ("ip", ANY, None), ("user", ANY, None))
    describe(run, "client-id and ip", ("client-id", EXACT, name), ("ip", EXACT, "127.0.0.1"))
    describe(run, "an unknown and a bad one", ("group", EXACT, name), ("user", EXACT, None))
    describe(run, "a bad and an unknown one", ("user", EXACT, None), ("group", EXACT, name))
    describe(run, "an ip that is none", ("ip", EXACT, "no such host."))


@scenario([2])
def versions_outside(run: Conversation) -> None:
    run.first.ask_raw("a version not advertised", 48, run.version, bytes(20), flexible=True)
