"""DeleteTopics: by name and by id; a deleted topic can be created again at once."""

from differential.conversation import Conversation
from differential.scenario import scenario
from kbroker.protocol.create_topics import CreateTopicsRequest
from kbroker.protocol.delete_topics import DeleteTopicsRequest
from kbroker.protocol.metadata import MetadataRequest

VERSIONS = range(1, 7)


@scenario(VERSIONS)
def by_name(run: Conversation) -> None:
    topic = run.topic()

    def delete(label: str, *names: str, timeout_ms: int = 5000) -> None:
        if run.version >= 6:
            run.ask(
                label, DeleteTopicsRequest, topics=[{"name": name} for name in names], timeout_ms=timeout_ms
            )
        else:
            run.ask(label, DeleteTopicsRequest, topic_names=list(names), timeout_ms=timeout_ms)

    delete("unknown topic", run.name("nowhere"))
    delete("invalid name", "a/b")
    delete("empty name", "")
    delete("none")
    delete("a topic", topic)
    run.ask(
        "it is gone", MetadataRequest, version=9, topics=[{"name": topic}], allow_auto_topic_creation=False,
        until=lambda answer: answer.topics[0].error_code == 3,
    )  # fmt: skip
    delete("again", topic)
    run.ask(
        "created again", CreateTopicsRequest, version=5, timeout_ms=5000,
        topics=[{"name": topic, "num_partitions": 2, "replication_factor": 1}],
    )  # fmt: skip
    run.topic("other")
    delete("known and unknown", run.name("other"), run.name("nowhere"))
    run.topic("third")
    delete("the same twice", run.name("third"), run.name("third"))
    delete("the same unknown one twice", run.name("nowhere"), run.name("nowhere"))


@scenario([6])
def by_id(run: Conversation) -> None:
    topic, other = run.topic(), run.topic("other")
    topic_id = run.topic_id(topic)

    def delete(label: str, *topics: dict[str, object]) -> None:
        run.ask(label, DeleteTopicsRequest, topics=list(topics), timeout_ms=5000)

    delete("unknown id", {"name": None, "topic_id": b"\7" * 16})
    delete("zero id and no name", {"name": None})
    delete("a name and an id", {"name": topic, "topic_id": topic_id})
    delete("another name and an id", {"name": other, "topic_id": topic_id})
    delete("the same by name and by id", {"name": topic}, {"name": None, "topic_id": topic_id})
    delete("an id twice", {"name": None, "topic_id": topic_id}, {"name": None, "topic_id": topic_id})
    delete("an id", {"name": None, "topic_id": run.topic_id(other)})
    delete("again", {"name": None, "topic_id": run.topic_id(other)})


@scenario([0, 7])
def versions_outside(run: Conversation) -> None:
    run.first.ask_raw("a version not advertised", 20, run.version, bytes(20), flexible=run.version > 3)
