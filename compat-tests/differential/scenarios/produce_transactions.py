"""Produce of transactional producers: what proves that a partition is in the transaction, and what comes too late."""

from typing import Any

from differential.batches import TRANSACTIONAL, batch
from differential.conversation import Conversation
from differential.scenario import scenario
from differential.scenarios.add_partitions_to_txn import described
from differential.scenarios.produce import VERSIONS, topic_data
from differential.transactions import NOT_ENOUGH_REPLICAS, NOT_YET, Producer, read
from kbroker.protocol.produce import ProduceRequest

ADDS_SINCE = 12


def settled(answer: Any) -> bool:
    """Whether no partition is to be tried again."""
    return not any(
        partition.error_code in (*NOT_YET, NOT_ENOUGH_REPLICAS)
        for topic in answer.responses
        for partition in topic.partition_responses
    )


def produce(run: Conversation, label: str, name: str | None, topic: str, *parts: tuple[int, bytes]) -> Any:
    data = [topic_data(run, topic, *parts)]
    return run.ask(
        label, ProduceRequest, until=settled, transactional_id=name, acks=-1, timeout_ms=5000, topic_data=data
    )


def begun(run: Conversation, producer: Producer, topic: str, *partitions: int) -> None:
    """Old versions have to say what they are going to write to."""
    if run.version < ADDS_SINCE:
        producer.add(topic, *partitions)


def end(run: Conversation, producer: Producer, *, commit: bool = True) -> None:
    producer.end(commit=commit, version=5 if run.version >= ADDS_SINCE else 3)


@scenario(VERSIONS)
def in_transactions(run: Conversation) -> None:
    topic = run.topic(partitions=2)
    producer = Producer(run, run.name()).begin()
    begun(run, producer, topic, 0, 1)
    name = producer.name
    produce(run, "the first batch", name, topic, (0, producer.batch(b"a", b"b", sequence=0)))
    produce(run, "it again", name, topic, (0, producer.batch(b"a", b"b", sequence=0)))
    both = (0, producer.batch(b"c", sequence=2)), (1, producer.batch(b"d", sequence=0))
    produce(run, "both partitions", name, topic, *both)
    plain = batch((b"x",), producer=(producer.producer_id, producer.epoch, 3))
    produce(run, "a batch outside of the transaction", name, topic, (0, plain))
    produce(run, "a gap", name, topic, (0, producer.batch(sequence=7)))
    older, newer = producer.epoch - 1, producer.epoch + 1
    produce(run, "an older epoch", name, topic, (0, producer.batch(sequence=3, epoch=older)))
    produce(run, "a newer epoch", name, topic, (0, producer.batch(sequence=0, epoch=newer)))
    produce(run, "another transactional id", run.name("other"), topic, (0, producer.batch(b"e", sequence=3)))
    described(run, "what the coordinator knows", name)
    end(run, producer)
    if run.version < ADDS_SINCE:
        produce(run, "after the end", name, topic, (0, producer.batch(sequence=4)))
        produce(run, "the last batch again", name, topic, (0, producer.batch(b"e", sequence=3)))
    else:
        old = producer.epoch - 1
        produce(run, "after the end", name, topic, (0, producer.batch(sequence=4, epoch=old)))
        produce(run, "the last batch again", name, topic, (0, producer.batch(b"e", sequence=3, epoch=old)))
    read(run, "what is committed", topic)


@scenario(VERSIONS)
def without_a_transaction(run: Conversation) -> None:
    topic = run.topic(partitions=3)
    producer = Producer(run, run.name()).begin()
    name = producer.name
    if run.version < ADDS_SINCE:
        produce(run, "nothing was added", name, topic, (0, producer.batch(sequence=0)))
        producer.add(topic, 1)
        one = (0, producer.batch(sequence=0)), (1, producer.batch(sequence=0))
        produce(run, "one of two was added", name, topic, *one)
    else:
        produce(run, "a sequence to begin with that is not 0", name, topic, (0, producer.batch(sequence=3)))
        produce(run, "from 0", name, topic, (0, producer.batch(sequence=0)))
    described(run, "what the coordinator knows", name)
    older, newer = producer.epoch - 1, producer.epoch + 1
    produce(run, "an older epoch", name, topic, (2, producer.batch(sequence=0, epoch=older)))
    produce(run, "a newer epoch", name, topic, (2, producer.batch(sequence=0, epoch=newer)))
    other = batch(attributes=TRANSACTIONAL, producer=(123_456_789, 0, 0))
    produce(run, "another producer id", name, topic, (2, other))
    produce(run, "a transactional id nobody has", run.name("nobody"), topic, (2, producer.batch(sequence=0)))
    produce(run, "an empty transactional id", "", topic, (2, producer.batch(sequence=0)))
    produce(run, "no transactional id", None, topic, (2, producer.batch(sequence=0)))
    two = (1, producer.batch(sequence=0)), (2, other)
    produce(run, "two producers at once", name, topic, *two)
    produce(
        run,
        "two partitions, one unknown",
        name,
        topic,
        (1, producer.batch(sequence=0)),
        (9, producer.batch()),
    )
    nobody = batch(attributes=TRANSACTIONAL)
    produce(run, "a transactional batch without a producer", name, topic, (2, nobody))
    produce(run, "a plain batch", name, topic, (2, batch()))
    idempotent = batch(producer=(producer.producer_id, producer.epoch, 0))
    produce(run, "an idempotent batch", name, topic, (2, idempotent))
    mixed = (1, producer.batch(sequence=1)), (2, batch())
    produce(run, "a transactional batch and a plain one", name, topic, *mixed)
    for partition in (0, 1, 2):
        read(run, f"partition {partition}", topic, partition, committed=False)


@scenario(VERSIONS)
def fenced(run: Conversation) -> None:
    topic = run.topic()
    old = Producer(run, run.name()).begin()
    begun(run, old, topic, 0)
    produce(run, "the old one's", old.name, topic, (0, old.batch(b"old", sequence=0)))
    new = Producer(run, run.name()).begin()
    produce(run, "the old one's next", old.name, topic, (0, old.batch(b"late", sequence=1)))
    begun(run, new, topic, 0)
    produce(run, "the new one's", new.name, topic, (0, new.batch(b"new", sequence=0)))
    end(run, new)
    read(run, "what is committed", topic)
