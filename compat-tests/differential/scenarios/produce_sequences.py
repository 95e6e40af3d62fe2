"""Produce of idempotent producers: what follows, repeats, leaves a gap or wraps around."""

from differential.batches import batch
from differential.conversation import Conversation
from differential.scenario import scenario
from differential.scenarios.produce import VERSIONS, produce, stored
from kbroker.protocol.init_producer_id import InitProducerIdRequest


@scenario(VERSIONS)
def sequences(run: Conversation) -> None:
    topic = run.topic(partitions=2)
    given = run.ask(
        "a producer id", InitProducerIdRequest, version=4, transactional_id=None, transaction_timeout_ms=1
    )
    pid, epoch = given.producer_id, given.producer_epoch

    def sequenced(label: str, sequence: int, epoch: int = epoch, size: int = 1, value: bytes = b"v") -> None:
        produce(run, label, topic, batch([value] * size, producer=(pid, epoch, sequence)))

    sequenced("sequence 0", 0)
    sequenced("sequence 0 again: its first offset", 0)
    sequenced("sequence 1, five records", 1, size=5)
    sequenced("sequence 6", 6)
    sequenced("the five again", 1, size=5)
    sequenced("four of the five: no duplicate", 1, size=4)
    sequenced("the last of the five", 5)
    sequenced("a gap", 9)
    sequenced("after the gap, in order", 7)
    for sequence in range(8, 12):
        sequenced(f"sequence {sequence}", sequence)
    sequenced("the fifth batch back", 7)
    sequenced("the sixth batch back", 6)
    sequenced("sequence 0 of the same epoch", 0)
    sequenced("an older epoch", 12, epoch=epoch - 1)
    sequenced("a newer epoch that starts at 3", 3, epoch=epoch + 1)
    sequenced("a newer epoch that starts at 0", 0, epoch=epoch + 1)
    sequenced("the epoch before", 12)
    sequenced("the newer epoch goes on", 1, epoch=epoch + 1)
    both = batch(producer=(pid, epoch + 1, 2)) + batch(producer=(pid, epoch + 1, 3))
    produce(run, "two sequenced batches at once", topic, both)
    with_log = batch(producer=(pid, epoch, 40))
    produce(run, "another partition starts where it likes", topic, with_log, partition=1)
    produce(run, "an unknown producer id starts at 5", topic, batch(producer=(987_654, 0, 5)))
    produce(run, "and goes on at 6", topic, batch(producer=(987_654, 0, 6)))
    produce(run, "and repeats 5", topic, batch(producer=(987_654, 0, 5)))
    stored(run, topic)


@scenario(VERSIONS)
def sequence_wraps(run: Conversation) -> None:
    topic = run.topic()
    largest = 2**31 - 1
    produce(
        run,
        "two records that end at the largest sequence",
        topic,
        batch([b"a", b"b"], producer=(555, 0, largest - 1)),
    )
    produce(run, "sequence 0 follows", topic, batch([b"c"], producer=(555, 0, 0)))
    produce(run, "another producer just below", topic, batch([b"a"], producer=(556, 0, largest - 1)))
    produce(run, "a batch that wraps within", topic, batch([b"b", b"c", b"d"], producer=(556, 0, largest)))
    produce(run, "sequence 2 follows", topic, batch([b"e"], producer=(556, 0, 2)))
    produce(run, "the wrapping one again", topic, batch([b"b", b"c", b"d"], producer=(556, 0, largest)))
    stored(run, topic)
