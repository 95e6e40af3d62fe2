"""What each request about transactions needs, and what is answered without: a table for each API, which bears its name.

No transaction is begun: whoever may ask is told that the producer is unknown.
"""

from typing import Any

from differential.authorization import OPEN, table
from differential.batches import TRANSACTIONAL, batch
from differential.conversation import Conversation
from differential.scenario import scenario
from differential.scenarios.authorization_topics import topics
from differential.scenarios.produce import topic_data
from kbroker.protocol.add_offsets_to_txn import AddOffsetsToTxnRequest
from kbroker.protocol.add_partitions_to_txn import AddPartitionsToTxnRequest
from kbroker.protocol.describe_transactions import DescribeTransactionsRequest
from kbroker.protocol.end_txn import EndTxnRequest
from kbroker.protocol.init_producer_id import InitProducerIdRequest
from kbroker.protocol.list_transactions import ListTransactionsRequest
from kbroker.protocol.produce import ProduceRequest
from kbroker.protocol.txn_offset_commit import TxnOffsetCommitRequest
from kbroker.protocol.write_txn_markers import WriteTxnMarkersRequest

NOBODY = 987_654_321


def names(run: Conversation) -> tuple[str, str]:
    return run.name(), f"{OPEN}{run.name()}"


def begun(run: Conversation) -> tuple[str, str]:
    """Two transactional ids that are known."""
    both = names(run)
    for name in both:
        run.first.quietly(InitProducerIdRequest, 4, transactional_id=name, transaction_timeout_ms=60_000)
    return both


def any_producer(answer: Any) -> None:
    """A producer id of its own each time."""
    answer.producer_id = min(answer.producer_id, 0)
    answer.producer_epoch = min(answer.producer_epoch, 0)


@scenario((0, 2, 5), guarded=True)
def init_producer_id(run: Conversation) -> None:
    def ask(label: str, name: str | None) -> None:
        given = {"transactional_id": name, "transaction_timeout_ms": 60_000}
        table(run, label, InitProducerIdRequest, only=any_producer, **given)

    ask("without a name", None)
    ask("an empty name", "")


@scenario((0, 2, 5), guarded=True, needs="end_txn")
def init_producer_id_with_a_name(run: Conversation) -> None:
    for name in names(run):
        given = {"transactional_id": name, "transaction_timeout_ms": 60_000}
        table(run, name[:4], InitProducerIdRequest, only=any_producer, **given)


@scenario((3, 9, 13), guarded=True, needs="end_txn")
def produce_in_transactions(run: Conversation) -> None:
    topic = run.topic()
    of_one = batch(attributes=TRANSACTIONAL, producer=(NOBODY, 0, 0))
    given = {"acks": -1, "timeout_ms": 5000, "topic_data": [topic_data(run, topic, (0, of_one))]}
    table(run, "of a transaction that has no name", ProduceRequest, **given)
    table(run, "of a transaction", ProduceRequest, **given, transactional_id=run.name())

    def appended(answer: Any) -> None:  # it is another offset each time
        for partition in answer.responses[0].partition_responses:
            partition.base_offset = min(partition.base_offset, 0)

    given["topic_data"] = [topic_data(run, topic, (0, batch()))]
    table(
        run,
        "not of the transaction it names",
        ProduceRequest,
        only=appended,
        **given,
        transactional_id=run.name(),
    )


@scenario((0, 3, 4, 5), guarded=True)
def add_partitions_to_txn(run: Conversation) -> None:
    both = topics(run)

    def ask(label: str, *asked: str, transactional_id: str, **given: Any) -> None:
        named = [{"name": name, "partitions": [0]} for name in asked]
        if run.version >= 4:
            one = {
                "transactional_id": transactional_id,
                "producer_id": NOBODY,
                "producer_epoch": 0,
                "topics": named,
            }
            table(run, label, AddPartitionsToTxnRequest, transactions=[{**one, **given}])
        else:
            table(
                run,
                label,
                AddPartitionsToTxnRequest,
                v3_and_below_transactional_id=transactional_id,
                v3_and_below_producer_id=NOBODY,
                v3_and_below_producer_epoch=0,
                v3_and_below_topics=named,
            )

    for name in names(run):
        ask(f"two topics, {name[:4]}", *both, transactional_id=name)
    ask("a topic that is not there", both[1], run.name("nowhere"), transactional_id=names(run)[1])
    ask("an internal topic", "__consumer_offsets", transactional_id=names(run)[1])
    if run.version >= 4:
        ask("only to verify", *both, transactional_id=run.name(), verify_only=True)


@scenario((0, 3, 4), guarded=True)
def add_offsets_to_txn(run: Conversation) -> None:
    for name in names(run):
        for group in names(run):
            table(
                run, f"{name[:4]} {group[:4]}", AddOffsetsToTxnRequest,
                transactional_id=name, producer_id=NOBODY, producer_epoch=0, group_id=group,
            )  # fmt: skip


@scenario((0, 3, 5), guarded=True)
def end_txn(run: Conversation) -> None:
    for name in names(run):
        given = {"transactional_id": name, "producer_id": NOBODY, "producer_epoch": 0, "committed": True}
        table(run, name[:4], EndTxnRequest, only=any_producer, **given)


@scenario((0, 3, 5), guarded=True)
def txn_offset_commit(run: Conversation) -> None:
    part = {"partition_index": 0, "committed_offset": 5, "committed_metadata": ""}
    asked = [{"name": name, "partitions": [part]} for name in (*topics(run), run.name("nowhere"))]
    for label, name, group, named in (
        ("three topics", run.name(), run.name(), asked),
        ("an open group", run.name(), names(run)[1], asked),
        ("all of it open", names(run)[1], names(run)[1], asked),
        ("one topic", names(run)[1], names(run)[1], asked[:1]),
        ("no group", names(run)[1], "", asked),
    ):
        table(
            run, label, TxnOffsetCommitRequest,
            transactional_id=name, group_id=group, producer_id=NOBODY, producer_epoch=0, topics=named,
        )  # fmt: skip


@scenario((1, 2), guarded=True)
def write_txn_markers(run: Conversation) -> None:
    marker = {
        "producer_id": NOBODY,
        "producer_epoch": 0,
        "transaction_result": False,
        "topics": [{"name": run.name("nowhere"), "partition_indexes": [0]}],
        "coordinator_epoch": 0,
    }
    table(run, "a marker", WriteTxnMarkersRequest, markers=[marker])


@scenario([0], guarded=True)
def describe_transactions(run: Conversation) -> None:
    def any_id(answer: Any) -> None:
        for state in answer.transaction_states:
            any_producer(state)

    asked = [*begun(run), run.name("nowhere"), ""]
    table(run, "four", DescribeTransactionsRequest, only=any_id, transactional_ids=asked)


@scenario((0, 2), guarded=True)
def list_transactions(run: Conversation) -> None:
    both = begun(run)

    def mine(answer: Any) -> None:
        answer.transaction_states = [one for one in answer.transaction_states if one.transactional_id in both]
        for state in answer.transaction_states:
            state.producer_id = 0

    table(run, "all", ListTransactionsRequest, only=mine)
