"""Batches on their way through a broker: produced, then read, committed or not, and found by time."""

from collections.abc import Iterator

from fixtures import outcome
from fixtures.batches import NOW_MS, repaired, valid_batches
from fixtures.broker_thread import TOPICS, BrokerThread, a_client, no_wait
from fixtures.frames import frame_of, read_answer

from kbroker.broker.broker import Broker
from kbroker.dispatch import Dispatcher
from kbroker.errors import RequestRefusedError
from kbroker.protocol.apis import APIS
from kbroker.protocol.batch import iter_batches
from kbroker.protocol.fetch import FetchPartition, FetchRequest, FetchTopic
from kbroker.protocol.list_offsets import ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic
from kbroker.protocol.produce import PartitionProduceData, ProduceRequest, TopicProduceData

_broker = BrokerThread()
_NAMES = list(TOPICS)
_PRODUCE, _FETCH, _LIST_OFFSETS = 0, 1, 2


def check(data: bytes) -> None:
    """What was accepted is answered when it is asked for: by offset, committed or not, and by time."""
    first, how = (data[:2] + b"\0\0")[:2]
    name, index = _NAMES[first % len(_NAMES)], first // len(_NAMES) % 2
    records = bytes(repaired(data[2:], how))

    async def produce_and_read(_: Broker, dispatcher: Dispatcher) -> None:
        async def ask(key: int, version: int, request: object) -> object:
            frame = frame_of(APIS[key], version, request)
            answer = await dispatcher.handle(memoryview(frame), a_client(), no_wait)
            assert answer is not None, "not answered"
            return read_answer(APIS[key], version, b"".join(answer))

        topic = TopicProduceData(name, partition_data=[PartitionProduceData(index, records)])
        transactional = "tx" if how & 16 else None
        produced = await ask(_PRODUCE, 11, ProduceRequest(transactional, -1, 1000, [topic]))
        (of_topic,) = produced.responses
        (result,) = of_topic.partition_responses
        outcome.note(first, result.error_code)
        if result.error_code:
            return
        wanted = FetchPartition(index, fetch_offset=result.base_offset, partition_max_bytes=1 << 20)
        fetch = FetchRequest(
            max_wait_ms=0,
            min_bytes=0,
            isolation_level=how >> 5 & 1,
            topics=[FetchTopic(name, partitions=[wanted])],
        )
        fetched = await ask(_FETCH, 11, fetch)
        for response in fetched.responses:
            for partition in response.partitions:
                assert not partition.error_code, f"reading ended with {partition.error_code}"
                batches = [header for header, _ in iter_batches(partition.records or b"")]
                if not how >> 5 & 1:
                    assert batches, "what was acknowledged can't be read"
                    assert batches[-1].last_offset >= result.base_offset
        stamps = [-1, -2, -3, 0, NOW_MS, 2**63 - 1, int.from_bytes(data[-8:], "big") >> 1]
        for stamp in stamps:
            asked = ListOffsetsTopic(name, [ListOffsetsPartition(index, timestamp=stamp)])
            listed = await ask(_LIST_OFFSETS, 7, ListOffsetsRequest(-1, how >> 5 & 1, [asked]))
            outcome.note("found", listed.topics[0].partitions[0].error_code)

    try:
        _broker.run(produce_and_read)
    except RequestRefusedError as error:
        outcome.note("refused", error.cause)


def seeds() -> Iterator[bytes]:
    """Every kind of batch to every topic."""
    for batch in valid_batches():
        for first in range(len(_NAMES)):
            yield bytes((first, 7)) + batch
            yield bytes((first, 7 | 32)) + batch


close = _broker.close
