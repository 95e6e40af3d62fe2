"""Metadata: topics by name and by id, auto-creation, authorized operations."""

from typing import Any

from differential.conversation import Conversation
from differential.scenario import scenario
from kbroker.protocol.metadata import MetadataRequest
from kbroker.state.topics import SHARE_GROUP_STATE

VERSIONS = range(14)


@scenario(VERSIONS)
def topics(run: Conversation) -> None:
    topic, other = run.topic(partitions=3), run.topic("other")

    def ask(label: str, *named: dict[str, Any], **given: Any) -> Any:
        return run.ask(label, MetadataRequest, topics=list(named), allow_auto_topic_creation=False, **given)

    ask("one topic", {"name": topic})
    ask("two topics", {"name": other}, {"name": topic})
    ask("the same twice", {"name": topic}, {"name": topic})
    if run.version >= 4:
        ask("unknown topic", {"name": run.name("nowhere")})
        ask("unknown and known", {"name": run.name("nowhere")}, {"name": topic})
    for name in ("a/b", "..", ".", "", "x" * 249, "x" * 250, "a b", "é"):
        if run.version >= 4:
            ask(f"the name {name[:10]!r} of length {len(name)}", {"name": name})
    if run.version >= 1:
        ask("no topic")
    if run.version >= 8:
        ask("with authorized operations", {"name": topic}, include_topic_authorized_operations=True)
        ask(
            "with authorized operations, unknown",
            {"name": run.name("nowhere")},
            include_topic_authorized_operations=True,
        )
    if 8 <= run.version <= 10:
        ask("with the cluster's", {"name": topic}, include_cluster_authorized_operations=True)
    if run.version >= 10:
        topic_id = run.topic_id(topic)
        ask("a topic id", {"topic_id": topic_id, "name": None})
        ask("a topic id and its name", {"topic_id": topic_id, "name": topic})
        ask("a topic id and another name", {"topic_id": topic_id, "name": other})
        ask("unknown topic id", {"topic_id": b"\7" * 16, "name": None})
        ask("zero topic id and no name", {"topic_id": bytes(16), "name": None})
        ask("a topic id and a name", {"topic_id": topic_id, "name": None}, {"name": other})
        ask(
            "two topic ids, one unknown",
            {"topic_id": topic_id, "name": None},
            {"topic_id": b"\7" * 16, "name": None},
        )


@scenario(VERSIONS)
def auto_creation(run: Conversation) -> None:
    name = run.name("made")

    def made(answer: Any) -> bool:
        return bool(answer.topics[0].error_code == 0)

    wanted = {"allow_auto_topic_creation": True}
    run.ask("a topic that is not there yet", MetadataRequest, topics=[{"name": name}], **wanted)
    run.ask("which is soon there", MetadataRequest, until=made, topics=[{"name": name}], **wanted)
    run.ask("an invalid name", MetadataRequest, topics=[{"name": "a/b"}], **wanted)
    run.ask("an empty name", MetadataRequest, topics=[{"name": ""}], **wanted)
    if run.version >= 10:
        asked = [{"topic_id": b"\7" * 16, "name": None}]
        run.ask("an unknown topic id", MetadataRequest, topics=asked, **wanted)


@scenario(VERSIONS)
def all_topics(run: Conversation) -> None:
    topic = run.topic(partitions=2)

    def mine(answer: Any) -> None:  # other conversations' topics are there too
        answer.topics = [each for each in answer.topics if each.name == topic]

    everything: list[dict[str, Any]] | None = [] if run.version == 0 else None
    run.ask("all topics", MetadataRequest, only=mine, topics=everything, allow_auto_topic_creation=False)


@scenario([1, 13], last=True)
def internal_topics(run: Conversation) -> None:
    def internal(answer: Any) -> None:  # without that of share groups, which aren't served
        topics = [each for each in answer.topics if each.is_internal]
        answer.topics = [each for each in topics if each.name != SHARE_GROUP_STATE]

    run.ask("the internal ones of all topics", MetadataRequest, only=internal, topics=None)


@scenario([14])
def versions_outside(run: Conversation) -> None:
    run.first.ask_raw("a version not advertised", 3, run.version, bytes(20), flexible=True)
