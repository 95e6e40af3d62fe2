"""AlterClientQuotas: who can have quotas, what they can be, and what is in force after each request."""

from typing import Any

from differential.conversation import Conversation
from differential.scenario import scenario
from kbroker.protocol.alter_client_quotas import AlterClientQuotasRequest
from kbroker.protocol.describe_client_quotas import DescribeClientQuotasRequest

VERSIONS = range(2)
PLENTY = 1e15  # bytes a second: other conversations must not feel it
EXACT, DEFAULT, ANY = 0, 1, 2
Entity = dict[str, str | None]


def entry(entity: Entity | list[tuple[str, str | None]], **quotas: float | None) -> dict[str, Any]:
    """One entry: what to set for an entity; None removes."""
    pairs = list(entity.items()) if isinstance(entity, dict) else entity
    return {
        "entity": [{"entity_type": kind, "entity_name": name} for kind, name in pairs],
        "ops": [
            {"key": key, "value": value or 0.0, "remove": value is None} for key, value in quotas.items()
        ],
    }


def alter(run: Conversation, label: str, *entries: dict[str, Any], validate_only: bool = False) -> None:
    run.ask(label, AlterClientQuotasRequest, entries=list(entries), validate_only=validate_only)


def quota(run: Conversation, label: str, entity: Entity, *, there: bool = True) -> None:
    """Record what is set for exactly this entity; Apache Kafka shows it a moment later."""
    components = [
        {"entity_type": kind, "match_type": DEFAULT if name is None else EXACT, "match": name}
        for kind, name in entity.items()
    ]
    run.ask(
        label, DescribeClientQuotasRequest, components=components, strict=True,
        until=lambda answer: bool(answer.entries) == there,
    )  # fmt: skip


@scenario(VERSIONS)
def set_and_removed(run: Conversation) -> None:
    name = run.name()
    entities: list[Entity] = [
        {"user": name},
        {"client-id": name},
        {"user": name, "client-id": name},
        {"client-id": f"{name} %/*?ü", "user": f"{name}@REALM"},
        {"ip": f"127.0.{run.version}.1"},
    ]
    for entity in entities:
        quotas: dict[str, float] = (
            {"connection_creation_rate": 1e6}
            if "ip" in entity
            else {"producer_byte_rate": PLENTY, "consumer_byte_rate": PLENTY, "request_percentage": 200.5}
        )
        label = ", ".join(entity)
        alter(run, f"{label}: validated only", entry(entity, **quotas), validate_only=True)
        quota(run, f"{label}: not there", entity, there=False)
        alter(run, f"{label}: set", entry(entity, **quotas))
        quota(run, f"{label}: there", entity)
        alter(run, f"{label}: set to the same", entry(entity, **quotas))
        alter(run, f"{label}: removed", entry(entity, **dict.fromkeys(quotas)))
        quota(run, f"{label}: gone", entity, there=False)
        alter(run, f"{label}: removed again", entry(entity, **dict.fromkeys(quotas)))


@scenario(VERSIONS)
def several_at_once(run: Conversation) -> None:
    one, other = {"user": run.name("one")}, {"user": run.name("other")}
    alter(run, "two", entry(one, producer_byte_rate=PLENTY), entry(other, producer_byte_rate=PLENTY))
    quota(run, "the first", one)
    quota(run, "the second", other)
    alter(
        run,
        "one good, one bad",
        entry(one, consumer_byte_rate=PLENTY),
        entry({"user": ""}, producer_byte_rate=1.0),
    )
    alter(run, "set and removed in one", entry(one, producer_byte_rate=None, request_percentage=1000.0))
    quota(run, "the first now", one)
    alter(run, "a bad one of two", entry(other, request_percentage=1000.0, consumer_byte_rate=-1.0))
    quota(run, "the second is as it was", other)
    alter(run, "an entity without changes", entry(one))
    alter(run, "nothing")


@scenario(VERSIONS)
def named_twice(run: Conversation) -> None:
    one = {"user": run.name()}
    alter(
        run, "an entity twice", entry(one, producer_byte_rate=PLENTY), entry(one, consumer_byte_rate=PLENTY)
    )
    run.ask(
        "what became of it", DescribeClientQuotasRequest,
        components=[{"entity_type": "user", "match_type": EXACT, "match": run.name()}], strict=True,
    )  # fmt: skip
    twice = entry(one, producer_byte_rate=PLENTY)
    twice["ops"] = twice["ops"] * 2
    alter(run, "a key twice", twice)
    both = entry({"user": run.name("both")}, producer_byte_rate=PLENTY)
    both["ops"] += entry(one, producer_byte_rate=None)["ops"]
    alter(run, "a key set and removed", both)
    other = entry([("user", run.name("a")), ("user", run.name("b"))], producer_byte_rate=PLENTY)
    alter(run, "a type twice", other)
    quota(run, "the last of the two", {"user": run.name("b")})
    quota(run, "the first of the two", {"user": run.name("a")}, there=False)
    three = [entry({"user": run.name("c")}, producer_byte_rate=PLENTY)] * 3
    alter(run, "an entity three times", *three)


@scenario(VERSIONS)
def entities_refused(run: Conversation) -> None:
    name = run.name()
    for label, entity in {
        "no entity": {},
        "an unknown type": {"group": name},
        "an empty type": {"": name},
        "a type in upper case": {"USER": name},
        "clientId": {"clientId": name},
        "an empty user": {"user": ""},
        "an empty client id": {"client-id": ""},
        "an empty ip": {"ip": ""},
        "ip and user": {"ip": "127.0.0.9", "user": name},
        "ip and client id": {"ip": "127.0.0.9", "client-id": name},
        "user and an unknown type": {"user": name, "group": name},
        "user and an empty client id": {"user": name, "client-id": ""},
        "an ip that is none": {"ip": "no such host."},
        "an ip out of range": {"ip": "1.2.3.400"},
        "a network": {"ip": "10.0.0.0/8"},
    }.items():
        key = "connection_creation_rate" if "ip" in entity else "producer_byte_rate"
        alter(run, label, entry(entity, **{key: PLENTY if key != "connection_creation_rate" else 1e6}))
        alter(run, f"{label}, removing", entry(entity, **{key: None}))
        alter(run, f"{label}, without changes", entry(entity))


@scenario(VERSIONS)
def addresses(run: Conversation) -> None:
    for host in ("localhost", "::1", "127.1", "1", "0:0:0:0:0:0:0:1", "[::1]", "127.0.0.01", " 127.0.0.1"):
        alter(run, f"{host!r}", entry({"ip": host}, connection_creation_rate=1e6), validate_only=True)


@scenario(VERSIONS)
def values_refused(run: Conversation) -> None:
    user, ip = {"user": run.name()}, {"ip": "127.0.9.9"}
    byte_rates = ("producer_byte_rate", "consumer_byte_rate")
    percentages = ("request_percentage", "controller_mutation_rate")
    values = (0.0, -1.0, 0.5, 1.5, 1e-9, 1.0000001, 2.0**31, 2.0**63, 1e19, float("inf"))
    for key in (*byte_rates, *percentages):
        for value in values:
            alter(run, f"{key} {value}", entry(user, **{key: value}), validate_only=True)
    for value in values:
        alter(run, f"by ip {value}", entry(ip, connection_creation_rate=value), validate_only=True)
    for key in ("connection_creation_rate", "", "no_such_quota", "Producer_Byte_Rate", "SCRAM-SHA-256"):
        alter(run, f"unknown key {key!r} of a user", entry(user, **{key: 1.0}), validate_only=True)
        alter(run, f"unknown key {key!r} of a user, removed", entry(user, **{key: None}), validate_only=True)
    for key in (*byte_rates, *percentages):
        alter(run, f"{key} by ip", entry(ip, **{key: 1.0}), validate_only=True)


@scenario(VERSIONS, last=True)
def of_defaults(run: Conversation) -> None:
    name = run.name()
    entities: list[Entity] = [
        {"user": None},
        {"client-id": None},
        {"user": None, "client-id": None},
        {"user": name, "client-id": None},
        {"user": None, "client-id": name},
        {"ip": None},
    ]
    for entity in entities:
        key = "connection_creation_rate" if "ip" in entity else "producer_byte_rate"
        label = ", ".join(f"{kind} {value and '~'}" for kind, value in entity.items())
        alter(run, f"{label}: set", entry(entity, **{key: 1e6 if "ip" in entity else PLENTY}))
        quota(run, f"{label}: there", entity)
    for entity in entities:
        key = "connection_creation_rate" if "ip" in entity else "producer_byte_rate"
        label = ", ".join(f"{kind} {value and '~'}" for kind, value in entity.items())
        alter(run, f"{label}: removed", entry(entity, **{key: None}))
        quota(run, f"{label}: gone", entity, there=False)


@scenario([2])
def versions_outside(run: Conversation) -> None:
    run.first.ask_raw("a version not advertised", 49, run.version, bytes(20), flexible=True)
