"""WriteTxnMarkers: a transaction that hangs is ended where it hangs."""

from kbroker.broker.broker import Broker
from kbroker.handlers import write_txn_markers
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.write_txn_markers import (
    WritableTxnMarker,
    WritableTxnMarkerTopic,
    WriteTxnMarkersRequest,
)

from .conftest import context
from .transacting import Producer, read_committed


async def ask(broker: Broker, *markers: WritableTxnMarker) -> dict[int, dict[tuple[str, int], int]]:
    answer = await write_txn_markers.handle(WriteTxnMarkersRequest(list(markers)), context(broker, 1))
    return {
        marker.producer_id: {
            (topic.name, each.partition_index): each.error_code
            for topic in marker.topics
            for each in topic.partitions
        }
        for marker in answer.markers
    }


async def test_a_hanging_transaction_is_aborted(broker: Broker) -> None:
    await broker.topics.create("t", 1, {})
    producer = await Producer(broker).begin()
    await producer.add("t", 0)
    await producer.write("t")
    topics = [WritableTxnMarkerTopic("t", [0, 7]), WritableTxnMarkerTopic("nowhere", [0])]
    marker = WritableTxnMarker(producer.producer_id, producer.epoch, False, topics, 0)
    unknown = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    assert await ask(broker, marker) == {
        producer.producer_id: {("t", 0): 0, ("t", 7): unknown, ("nowhere", 0): unknown}
    }
    read = await read_committed(broker, "t")
    assert (read.last_stable_offset, len(read.aborted_transactions or ())) == (2, 1)


async def test_an_older_coordinator_or_producer_is_late(broker: Broker) -> None:
    await broker.topics.create("t", 1, {})
    topics = [WritableTxnMarkerTopic("t", [0])]
    for epoch, coordinator, code in [
        (3, 5, 0),
        (3, 4, ErrorCode.TRANSACTION_COORDINATOR_FENCED),
        (2, 5, ErrorCode.INVALID_PRODUCER_EPOCH),
        (-1, 5, ErrorCode.UNKNOWN_SERVER_ERROR),
    ]:
        answer = await ask(broker, WritableTxnMarker(9, epoch, True, topics, coordinator))
        assert answer == {9: {("t", 0): code}}
