"""AddPartitionsToTxn: begins transactions, and says which partitions are in one."""

from typing import Any

from differential.conversation import Conversation
from differential.scenario import scenario
from differential.transactions import CONCURRENT, Producer
from kbroker.protocol.add_partitions_to_txn import AddPartitionsToTxnRequest
from kbroker.protocol.describe_transactions import DescribeTransactionsRequest

VERSIONS = range(6)


def codes(answer: Any) -> set[int]:
    """Every error code in an answer."""
    topics = list(answer.results_by_topic_v3_and_below)
    for transaction in answer.results_by_transaction:
        topics += transaction.topic_results
    return {each.partition_error_code for topic in topics for each in topic.results_by_partition}


def add(
    run: Conversation, label: str, producer: Producer, *topics: tuple[str, list[int]], **given: Any
) -> Any:
    """Ask as the producer, with what `given` says instead."""
    said = {
        "transactional_id": producer.name,
        "producer_id": producer.producer_id,
        "producer_epoch": producer.epoch,
        "topics": [{"name": name, "partitions": indexes} for name, indexes in topics],
        **given,
    }
    if run.version < 4:
        said.pop("verify_only", None)
        fields = {f"v3_and_below_{name}": value for name, value in said.items()}
    else:
        fields = {"transactions": [said]}
    return run.ask(
        label, AddPartitionsToTxnRequest, until=lambda answer: CONCURRENT not in codes(answer), **fields
    )


def described(run: Conversation, label: str, name: str) -> None:
    """The state of a transactional id."""
    run.ask(label, DescribeTransactionsRequest, version=0, transactional_ids=[name])


@scenario(VERSIONS)
def added(run: Conversation) -> None:
    topic, other = run.topic(partitions=3), run.topic("other")
    producer = Producer(run, run.name()).begin()
    add(run, "one partition", producer, (topic, [0]))
    described(run, "it is open", run.name())
    add(run, "the same again", producer, (topic, [0]))
    add(run, "more, of two topics", producer, (topic, [0, 2]), (other, [0]))
    add(run, "a partition twice", producer, (topic, [1, 1]))
    add(run, "no partition", producer, (topic, []))
    add(run, "no topic", producer)
    described(run, "with all of them", run.name())
    producer.end()
    add(run, "the next transaction", producer, (other, [0]))
    described(run, "with one", run.name())
    producer.end(commit=False)
    described(run, "aborted", run.name())
    fresh = Producer(run, run.name("fresh")).begin()
    add(run, "no topic to begin with", fresh)
    described(run, "nothing in it", run.name("fresh"))


@scenario(VERSIONS)
def refused(run: Conversation) -> None:
    topic = run.topic(partitions=2)
    nobody = Producer(run, run.name("nobody"), 123_456_789, 0)
    add(run, "an unknown transactional id", nobody, (topic, [0]))
    add(run, "an empty transactional id", Producer(run, "", 1, 0), (topic, [0]))
    producer = Producer(run, run.name()).begin()
    producer.begin()
    ask = ((topic, [0, 1]),)
    add(run, "another producer id", producer, *ask, producer_id=123_456_789)
    add(run, "an older epoch", producer, *ask, producer_epoch=0)
    add(run, "a newer epoch", producer, *ask, producer_epoch=2)
    add(run, "no epoch", producer, *ask, producer_epoch=-1)
    add(run, "an unknown topic", producer, (topic, [0]), (run.name("nowhere"), [0, 1]))
    add(run, "an unknown partition", producer, (topic, [0, 2]))
    add(run, "a negative partition", producer, (topic, [-1]))
    add(run, "an invalid topic name", producer, ("a/b", [0]))
    if run.version < 4:
        add(run, "an internal topic", producer, (topic, [0]), ("__consumer_offsets", [0]))
        add(run, "the other internal topic", producer, ("__transaction_state", [0]))
    add(run, "an unknown topic and an older epoch", producer, (run.name("nowhere"), [0]), producer_epoch=0)
    described(run, "nothing was begun", run.name())


@scenario((4, 5))
def of_brokers(run: Conversation) -> None:
    topic = run.topic(partitions=2)
    one, two = Producer(run, run.name("one")).begin(), Producer(run, run.name("two")).begin()

    def said(producer: Producer, *partitions: int, **given: Any) -> dict[str, Any]:
        return {
            "transactional_id": producer.name,
            "producer_id": producer.producer_id,
            "producer_epoch": producer.epoch,
            "topics": [{"name": topic, "partitions": list(partitions)}],
            **given,
        }

    ask = run.ask
    ask("verify what was not begun", AddPartitionsToTxnRequest, transactions=[said(one, 0, verify_only=True)])
    ask("two at once", AddPartitionsToTxnRequest, transactions=[said(one, 0), said(two, 1)])
    ask("verify both", AddPartitionsToTxnRequest,
        transactions=[said(one, 0, 1, verify_only=True), said(two, 1, verify_only=True)])  # fmt: skip
    wrong = {"producer id": {"producer_id": 123_456_789}, "epoch": {"producer_epoch": 7}}
    for label, given in wrong.items():
        ask(
            f"verify another {label}",
            AddPartitionsToTxnRequest,
            transactions=[said(one, 0, verify_only=True, **given)],
        )
    nobody = Producer(run, run.name("nobody"), 1, 0)
    ask(
        "verify an unknown transactional id",
        AddPartitionsToTxnRequest,
        transactions=[said(nobody, 0, verify_only=True)],
    )
    ask(
        "verify an unknown partition",
        AddPartitionsToTxnRequest,
        transactions=[said(one, 9, verify_only=True)],
    )
    ask("no transaction", AddPartitionsToTxnRequest, transactions=[], timeout=0.3)


@scenario([-1, 6])
def versions_outside(run: Conversation) -> None:
    run.first.ask_raw("a version not advertised", 24, run.version, bytes(12), flexible=True)
