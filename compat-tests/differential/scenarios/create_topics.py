"""CreateTopics: names, counts, assignments, configs, validation alone, and duplicates."""

from typing import Any

from differential.conversation import Conversation
from differential.scenario import scenario
from kbroker.protocol.create_topics import CreateTopicsRequest
from kbroker.protocol.metadata import MetadataRequest

VERSIONS = range(2, 8)


def wanted(name: str, partitions: int = 1, factor: int = 1, **given: Any) -> dict[str, Any]:
    """One topic of a request; `configs` as a dict, `assignments` as lists of broker ids by partition."""
    configs = [{"name": key, "value": value} for key, value in given.get("configs", {}).items()]
    assignments = [
        {"partition_index": index, "broker_ids": brokers}
        for index, brokers in given.get("assignments", {}).items()
    ]
    return {
        "name": name, "num_partitions": partitions, "replication_factor": factor,
        "configs": configs, "assignments": assignments,
    }  # fmt: skip


def create(run: Conversation, label: str, *topics: dict[str, Any], **given: Any) -> Any:
    return run.ask(label, CreateTopicsRequest, topics=list(topics), **{"timeout_ms": 5000, **given})


@scenario(VERSIONS)
def created(run: Conversation) -> None:
    create(run, "one partition", wanted(run.name("one")))
    create(run, "again", wanted(run.name("one")))
    create(run, "five partitions", wanted(run.name("five"), 5))
    create(
        run,
        "a config",
        wanted(run.name("config"), configs={"retention.ms": "1000", "cleanup.policy": "compact,delete"}),
    )
    create(run, "two topics, one there", wanted(run.name("two")), wanted(run.name("one")))
    create(run, "defaults", wanted(run.name("defaults"), -1, -1))
    create(run, "an assignment", wanted(run.name("assigned"), -1, -1, assignments={0: [1], 1: [1]}))
    create(run, "an assignment and counts that agree", wanted(run.name("agree"), 1, 1, assignments={0: [1]}))
    create(run, "validated alone", wanted(run.name("valid"), 3), validate_only=True)
    create(run, "validated alone, there already", wanted(run.name("one"), 3), validate_only=True)
    create(run, "min.insync.replicas 2", wanted(run.name("replicas"), configs={"min.insync.replicas": "2"}))
    create(run, "no topic")
    names = [{"name": run.name(suffix)} for suffix in ("one", "five", "two", "assigned", "valid")]
    run.ask(
        "what exists", MetadataRequest, version=9, topics=names, allow_auto_topic_creation=False,
        until=lambda answer: not any(part.error_code for each in answer.topics for part in each.partitions),
    )  # fmt: skip


@scenario(VERSIONS)
def refused(run: Conversation) -> None:
    name = run.name()
    for bad in ("", ".", "..", "a/b", "a b", "x" * 249 + "y", "é", "a\0"):
        create(run, f"the name {bad[:10]!r}", wanted(bad))
    run.topic("with.dot")
    create(run, "a name that differs by a dot", wanted(run.name("with_dot")))
    for count in (0, -2, 10_001):
        create(run, f"{count} partitions", wanted(name, count))
    for factor in (0, 2, 3, -2):
        create(run, f"replication factor {factor}", wanted(name, 1, factor))
    create(run, "10 000 partitions", wanted(name, 10_000))
    create(run, "an unknown broker", wanted(name, -1, -1, assignments={0: [7]}))
    create(run, "a broker twice", wanted(name, -1, -1, assignments={0: [1, 1]}))
    create(run, "no replicas", wanted(name, -1, -1, assignments={0: []}))
    create(run, "a gap in the partitions", wanted(name, -1, -1, assignments={0: [1], 2: [1]}))
    create(run, "not from 0", wanted(name, -1, -1, assignments={1: [1]}))
    create(run, "a negative partition", wanted(name, -1, -1, assignments={-1: [1]}))
    create(run, "an assignment and another count", wanted(name, 2, 1, assignments={0: [1]}))
    create(run, "an assignment and another factor", wanted(name, -1, 2, assignments={0: [1]}))
    configs: dict[str, tuple[str, str | None]] = {
        "an unknown config": ("no.such.config", "1"),
        "a config that is no number": ("retention.ms", "soon"),
        "an empty number": ("retention.ms", ""),
        "a number with spaces": ("retention.ms", " 1000 "),
        "a number too low": ("retention.ms", "-2"),
        "a number too large": ("max.message.bytes", "3000000000"),
        "no config value": ("retention.ms", None),
        "an unknown policy": ("cleanup.policy", "forget"),
        "an empty policy": ("cleanup.policy", ""),
        "an unknown codec": ("compression.type", "brotli"),
        "a word for a bool": ("preallocate", "maybe"),
        "a bool in capitals": ("preallocate", "TRUE"),
        "segment bytes too low": ("segment.bytes", "10"),
        "an unknown timestamp type": ("message.timestamp.type", "Never"),
        "a ratio above 1": ("min.cleanable.dirty.ratio", "1.5"),
        "gzip level 10": ("compression.gzip.level", "10"),
        "lz4 level 0": ("compression.lz4.level", "0"),
        "no in-sync replicas": ("min.insync.replicas", "0"),
        "a broker's name for a config": ("log.retention.ms", "1000"),
        "a deprecated config": ("message.format.version", "2.0"),
        "remote storage": ("remote.storage.enable", "true"),
        "an empty config name": ("", "1"),
    }
    for label, (key, value) in configs.items():
        create(run, label, wanted(run.name(key), configs={key: value}), validate_only=True)
    two = {"min.compaction.lag.ms": "1000", "max.compaction.lag.ms": "500"}
    create(run, "two configs that disagree", wanted(name, configs=two), validate_only=True)
    twice = wanted(name)
    twice["configs"] = [{"name": "retention.ms", "value": "1"}, {"name": "retention.ms", "value": "2"}]
    create(run, "the same config twice", twice, validate_only=True)
    create(run, "the same topic twice", wanted(name), wanted(name, 3))
    create(run, "the same topic twice and another", wanted(name), wanted(name), wanted(run.name("other")))
    create(run, "one right, one wrong", wanted(run.name("right")), wanted("a/b"))
    create(run, "timeout 0", wanted(run.name("hasty"), 1), timeout_ms=0, validate_only=True)


@scenario(VERSIONS)
def internal_topic(run: Conversation) -> None:
    create(run, "an internal topic's name", wanted("__consumer_offsets"), validate_only=True)


@scenario([1, 8])
def versions_outside(run: Conversation) -> None:
    run.first.ask_raw("a version not advertised", 19, run.version, bytes(20), flexible=run.version > 4)
