"""InitProducerId: ids for idempotent producers, and epochs for transactional ones."""

from typing import Any

from differential.conversation import Conversation
from differential.scenario import scenario
from differential.transactions import Producer, read, settled
from kbroker.protocol.init_producer_id import InitProducerIdRequest

VERSIONS = range(6)


@scenario(VERSIONS)
def idempotent(run: Conversation) -> None:
    def ask(label: str, **given: Any) -> Any:
        asked = {"transactional_id": None, "transaction_timeout_ms": 60_000, **given}
        return run.ask(label, InitProducerIdRequest, **asked)

    first = ask("a producer id")
    ask("another")
    for timeout in (0, -1, 2**31 - 1):
        ask(f"timeout {timeout}", transaction_timeout_ms=timeout)
    ask("an empty transactional id", transactional_id="")
    if run.version >= 3:
        ask("its own id and epoch", producer_id=first.producer_id, producer_epoch=first.producer_epoch)
        ask("an id it never had", producer_id=123_456_789, producer_epoch=5)
        ask("an id without an epoch", producer_id=first.producer_id, producer_epoch=-1)
        ask("an epoch without an id", producer_id=-1, producer_epoch=3)


@scenario(VERSIONS)
def transactional(run: Conversation) -> None:
    def ask(label: str, name: str = "", **given: Any) -> Any:
        asked = {"transactional_id": run.name(name), "transaction_timeout_ms": 60_000, **given}
        return run.ask(label, InitProducerIdRequest, until=settled, **asked)

    first = ask("a transactional id")
    ask("again")
    for timeout in (0, -1, 900_001):
        ask(f"a timeout of {timeout} ms", str(timeout), transaction_timeout_ms=timeout)
    for timeout in (1, 900_000):
        ask(f"the allowed timeout of {timeout} ms", str(timeout), transaction_timeout_ms=timeout)
    if run.version >= 3:
        pid = first.producer_id
        ask("an older epoch", producer_id=pid, producer_epoch=0)
        ask("the present epoch", producer_id=pid, producer_epoch=1)
        ask("the same request again", producer_id=pid, producer_epoch=1)
        ask("the epoch that came of it", producer_id=pid, producer_epoch=2)
        ask("a newer epoch", producer_id=pid, producer_epoch=9)
        ask("another producer id", producer_id=123_456_789, producer_epoch=0)
        ask("without an epoch", producer_id=pid, producer_epoch=-1)
        ask("the last epoch of all", producer_id=pid, producer_epoch=32767)
        ask("id and epoch of a transactional id nobody has used", "new", producer_id=77, producer_epoch=3)
        ask(
            "a wrong timeout before a wrong epoch",
            producer_id=pid,
            producer_epoch=0,
            transaction_timeout_ms=0,
        )


@scenario(VERSIONS)
def open_transactions(run: Conversation) -> None:
    topic = run.topic()
    producer = Producer(run, run.name()).begin()
    producer.add(topic, 0)
    producer.write(topic, b"one")
    asked: dict[str, Any] = {"transactional_id": run.name(), "transaction_timeout_ms": 60_000}
    if run.version >= 3:
        ids = {"producer_id": producer.producer_id, "producer_epoch": producer.epoch}
        wrong = {**ids, "producer_id": producer.producer_id + 100_000}
        run.ask("another producer id while it is open", InitProducerIdRequest, **asked, **wrong)
    run.ask("while it is open", InitProducerIdRequest, **asked)
    run.ask("when it has been aborted", InitProducerIdRequest, until=settled, **asked)
    read(run, "nothing of it is left", topic)
    producer.begin()
    producer.write(topic, b"two", version=12)
    run.ask("while one of version 2 is open", InitProducerIdRequest, **asked)
    run.ask("when that has been aborted", InitProducerIdRequest, until=settled, **asked)
    read(run, "nothing of either is left", topic)
    producer.begin()
    producer.write(topic, b"three", version=12)
    producer.end(version=5)
    ids = {}
    if run.version >= 3:
        ids = {"producer_id": producer.producer_id, "producer_epoch": producer.epoch}
    run.ask("after a commit", InitProducerIdRequest, until=settled, **asked, **ids)
    read(run, "the third is there", topic)


@scenario([6, 7])
def versions_outside(run: Conversation) -> None:
    run.first.ask_raw("a version not advertised", 22, run.version, bytes(12), flexible=True)
