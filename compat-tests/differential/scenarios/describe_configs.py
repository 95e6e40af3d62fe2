"""DescribeConfigs: topics, the broker, other resources; keys, synonyms, documentation."""

from typing import Any

from differential.conversation import Conversation
from differential.scenario import scenario
from kbroker.protocol.describe_configs import DescribeConfigsRequest

VERSIONS = range(1, 5)
TOPIC, BROKER, BROKER_LOGGER, CLIENT_METRICS, GROUP = 2, 4, 8, 16, 32


def describe(
    run: Conversation, label: str, kind: int, name: str, keys: list[str] | None = None, **given: Any
) -> Any:
    resources = [{"resource_type": kind, "resource_name": name, "configuration_keys": keys}]
    return run.ask(label, DescribeConfigsRequest, **{"resources": resources, **given})


@scenario(VERSIONS)
def of_topics(run: Conversation) -> None:
    topic = run.topic(segment_bytes="2000000", cleanup_policy="compact,delete")
    describe(run, "all", TOPIC, topic)
    describe(run, "all with synonyms", TOPIC, topic, include_synonyms=True)
    some = ["retention.ms", "segment.bytes", "max.message.bytes"]
    describe(run, "some", TOPIC, topic, some, include_synonyms=True)
    describe(run, "none", TOPIC, topic, [])
    describe(run, "an unknown key", TOPIC, topic, ["no.such.config"])
    describe(run, "a key twice", TOPIC, topic, ["retention.ms", "retention.ms"])
    describe(run, "a broker's key", TOPIC, topic, ["log.retention.ms"])
    describe(run, "unknown topic", TOPIC, run.name("nowhere"))
    describe(run, "invalid name", TOPIC, "a/b")
    describe(run, "empty name", TOPIC, "")
    if run.version >= 3:
        describe(run, "with documentation", TOPIC, topic, some, include_documentation=True)
    two = [
        {"resource_type": TOPIC, "resource_name": name, "configuration_keys": some}
        for name in (topic, run.name("x"))
    ]
    run.ask("two", DescribeConfigsRequest, resources=two)
    run.ask("the same twice", DescribeConfigsRequest, resources=[two[0], two[0]])
    run.ask("nothing", DescribeConfigsRequest, resources=[])


@scenario(VERSIONS)
def of_other_resources(run: Conversation) -> None:
    for name in ("7", "x", "-1"):
        describe(run, f"broker {name!r}", BROKER, name)
    describe(run, "an unknown key of the broker", BROKER, "1", ["no.such.config"])
    describe(run, "a logger of another broker", BROKER_LOGGER, "7")
    describe(run, "a logger of no broker", BROKER_LOGGER, "")
    for kind in (0, 1, 3, 64, -1):
        describe(run, f"resource type {kind}", kind, "name")
    describe(run, "client metrics", CLIENT_METRICS, "metrics")
    describe(run, "client metrics without a name", CLIENT_METRICS, "")
    describe(run, "a group", GROUP, run.name())
    describe(run, "a group without a name", GROUP, "")
    if run.version >= 3:
        for kind in (CLIENT_METRICS, GROUP):
            documented = {"include_documentation": True, "include_synonyms": True}
            describe(run, f"type {kind} with documentation", kind, "x", **documented)
    some = ["interval.ms", "consumer.session.timeout.ms", "no.such.config"]
    for kind in (CLIENT_METRICS, GROUP):
        describe(run, f"some of type {kind}", kind, "x", some)


@scenario(VERSIONS, last=True)
def of_the_broker(run: Conversation) -> None:
    describe(run, "all", BROKER, "1")
    some = [
        "log.retention.ms",
        "log.retention.hours",
        "num.partitions",
        "group.max.size",
        "message.max.bytes",
    ]
    describe(run, "some with synonyms", BROKER, "1", some, include_synonyms=True)
    describe(run, "the cluster's defaults", BROKER, "")
    describe(run, "some of the cluster's defaults", BROKER, "", some, include_synonyms=True)
    describe(
        run,
        "listeners and directories",
        BROKER,
        "1",
        ["process.roles", "node.id", "controller.quorum.voters"],
    )


@scenario([0, 5])
def versions_outside(run: Conversation) -> None:
    run.first.ask_raw("a version not advertised", 32, run.version, bytes(20), flexible=run.version > 3)
