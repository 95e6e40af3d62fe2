"""AddPartitionsToTxn: what is added, what is refused, and what brokers ask."""

from kbroker.broker.broker import Broker
from kbroker.handlers import add_partitions_to_txn
from kbroker.protocol.add_partitions_to_txn import (
    AddPartitionsToTxnRequest,
    AddPartitionsToTxnTopic,
    AddPartitionsToTxnTopicResult,
    AddPartitionsToTxnTransaction,
)
from kbroker.protocol.error_codes import ErrorCode

from .conftest import context
from .transacting import Producer


async def ask(
    producer: Producer, version: int, *topics: tuple[str, list[int]], epoch: int | None = None
) -> dict[tuple[str, int], int]:
    """The error of each partition."""
    request = AddPartitionsToTxnRequest(
        v3_and_below_transactional_id=producer.name,
        v3_and_below_producer_id=producer.producer_id,
        v3_and_below_producer_epoch=producer.epoch if epoch is None else epoch,
        v3_and_below_topics=[AddPartitionsToTxnTopic(*topic) for topic in topics],
    )
    answer = await add_partitions_to_txn.handle(request, context(producer.broker, version))
    return errors(answer.results_by_topic_v3_and_below)


def errors(topics: list[AddPartitionsToTxnTopicResult]) -> dict[tuple[str, int], int]:
    return {
        (topic.name, each.partition_index): each.partition_error_code
        for topic in topics
        for each in topic.results_by_partition
    }


async def test_partitions_are_added(broker: Broker) -> None:
    await broker.topics.create("t", 3, {})
    producer = await Producer(broker).begin()
    assert await ask(producer, 3, ("t", [0, 2])) == {("t", 0): 0, ("t", 2): 0}
    assert await ask(producer, 3, ("t", [1])) == {("t", 1): 0}
    transaction = broker.transactions.get("tx")
    assert transaction is not None
    assert transaction.partitions == {("t", 0), ("t", 1), ("t", 2)}


async def test_one_that_is_unknown_keeps_the_others_out(broker: Broker) -> None:
    await broker.topics.create("t", 1, {})
    producer = await Producer(broker).begin()
    assert await ask(producer, 3, ("t", [0, 1]), ("nowhere", [0])) == {
        ("t", 0): ErrorCode.OPERATION_NOT_ATTEMPTED,
        ("t", 1): ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
        ("nowhere", 0): ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
    }
    internal = await ask(producer, 3, ("__transaction_state", [0]))
    assert set(internal.values()) == {ErrorCode.TOPIC_AUTHORIZATION_FAILED}


async def test_old_clients_know_a_fenced_producer_by_its_old_name(broker: Broker) -> None:
    await broker.topics.create("t", 1, {})
    producer = await Producer(broker).begin()
    await producer.begin()
    for version, code in [(1, ErrorCode.INVALID_PRODUCER_EPOCH), (2, ErrorCode.PRODUCER_FENCED)]:
        assert await ask(producer, version, ("t", [0]), epoch=0) == {("t", 0): code}


async def test_brokers_verify_several_transactions(broker: Broker) -> None:
    await broker.topics.create("t", 2, {})
    one, two = await Producer(broker, "one").begin(), await Producer(broker, "two").begin()
    await one.add("t", 0)
    request = AddPartitionsToTxnRequest(
        [
            AddPartitionsToTxnTransaction(
                each.name, each.producer_id, each.epoch, True, [AddPartitionsToTxnTopic("t", [0, 1])]
            )
            for each in (one, two)
        ]
    )
    answer = await add_partitions_to_txn.handle(request, context(broker, 5))
    missing = ErrorCode.TRANSACTION_ABORTABLE
    assert [errors(each.topic_results) for each in answer.results_by_transaction] == [
        {("t", 0): 0, ("t", 1): missing},
        {("t", 0): missing, ("t", 1): missing},
    ]
    other = broker.transactions.get("two")
    assert other is not None
    assert other.state.value == "Empty"
