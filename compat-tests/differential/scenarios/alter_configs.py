"""AlterConfigs: the whole set of a topic's or the broker's configs at once."""

import time
from typing import Any

from differential.conversation import PATIENCE, Conversation
from differential.scenario import scenario
from kbroker.protocol.alter_configs import AlterConfigsRequest
from kbroker.protocol.describe_configs import DescribeConfigsRequest

VERSIONS = range(3)
TOPIC, BROKER, BROKER_LOGGER, CLIENT_METRICS, GROUP = 2, 4, 8, 16, 32


def resource(kind: int, name: str, *configs: tuple[str, str | None]) -> dict[str, Any]:
    named = [{"name": key, "value": value} for key, value in configs]
    return {"resource_type": kind, "resource_name": name, "configs": named}


def alter(run: Conversation, label: str, *resources: dict[str, Any], **given: Any) -> Any:
    return run.ask(label, AlterConfigsRequest, resources=list(resources), **given)


def changed(
    run: Conversation,
    label: str,
    kind: int,
    name: str,
    sources: tuple[int, ...] = (1, 2, 3),
    *,
    until: str | None = None,
) -> None:
    """The configs that somebody set: a topic's, the broker's, the cluster's.

    What was set may be seen a moment later, so `until` names a `key=value` to wait for.
    """
    resources = [{"resource_type": kind, "resource_name": name, "configuration_keys": None}]
    deadline = time.monotonic() + PATIENCE
    while True:
        answer = run.first.quietly(DescribeConfigsRequest, 4, resources=resources, include_synonyms=False)
        found = {each.name: (each.value, each.config_source) for each in answer.results[0].configs}
        mine = {key: list(value) for key, value in sorted(found.items()) if value[1] in sources}
        key, _, value = (until or "").partition("=")
        if until is None or found.get(key, (None, 0))[0] == value or time.monotonic() > deadline:
            break
        time.sleep(0.01)
    run.steps.append({"step": label, "request": "DescribeConfigs v4", "answer": mine})


@scenario(VERSIONS)
def of_topics(run: Conversation) -> None:
    topic = run.topic()
    alter(run, "one", resource(TOPIC, topic, ("retention.ms", "1000")))
    changed(run, "then", TOPIC, topic, until="retention.ms=1000")
    alter(
        run,
        "another in its place",
        resource(TOPIC, topic, ("segment.bytes", "2000000"), ("preallocate", "true")),
    )
    changed(run, "then that", TOPIC, topic, until="preallocate=true")
    alter(run, "validated alone", resource(TOPIC, topic, ("retention.ms", "5")), validate_only=True)
    changed(run, "as before", TOPIC, topic)
    wrong: dict[str, tuple[str, str | None]] = {
        "an unknown key": ("no.such.config", "1"),
        "not a number": ("retention.ms", "soon"),
        "null": ("retention.ms", None),
        "too low": ("retention.ms", "-2"),
        "an unknown policy": ("cleanup.policy", "forget"),
        "an empty key": ("", "1"),
    }
    for label, config in wrong.items():
        alter(run, label, resource(TOPIC, topic, config))
    alter(run, "one right, one wrong", resource(TOPIC, topic, ("retention.ms", "5"), ("segment.bytes", "1")))
    alter(run, "the same key twice", resource(TOPIC, topic, ("retention.ms", "5"), ("retention.ms", "6")))
    changed(run, "still", TOPIC, topic)
    alter(run, "none", resource(TOPIC, topic))
    changed(run, "nothing set", TOPIC, topic, until="preallocate=false")
    alter(run, "unknown topic", resource(TOPIC, run.name("nowhere"), ("retention.ms", "5")))
    alter(run, "invalid name", resource(TOPIC, "a/b", ("retention.ms", "5")))
    alter(run, "empty name", resource(TOPIC, "", ("retention.ms", "5")))
    alter(run, "two", resource(TOPIC, topic, ("retention.ms", "7")), resource(TOPIC, run.name("nowhere")))
    same = resource(TOPIC, topic, ("retention.ms", "8"))
    alter(run, "the same twice", same, same, timeout=0.3)
    alter(run, "nothing")


@scenario(VERSIONS)
def of_other_resources(run: Conversation) -> None:
    for name in ("7", "x"):
        alter(run, f"broker {name!r}", resource(BROKER, name, ("log.cleaner.threads", "1")))
    alter(run, "an unknown key", resource(BROKER, "1", ("no.such.config", "1")), validate_only=True)
    alter(
        run, "a key that needs a restart", resource(BROKER, "1", ("num.partitions", "1")), validate_only=True
    )
    alter(run, "not a number", resource(BROKER, "1", ("log.retention.ms", "x")), validate_only=True)
    alter(
        run, "the cluster, not a number", resource(BROKER, "", ("log.retention.ms", "x")), validate_only=True
    )
    for kind in (0, 1, 3, 64, -1):
        alter(run, f"resource type {kind}", resource(kind, "name", ("a", "b")))
    alter(run, "a logger", resource(BROKER_LOGGER, "1", ("kafka", "INFO")))


@scenario(VERSIONS)
def of_client_metrics_and_groups(run: Conversation) -> None:
    metrics, group = run.name("metrics"), run.name("group")
    alter(run, "metrics", resource(CLIENT_METRICS, metrics, ("interval.ms", "1000"), ("metrics", "a,b")))
    changed(run, "they are set", CLIENT_METRICS, metrics, (7,), until="interval.ms=1000")
    alter(run, "others in their place", resource(CLIENT_METRICS, metrics, ("match", "client_id=a")))
    changed(run, "these are set", CLIENT_METRICS, metrics, (7,), until="interval.ms=300000")
    for label, config in {
        "a metrics' unknown key": ("no.such.config", "1"),
        "metrics too often": ("interval.ms", "1"),
        "metrics never": ("interval.ms", None),
        "a wrong match": ("match", "a"),
    }.items():
        alter(run, label, resource(CLIENT_METRICS, metrics, config))
    alter(run, "metrics without a name", resource(CLIENT_METRICS, "", ("interval.ms", "1000")))
    alter(run, "no metrics", resource(CLIENT_METRICS, metrics))
    changed(run, "none is set", CLIENT_METRICS, metrics, (7,), until="match=")
    alter(run, "a group", resource(GROUP, group, ("consumer.session.timeout.ms", "50000")))
    changed(run, "it is set", GROUP, group, (8,), until="consumer.session.timeout.ms=50000")
    for label, config in {
        "a group's unknown key": ("no.such.config", "1"),
        "a session that is too long": ("consumer.session.timeout.ms", "70000"),
        "a session that is no number": ("consumer.session.timeout.ms", "x"),
    }.items():
        alter(run, label, resource(GROUP, group, config))
    alter(run, "a group without a name", resource(GROUP, "", ("consumer.session.timeout.ms", "50000")))
    alter(run, "no group", resource(GROUP, group))
    changed(run, "no group's is set", GROUP, group, (8,), until="consumer.session.timeout.ms=45000")


@scenario(VERSIONS, last=True)
def of_the_broker(run: Conversation) -> None:
    alter(run, "one for this broker", resource(BROKER, "1", ("log.retention.ms", "700000000")))
    changed(run, "then", BROKER, "1", (2, 3), until="log.retention.ms=700000000")
    kept = ("min.insync.replicas", "1")  # which ELR (KIP-966) does not let go
    alter(run, "one for all brokers", resource(BROKER, "", ("message.max.bytes", "2000000"), kept))
    changed(run, "here", BROKER, "1", (2, 3), until="message.max.bytes=2000000")
    changed(run, "for all", BROKER, "", (2, 3), until="message.max.bytes=2000000")
    alter(run, "none for this broker", resource(BROKER, "1"))
    alter(run, "none for all but one", resource(BROKER, "", kept))
    changed(run, "none", BROKER, "1", (2, 3), until="message.max.bytes=1048588")


@scenario([3])
def versions_outside(run: Conversation) -> None:
    run.first.ask_raw("a version not advertised", 33, run.version, bytes(20), flexible=True)
