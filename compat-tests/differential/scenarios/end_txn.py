"""EndTxn: commits and aborts, what readers of committed data see of it, and what comes too late."""

from typing import Any

from differential.conversation import Conversation
from differential.scenario import scenario
from differential.scenarios.add_partitions_to_txn import described
from differential.transactions import Producer, read, settled
from kbroker.protocol.end_txn import EndTxnRequest
from kbroker.protocol.list_offsets import ListOffsetsRequest

VERSIONS = range(6)


def end(run: Conversation, label: str, producer: Producer, *, commit: bool = True, **given: Any) -> Any:
    """End as the producer, with what `given` says instead. From version 5 on it goes on with what it is told."""
    said = {
        "transactional_id": producer.name,
        "producer_id": producer.producer_id,
        "producer_epoch": producer.epoch,
        "committed": commit,
        **given,
    }
    answer = run.ask(label, EndTxnRequest, until=settled, **said)
    if answer.error_code == 0 and run.version >= 5:
        producer.goes_on_with(answer)
    return answer


def done(run: Conversation, producer: Producer, *, commit: bool = True, **given: Any) -> None:
    """Wait until all markers are written: unrecorded, the same end is asked for until it is no longer under way."""
    said = {
        "transactional_id": producer.name,
        "producer_id": producer.producer_id,
        "producer_epoch": producer.epoch - (run.version >= 5),
        "committed": commit,
        **given,
    }
    while not settled(run.first.quietly(EndTxnRequest, run.version, **said)):
        pass


def write(run: Conversation, producer: Producer, topic: str, *values: bytes, partition: int = 0) -> None:
    """Write in the way of the transaction version that the scenario's version speaks."""
    if run.version < 5:
        producer.add(topic, partition)
    producer.write(topic, *values, partition=partition, version=12 if run.version >= 5 else 11)


def bounds(run: Conversation, label: str, topic: str) -> None:
    """The end of a partition, for both kinds of readers."""
    for level, readers in enumerate(("all", "committed")):
        run.ask(
            f"{label}, for readers of {readers} records",
            ListOffsetsRequest,
            version=5,
            replica_id=-1,
            isolation_level=level,
            topics=[{"name": topic, "partitions": [{"partition_index": 0, "timestamp": -1}]}],
        )


@scenario(VERSIONS)
def committed_and_aborted(run: Conversation) -> None:
    topic = run.topic(partitions=2)
    producer = Producer(run, run.name()).begin()
    write(run, producer, topic, b"a", b"b")
    write(run, producer, topic, b"c", partition=1)
    read(run, "nothing is committed yet", topic)
    read(run, "but written", topic, committed=False)
    bounds(run, "an open transaction", topic)
    end(run, "commit", producer)
    done(run, producer)
    for partition in (0, 1):
        read(run, f"partition {partition} is committed", topic, partition)
    bounds(run, "after the commit", topic)
    described(run, "committed", run.name())
    write(run, producer, topic, b"d")
    write(run, producer, topic, b"e", partition=1)
    end(run, "abort", producer, commit=False)
    done(run, producer, commit=False)
    for partition in (0, 1):
        read(run, f"partition {partition} has an aborted transaction", topic, partition)
    read(run, "which readers of all records are not told", topic, committed=False)
    described(run, "aborted", run.name())
    write(run, producer, topic, b"f")
    end(run, "commit again", producer)
    done(run, producer)
    read(run, "the last one is committed", topic)
    bounds(run, "in the end", topic)


@scenario(VERSIONS)
def two_producers(run: Conversation) -> None:
    topic = run.topic()
    first, second = Producer(run, run.name("1")).begin(), Producer(run, run.name("2")).begin()
    write(run, first, topic, b"1a")
    write(run, second, topic, b"2a")
    write(run, first, topic, b"1b")
    end(run, "the second aborts", second, commit=False)
    done(run, second, commit=False)
    read(run, "nothing is to be read before the first has ended", topic)
    bounds(run, "the first is open", topic)
    end(run, "the first commits", first)
    done(run, first)
    read(run, "all of the first", topic)
    bounds(run, "both have ended", topic)


@scenario(VERSIONS)
def again(run: Conversation) -> None:
    topic = run.topic()
    for commit, name in ((True, "commit"), (False, "abort")):
        producer = Producer(run, run.name(name)).begin()
        write(run, producer, topic, b"v")
        before = {"producer_id": producer.producer_id, "producer_epoch": producer.epoch}
        end(run, name, producer, commit=commit)
        done(run, producer, commit=commit)
        end(run, f"the same {name} again", producer, commit=commit, **before)
        end(run, f"the other end after a {name}", producer, commit=not commit, **before)
        if run.version >= 5:
            end(run, f"a commit of nothing after a {name}", producer)
            end(run, f"an abort of nothing after a {name}", producer, commit=False)
            done(run, producer, commit=False)
            end(run, "another abort of nothing", producer, commit=False)
            done(run, producer, commit=False)
            described(run, f"after a {name} and two empty aborts", producer.name)
            write(run, producer, topic, b"w")
            end(run, f"the transaction after that {name}", producer)
            done(run, producer)
    read(run, "what was committed", topic)


@scenario(VERSIONS)
def refused(run: Conversation) -> None:
    topic = run.topic()
    producer = Producer(run, run.name()).begin()
    producer.begin()
    end(run, "an unknown transactional id", producer, transactional_id=run.name("nobody"))
    end(run, "an empty transactional id", producer, transactional_id="")
    end(run, "commit nothing", producer)
    for label in ("nothing open", "a transaction open"):
        end(run, f"{label}: another producer id", producer, producer_id=123_456_789)
        end(run, f"{label}: an older epoch", producer, producer_epoch=0)
        end(run, f"{label}: a newer epoch", producer, producer_epoch=2)
        end(run, f"{label}: no epoch", producer, producer_epoch=-1)
        write(run, producer, topic, b"v")
    end(run, "abort", producer, commit=False)
    done(run, producer, commit=False)
    end(run, "ended: another producer id", producer, producer_id=123_456_789)
    end(run, "ended: the first epoch", producer, producer_epoch=0)
    end(run, "ended: an epoch far ahead", producer, producer_epoch=9)
    fresh = Producer(run, run.name("fresh")).begin()
    end(run, "abort nothing", fresh, commit=False)
    described(run, "what became of it", fresh.name)


@scenario([-1, 6])
def versions_outside(run: Conversation) -> None:
    run.first.ask_raw("a version not advertised", 26, run.version, bytes(12), flexible=True)
