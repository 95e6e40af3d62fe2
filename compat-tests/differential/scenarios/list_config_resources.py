"""ListConfigResources: resources by type; other scenarios' topics are there too, so only this one's are compared."""

from typing import Any

from differential.conversation import Conversation
from differential.groups import stable
from differential.scenario import scenario
from kbroker.protocol.incremental_alter_configs import IncrementalAlterConfigsRequest
from kbroker.protocol.list_config_resources import ListConfigResourcesRequest

VERSIONS = range(2)
TOPIC, BROKER, LOGGER, CLIENT_METRICS, GROUP = 2, 4, 8, 16, 32


@scenario(VERSIONS)
def all_of_it(run: Conversation) -> None:
    run.topic(), run.topic("other")
    stable(run, run.name("group"))

    def mine(answer: Any) -> None:
        answer.config_resources = sorted(
            (
                each
                for each in answer.config_resources
                if each.resource_type in (BROKER, LOGGER) or each.resource_name.startswith(run.name())
            ),
            key=lambda each: (each.resource_type, each.resource_name),
        )

    def ask(label: str, *types: int) -> None:
        run.ask(label, ListConfigResourcesRequest, only=mine, resource_types=list(types))

    ask("all types")
    if run.version >= 1:
        for each in (TOPIC, BROKER, LOGGER, CLIENT_METRICS, GROUP):
            ask(f"type {each}", each)
        for each in (0, 1, 3, -1, 64, 127):
            ask(f"unknown type {each}", each)
        ask("two types", BROKER, TOPIC)
        ask("the same twice", BROKER, BROKER)
        ask("unknown and known types", 3, TOPIC)


@scenario(VERSIONS, last=True)
def with_configs(run: Conversation) -> None:
    """Client metrics and groups are there as long as something is set on them."""

    def alter(kind: int, name: str, key: str, value: str | None) -> None:
        configs = [{"name": key, "config_operation": int(value is None), "value": value}]
        resources = [{"resource_type": kind, "resource_name": name, "configs": configs}]
        run.ask(f"alter type {kind}", IncrementalAlterConfigsRequest, version=1, resources=resources)

    def ask(label: str, kind: int, number: int) -> None:
        def mine(answer: Any) -> None:
            answer.config_resources = [
                each for each in answer.config_resources if each.resource_name.startswith(run.name())
            ]

        types = [kind] if run.version else []
        run.ask(
            f"{label}, type {kind}",
            ListConfigResourcesRequest,
            only=mine,
            resource_types=types,
            until=lambda answer: len(answer.config_resources) == number,
        )

    for kind, key, value in (
        (CLIENT_METRICS, "interval.ms", "1000"),
        (GROUP, "consumer.session.timeout.ms", "50000"),
    ):
        listed = kind == CLIENT_METRICS or run.version > 0
        ask("nothing", kind, 0)
        alter(kind, run.name(), key, value)
        ask("one", kind, int(listed))
        alter(kind, run.name(), key, None)
        ask("nothing again", kind, 0)


@scenario([2])
def versions_outside(run: Conversation) -> None:
    run.first.ask_raw("a version not advertised", 74, run.version, bytes(20), flexible=True)
