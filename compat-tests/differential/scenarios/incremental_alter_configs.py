"""IncrementalAlterConfigs: set, delete, append and subtract."""

from typing import Any

from differential.conversation import Conversation
from differential.scenario import scenario
from differential.scenarios.alter_configs import changed
from kbroker.protocol.describe_configs import DescribeConfigsRequest
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
        "double the threads": ("num.io.threads", SET, "16"),
        "more than double the threads": ("num.io.threads", SET, "17"),
        "half the threads": ("background.threads", SET, "5"),
        "less than half the threads": ("background.threads", SET, "4"),
        "no network threads": ("num.network.threads", SET, "0"),
        "no cleaner threads": ("log.cleaner.threads", SET, "0"),
        "two cleaner threads": ("log.cleaner.threads", SET, "2"),
        "three cleaner threads": ("log.cleaner.threads", SET, "3"),
        "three fetchers": ("num.replica.fetchers", SET, "3"),
        "five recovery threads": ("num.recovery.threads.per.data.dir", SET, "5"),
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


def described(run: Conversation, label: str, kind: int, name: str, *expected: tuple[str, str]) -> None:
    """All settings of a resource, once those expected are there: what was set may be seen a moment later."""

    def there(answer: Any) -> bool:
        found = {each.name: each.value for each in answer.results[0].configs}
        return all(found.get(key) == value for key, value in expected)

    resources = [{"resource_type": kind, "resource_name": name, "configuration_keys": None}]
    run.ask(label, DescribeConfigsRequest, version=4, resources=resources, include_synonyms=True, until=there)


@scenario(VERSIONS)
def of_client_metrics(run: Conversation) -> None:
    name = run.name()
    right = {
        "metrics": "org.apache.kafka.producer.,org.apache.kafka.consumer.coordinator.rebalance.latency.max",
        "interval.ms": "5000",
        "match": "client_software_name=apache-kafka-.*,client_id=a.*",
    }
    alter(
        run, "all of it", resource(CLIENT_METRICS, name, *((key, SET, text) for key, text in right.items()))
    )
    described(run, "all is set", CLIENT_METRICS, name, *right.items())
    alter(run, "append a metric", resource(CLIENT_METRICS, name, ("metrics", APPEND, "more")))
    described(run, "one more", CLIENT_METRICS, name, ("metrics", f"{right['metrics']},more"))
    alter(run, "subtract a metric", resource(CLIENT_METRICS, name, ("metrics", SUBTRACT, "more")))
    alter(run, "delete the interval", resource(CLIENT_METRICS, name, ("interval.ms", DELETE, None)))
    described(run, "one less", CLIENT_METRICS, name, ("interval.ms", "300000"))
    wrong: dict[str, tuple[str, int, str | None]] = {
        "an unknown key": ("no.such.config", SET, "1"),
        "delete an unknown key": ("no.such.config", DELETE, None),
        "append to what is no list": ("interval.ms", APPEND, "1"),
        "append to an unknown key": ("no.such.config", APPEND, "1"),
        "null": ("interval.ms", SET, None),
        "no number": ("interval.ms", SET, "soon"),
        "an empty number": ("interval.ms", SET, ""),
        "too often": ("interval.ms", SET, "99"),
        "too rarely": ("interval.ms", SET, "3600001"),
        "as often as may be": ("interval.ms", SET, "100"),
        "as rarely as may be": ("interval.ms", SET, "3600000"),
        "larger than an int": ("interval.ms", SET, "3000000000"),
        "all metrics": ("metrics", SET, "*"),
        "no metric": ("metrics", SET, ""),
        "an empty metric": ("metrics", SET, "a,,b"),
        "a match without a value": ("match", SET, "client_id"),
        "a match of an unknown thing": ("match", SET, "client_name=a"),
        "a match that is no pattern": ("match", SET, "client_id=["),
        "a match with two equals signs": ("match", SET, "client_id=a=b"),
        "a match with an empty pattern": ("match", SET, "client_id="),
        "a match twice": ("match", SET, "client_id=a,client_id=b"),
        "a match with spaces": ("match", SET, " client_id = a , client_source_port=9.* "),
        "an empty match": ("match", SET, ""),
        "a pattern with a comma": ("match", SET, "client_id=a{1,2}"),
        "a Java pattern": ("match", SET, r"client_id=(?<name>a)[\p{Alpha}&&[^b]]*+\Q.*\E"),
        "operation 4": ("metrics", 4, "1"),
    }
    for label, config in wrong.items():
        alter(run, label, resource(CLIENT_METRICS, name, config), validate_only=True)
    alter(run, "no name", resource(CLIENT_METRICS, "", ("interval.ms", SET, "1000")))
    for operation in (SET, DELETE):
        config = ("interval.ms", operation, "1000")
        alter(run, f"a name with spaces, {operation}", resource(CLIENT_METRICS, f"{name} x/y", config))
    alter(run, "nothing to change", resource(CLIENT_METRICS, name))
    for key in ("metrics", "match"):
        alter(run, f"delete {key}", resource(CLIENT_METRICS, name, (key, DELETE, None)))
    described(run, "nothing is set", CLIENT_METRICS, name)


@scenario(VERSIONS)
def of_groups(run: Conversation) -> None:
    name = run.name()
    right = {"consumer.session.timeout.ms": "50000", "share.auto.offset.reset": "earliest"}
    alter(run, "two", resource(GROUP, name, *((key, SET, text) for key, text in right.items())))
    described(run, "two are set", GROUP, name, *right.items())
    alter(run, "delete one", resource(GROUP, name, ("share.auto.offset.reset", DELETE, None)))
    described(run, "one is set", GROUP, name, ("share.auto.offset.reset", "latest"))
    wrong: dict[str, tuple[str, int, str | None]] = {
        "an unknown key": ("no.such.config", SET, "1"),
        "delete an unknown key": ("no.such.config", DELETE, None),
        "append to what is no list": ("consumer.session.timeout.ms", APPEND, "1"),
        "null": ("consumer.session.timeout.ms", SET, None),
        "no number": ("consumer.session.timeout.ms", SET, "soon"),
        "an empty number": ("consumer.session.timeout.ms", SET, ""),
        "session below the broker's least": ("consumer.session.timeout.ms", SET, "44999"),
        "session above the broker's most": ("consumer.session.timeout.ms", SET, "60001"),
        "session 0": ("consumer.session.timeout.ms", SET, "0"),
        "heartbeat below the broker's least": ("consumer.heartbeat.interval.ms", SET, "4999"),
        "heartbeat above the broker's most": ("consumer.heartbeat.interval.ms", SET, "15001"),
        "heartbeat": ("consumer.heartbeat.interval.ms", SET, "15000"),
        "assignment": ("consumer.assignment.interval.ms", SET, "0"),
        "assignment above": ("consumer.assignment.interval.ms", SET, "15001"),
        "share session below": ("share.session.timeout.ms", SET, "44999"),
        "share session above": ("share.session.timeout.ms", SET, "60001"),
        "share heartbeat below": ("share.heartbeat.interval.ms", SET, "4999"),
        "share heartbeat above": ("share.heartbeat.interval.ms", SET, "15001"),
        "share lock below": ("share.record.lock.duration.ms", SET, "14999"),
        "share lock above": ("share.record.lock.duration.ms", SET, "60001"),
        "share delivery below": ("share.delivery.count.limit", SET, "1"),
        "share delivery above": ("share.delivery.count.limit", SET, "11"),
        "share locks below": ("share.partition.max.record.locks", SET, "99"),
        "share locks above": ("share.partition.max.record.locks", SET, "10001"),
        "share reset latest": ("share.auto.offset.reset", SET, "latest"),
        "share reset by duration": ("share.auto.offset.reset", SET, "by_duration:P1DT2H"),
        "share reset by seconds": ("share.auto.offset.reset", SET, "by_duration:PT0.5S"),
        "share reset by a negative duration": ("share.auto.offset.reset", SET, "by_duration:-PT1H"),
        "share reset by no duration": ("share.auto.offset.reset", SET, "by_duration:soon"),
        "share reset by an empty duration": ("share.auto.offset.reset", SET, "by_duration:"),
        "share reset to none": ("share.auto.offset.reset", SET, "none"),
        "share isolation": ("share.isolation.level", SET, "read_committed"),
        "share isolation in upper case": ("share.isolation.level", SET, "READ_COMMITTED"),
        "share isolation unknown": ("share.isolation.level", SET, "serializable"),
        "share renewal": ("share.renew.acknowledge.enable", SET, "false"),
        "share renewal unknown": ("share.renew.acknowledge.enable", SET, "maybe"),
        "share assignment above": ("share.assignment.interval.ms", SET, "15001"),
        "streams session below": ("streams.session.timeout.ms", SET, "44999"),
        "streams session above": ("streams.session.timeout.ms", SET, "60001"),
        "streams heartbeat below": ("streams.heartbeat.interval.ms", SET, "4999"),
        "streams heartbeat above": ("streams.heartbeat.interval.ms", SET, "15001"),
        "streams standby": ("streams.num.standby.replicas", SET, "2"),
        "streams standby above": ("streams.num.standby.replicas", SET, "3"),
        "streams standby below": ("streams.num.standby.replicas", SET, "-1"),
        "streams delay": ("streams.initial.rebalance.delay.ms", SET, "0"),
        "streams delay below": ("streams.initial.rebalance.delay.ms", SET, "-1"),
        "streams assignment above": ("streams.assignment.interval.ms", SET, "15001"),
        "operation 4": ("consumer.session.timeout.ms", 4, "1"),
    }
    for label, config in wrong.items():
        alter(run, label, resource(GROUP, name, config), validate_only=True)
    alter(run, "no name", resource(GROUP, "", ("consumer.session.timeout.ms", SET, "50000")))
    alter(run, "nothing to change", resource(GROUP, name))
    alter(run, "delete all", resource(GROUP, name, ("consumer.session.timeout.ms", DELETE, None)))
    described(run, "nothing is set", GROUP, name, ("consumer.session.timeout.ms", "45000"))
