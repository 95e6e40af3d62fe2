"""Creates a workload's topics, and notes what the checker must know of them."""

from histories.recorder import Recorder

from kbroker.protocol.create_topics import CreatableTopic, CreatableTopicConfig, CreateTopicsRequest
from workloads.patience import QUIET
from workloads.raw.connection import Connection, ask_until_answered
from workloads.topics import KINDS, PARTITIONS, topic

CREATE_TOPICS = 5  # version


def create_topics(recorder: Recorder, workload: str, port: int) -> None:
    """Create them. RuntimeError if the broker refuses."""
    wanted = []
    for name, kind in KINDS.items():
        settings = [CreatableTopicConfig(*each) for each in kind.settings.items()]
        wanted.append(CreatableTopic(topic(workload, name), PARTITIONS, 1, [], settings))
        recorder.info(
            "topics", "topic", topic=topic(workload, name), keys=kind.keys, trimmed=kind.trimmed,
            transactional=kind.transactional,
        )  # fmt: skip
    request = CreateTopicsRequest(topics=wanted, timeout_ms=10_000, validate_only=False)
    connection = Connection(port)
    QUIET.set()  # before the first fault; workers are other processes
    for told in ask_until_answered(connection, request, CREATE_TOPICS).topics:
        if told.error_code:
            raise RuntimeError(f"{told.name} is not created: error {told.error_code}, {told.error_message}")
    connection.close()
