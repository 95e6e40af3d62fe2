"""IncrementalAlterConfigs: set, delete, append and subtract."""

from typing import Any

from differential.conversation import Conversation
from differential.scenario import scenario
from differential.scenarios.alter_configs import changed
from kbroker.protocol.incremental_alter_configs import IncrementalAlterConfigsRequest

VERSIONS = range(2)
TOPIC, BROKER, BROKER_LOGGER, CLIENT_METRICS, GROUP = 2, 4, 8, 16, 32
SET, DELETE, APPEND, SUBTRACT = 0, 1, 2, 3


def resource(kind: int, name: str, *configs: tuple[str, int, str | None]) -> dict[str, Any]:
    named = [
        {"name": key, "config_operation": operation, "value": value} for key, operation, value in configs
    ]
    return {"resource_type": kind, "resource_name": name, "configs": named}


def alter(run: Conversation, label: str, *resources: dict[str, Any], **given: Any) -> Any:
    return run.ask(label, IncrementalAlterConfigsRequest, resources=list(resources), **given)


@scenario(VERSIONS)
def of_topics(run: Conversation) -> None:
    topic = run.topic()
    throttled = "follower.replication.throttled.replicas"
    right: dict[str, tuple[tuple[str, int, str | None], str]] = {  # and the value to wait for
        "set": (("retention.ms", SET, "1000"), "1000"),
        "set the same": (("retention.ms", SET, "1000"), "1000"),
        "append to a default": (("cleanup.policy", APPEND, "compact"), "delete,compact"),
        "append what is there": (("cleanup.policy", APPEND, "compact"), "delete,compact"),
        "subtract": (("cleanup.policy", SUBTRACT, "delete"), "compact"),
        "subtract what is not there": (("cleanup.policy", SUBTRACT, "delete"), "compact"),
        "delete": (("retention.ms", DELETE, None), "604800000"),
        "delete again": (("retention.ms", DELETE, None), "604800000"),
        "delete with a value": (("retention.ms", DELETE, "5"), "604800000"),
        "delete what was never set": (("segment.bytes", DELETE, ""), "1073741824"),
        "set a list": ((throttled, SET, "0:1"), "0:1"),
        "append to a list": ((throttled, APPEND, "1:1,2:1"), "0:1,1:1,2:1"),
        "subtract from a list": ((throttled, SUBTRACT, "0:1,2:1"), "1:1"),
    }
    for label, (config, value) in right.items():
        alter(run, label, resource(TOPIC, topic, config))
        changed(run, f"{label}: then", TOPIC, topic, until=f"{config[0]}={value}")
    wrong: dict[str, tuple[str, int, str | None]] = {
        "set an unknown key": ("no.such.config", SET, "1"),
        "delete an unknown key": ("no.such.config", DELETE, None),
        "append to what is no list": ("retention.ms", APPEND, "1"),
        "subtract from what is no list": ("retention.ms", SUBTRACT, "1"),
        "append to an unknown key": ("no.such.config", APPEND, "1"),
        "set null": ("retention.ms", SET, None),
        "append null": ("cleanup.policy", APPEND, None),
        "not a number": ("retention.ms", SET, "soon"),
        "empty": ("retention.ms", SET, ""),
        "operation 4": ("retention.ms", 4, "1"),
        "operation -1": ("retention.ms", -1, "1"),
        "an empty key": ("", SET, "1"),
        "append an unknown policy": ("cleanup.policy", APPEND, "forget"),
    }
    for label, config in wrong.items():
        alter(run, label, resource(TOPIC, topic, config))
    alter(run, "the last policy subtracted", resource(TOPIC, topic, ("cleanup.policy", SUBTRACT, "compact")))
    changed(run, "what is set", TOPIC, topic, until="cleanup.policy=")
    alter(
        run,
        "one right, one wrong",
        resource(TOPIC, topic, ("retention.ms", SET, "5"), ("segment.bytes", SET, "1")),
    )
    alter(
        run,
        "the same key twice",
        resource(TOPIC, topic, ("retention.ms", SET, "5"), ("retention.ms", SET, "6")),
    )
    alter(run, "validated alone", resource(TOPIC, topic, ("retention.ms", SET, "5")), validate_only=True)
    alter(run, "nothing to change", resource(TOPIC, topic))
    changed(run, "what is set still", TOPIC, topic)
    alter(run, "unknown topic", resource(TOPIC, run.name("nowhere"), ("retention.ms", SET, "5")))
    alter(run, "invalid name", resource(TOPIC, "a/b", ("retention.ms", SET, "5")))
    alter(run, "empty name", resource(TOPIC, "", ("retention.ms", SET, "5")))
    one = resource(TOPIC, topic, ("retention.ms", SET, "7"))
    alter(
        run, "two topics, one unknown", one, resource(TOPIC, run.name("nowhere"), ("retention.ms", SET, "5"))
    )
    alter(run, "the same topic twice", one, one)
    alter(run, "none")


@scenario(VERSIONS)
def of_other_resources(run: Conversation) -> None:
    for name in ("7", "x"):
        alter(run, f"broker {name!r}", resource(BROKER, name, ("log.cleaner.threads", SET, "1")))
    checks: dict[str, tuple[str, int, str | None]] = {
        "an unknown key": ("no.such.config", SET, "1"),
        "a key that needs a restart": ("num.partitions", SET, "1"),
        "not a number": ("log.retention.ms", SET, "x"),
        "a right one": ("log.retention.ms", SET, "800000000"),
        "a list": ("log.cleanup.policy", APPEND, "compact"),
    }
    for label, config in checks.items():
        for name in ("1", ""):
            alter(run, f"{label}, broker {name!r}", resource(BROKER, name, config), validate_only=True)
    for kind in (0, 1, 3, 64, -1):
        alter(run, f"resource type {kind}", resource(kind, "name", ("a", SET, "b")))
    alter(run, "a logger of another broker", resource(BROKER_LOGGER, "7", ("kafka", SET, "INFO")))
    alter(run, "a logger without a name", resource(BROKER_LOGGER, "", ("kafka", SET, "INFO")))
    alter(run, "a logger, an unknown level", resource(BROKER_LOGGER, "1", ("kafka", SET, "LOUD")))


@scenario(VERSIONS, last=True)
def of_the_broker(run: Conversation) -> None:
    alter(run, "one for this broker", resource(BROKER, "1", ("log.retention.ms", SET, "700000000")))
    changed(run, "then", BROKER, "1", (2, 3), until="log.retention.ms=700000000")
    alter(run, "one for all brokers", resource(BROKER, "", ("message.max.bytes", SET, "2000000")))
    changed(run, "here", BROKER, "1", (2, 3), until="message.max.bytes=2000000")
    changed(run, "for all", BROKER, "", (2, 3), until="message.max.bytes=2000000")
    alter(run, "not for this broker", resource(BROKER, "1", ("log.retention.ms", DELETE, None)))
    alter(run, "not for all", resource(BROKER, "", ("message.max.bytes", DELETE, None)))
    changed(run, "none", BROKER, "1", (2, 3), until="message.max.bytes=1048588")


@scenario([2])
def versions_outside(run: Conversation) -> None:
    run.first.ask_raw("a version not advertised", 44, run.version, bytes(20), flexible=True)
