"""Produce: acks, versions, errors per partition, idempotence as clients see it."""

from pathlib import Path

import pytest
from attrs import evolve

from kbroker.broker.broker import Broker
from kbroker.errors import RequestRefusedError
from kbroker.handlers import produce
from kbroker.protocol.batch import ATTRIBUTES_AT, crc_of
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.produce import (
    PartitionProduceData,
    PartitionProduceResponse,
    ProduceRequest,
    ProduceResponse,
    TopicProduceData,
)
from kbroker.protocol.records import Codec, Record, encode_batch
from kbroker.state.topics import Topic

from .conftest import FixedClock, MakeContext, context
from .transacting import Producer

NAMES, IDS = 12, 13
CRC_AT = ATTRIBUTES_AT - 4


def batch(count: int = 1, **more: object) -> memoryview:
    records = [Record(n, 1_700_000_000_000, b"k", b"v") for n in range(count)]
    return memoryview(encode_batch(records, **more))  # type: ignore[arg-type]


def request(
    *records: memoryview | bytes | None,
    acks: int = -1,
    name: str = "t",
    topic_id: bytes = bytes(16),
    index: int = 0,
) -> ProduceRequest:
    """One batch for each partition from `index` on."""
    data = [PartitionProduceData(index + n, one) for n, one in enumerate(records)]
    return ProduceRequest(acks=acks, topic_data=[TopicProduceData(name, topic_id, data)])


def only(response: ProduceResponse | None) -> PartitionProduceResponse:
    assert response is not None
    ((partition,),) = [topic.partition_responses for topic in response.responses]
    return partition


@pytest.fixture
async def topic(broker: Broker) -> Topic:
    return await broker.topics.create("t", 2, {})


async def test_offsets_count_records(topic: Topic, at: MakeContext) -> None:
    first = only(await produce.handle(request(batch(3)), at(NAMES)))
    second = only(await produce.handle(request(batch(2), acks=1), at(NAMES)))
    assert (first.error_code, first.base_offset, first.log_append_time_ms, first.log_start_offset) == (
        0,
        0,
        -1,
        0,
    )
    assert second.base_offset == 3


async def test_acks_0_is_not_answered(broker: Broker, topic: Topic, at: MakeContext) -> None:
    assert await produce.handle(request(batch(), acks=0), at(NAMES)) is None
    assert (await broker.partition(topic, 0)).store.high_watermark == 1


async def test_a_failure_with_acks_0_closes_the_connection(at: MakeContext) -> None:
    with pytest.raises(RequestRefusedError, match="UNKNOWN_TOPIC_OR_PARTITION"):
        await produce.handle(request(batch(), acks=0, name="nope"), at(NAMES))
    with pytest.raises(
        RequestRefusedError, match=r"^[^\n]*$"
    ):  # it goes to the log, and must be one line there
        await produce.handle(request(batch(), acks=0, name="no\nsuch"), at(NAMES))


async def test_topics_are_found_by_id_since_v13(topic: Topic, at: MakeContext) -> None:
    response = await produce.handle(request(batch(), name="", topic_id=topic.topic_id), at(IDS))
    assert only(response).base_offset == 0
    unknown = await produce.handle(request(batch(), name="", topic_id=b"x" * 16), at(IDS))
    assert only(unknown).error_code == ErrorCode.UNKNOWN_TOPIC_ID


async def test_each_partition_is_answered_on_its_own(topic: Topic, at: MakeContext) -> None:
    broken = batch()
    broken[65] ^= 1
    response = await produce.handle(request(batch(), broken, batch()), at(NAMES))
    assert response is not None
    assert [p.error_code for p in response.responses[0].partition_responses] == [
        ErrorCode.NONE,
        ErrorCode.CORRUPT_MESSAGE,
        ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
    ]


@pytest.mark.parametrize("acks", [2, -2])
async def test_other_acks_are_invalid(topic: Topic, at: MakeContext, acks: int) -> None:
    response = only(await produce.handle(request(batch(), acks=acks), at(NAMES)))
    assert response.error_code == ErrorCode.INVALID_REQUIRED_ACKS
    assert response.base_offset == -1


async def test_a_repeated_batch_is_answered_with_its_first_offset(topic: Topic, at: MakeContext) -> None:
    def idempotent(sequence: int, epoch: int = 0) -> memoryview:
        return batch(2, producer_id=5, producer_epoch=epoch, base_sequence=sequence)

    offsets = [
        only(await produce.handle(request(idempotent(s)), at(NAMES))).base_offset for s in (0, 2, 0, 2, 4)
    ]
    assert offsets == [0, 2, 0, 2, 4]
    gap = only(await produce.handle(request(idempotent(8)), at(NAMES)))
    assert gap.error_code == ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
    assert only(await produce.handle(request(idempotent(0, epoch=1)), at(NAMES))).base_offset == 6
    fenced = only(await produce.handle(request(idempotent(6)), at(NAMES)))
    assert fenced.error_code == ErrorCode.INVALID_PRODUCER_EPOCH


async def test_log_append_time_is_answered(broker: Broker, at: MakeContext, clock: FixedClock) -> None:
    await broker.topics.create("t", 1, {"message.timestamp.type": "LogAppendTime"})
    assert only(await produce.handle(request(batch()), at(NAMES))).log_append_time_ms == clock.now


async def test_rejected_records_are_named(topic: Topic, at: MakeContext) -> None:
    future = encode_batch([Record(0, 1_700_000_000_000), Record(1, 1_800_000_000_000)])
    response = only(await produce.handle(request(memoryview(future)), at(NAMES)))
    assert response.error_code == ErrorCode.INVALID_TIMESTAMP
    assert [error.batch_index for error in response.record_errors] == [1]
    assert response.error_message


async def test_a_partition_named_twice_is_written_to_once(
    broker: Broker, topic: Topic, at: MakeContext
) -> None:
    twice = request(batch(1))
    twice.topic_data.extend(request(batch(5)).topic_data)
    assert only(await produce.handle(twice, at(NAMES))).base_offset == 0
    assert (await broker.partition(topic, 0)).store.high_watermark == 5


async def test_bytes_that_are_no_batch_refuse_the_whole_request(
    broker: Broker, topic: Topic, at: MakeContext
) -> None:
    response = await produce.handle(request(batch(), bytes(80)), at(NAMES))
    assert response is not None
    for partition in response.responses[0].partition_responses:
        assert partition.error_code == ErrorCode.CORRUPT_MESSAGE
        assert partition.error_message
    assert (await broker.partition(topic, 0)).store.high_watermark == 0


async def test_the_log_start_is_told_where_the_log_was_looked_at(topic: Topic, at: MakeContext) -> None:
    def idempotent(sequence: int) -> memoryview:
        return batch(producer_id=5, producer_epoch=0, base_sequence=sequence)

    await produce.handle(request(idempotent(0)), at(NAMES))
    gap = only(await produce.handle(request(idempotent(7)), at(NAMES)))
    assert (gap.error_code, gap.log_start_offset) == (ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER, 0)
    cut = only(await produce.handle(request(batch()[:-1]), at(NAMES)))
    assert (cut.error_code, cut.log_start_offset) == (ErrorCode.INVALID_RECORD, -1)


async def test_a_topic_without_partitions_is_not_answered(topic: Topic, at: MakeContext) -> None:
    assert await produce.handle(request(), at(NAMES)) == ProduceResponse([])


async def test_zstd_needs_v7(topic: Topic, at: MakeContext) -> None:
    for version, expected in ((6, ErrorCode.UNSUPPORTED_COMPRESSION_TYPE), (7, ErrorCode.NONE)):
        response = only(await produce.handle(request(batch(codec=Codec.ZSTD)), at(version)))
        assert response.error_code == expected


async def test_an_unknown_codec_is_seen_before_the_log_below_v7(topic: Topic, at: MakeContext) -> None:
    unknown = bytearray(batch())
    unknown[ATTRIBUTES_AT + 1] |= 5
    unknown[CRC_AT:ATTRIBUTES_AT] = crc_of(unknown).to_bytes(4, "big")
    for version, log_start in ((6, -1), (7, 0)):
        response = only(await produce.handle(request(bytes(unknown)), at(version)))
        assert (response.error_code, response.log_start_offset) == (ErrorCode.UNKNOWN_SERVER_ERROR, log_start)


async def test_transactional_batches_are_refused(topic: Topic, at: MakeContext) -> None:
    transactional = batch(producer_id=1, producer_epoch=0, base_sequence=0, transactional=True)
    response = only(await produce.handle(request(transactional), at(NAMES)))
    assert response.error_code == ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED


async def test_internal_topics_are_not_for_clients(broker: Broker, at: MakeContext) -> None:
    await broker.topics.create("__consumer_offsets", 1, {})
    refused = only(await produce.handle(request(batch(), name="__consumer_offsets"), at(NAMES)))
    assert (refused.error_code, refused.log_start_offset) == (ErrorCode.INVALID_TOPIC_EXCEPTION, -1)

    admin = evolve(at(NAMES), client_id="__admin_client")
    accepted = only(await produce.handle(request(batch(), name="__consumer_offsets"), admin))
    assert accepted.error_code == ErrorCode.NONE


async def test_a_bad_batch_is_told_of_even_if_its_log_cannot_be_opened(
    tmp_path: Path, topic: Topic, at: MakeContext
) -> None:
    (tmp_path / f"{topic.name}-0").write_text("in the way")
    response = only(await produce.handle(request(None), at(NAMES)))
    assert (response.error_code, response.log_start_offset) == (ErrorCode.INVALID_RECORD, -1)
    bad = batch()
    bad[0] = 1  # a base offset other than 0
    response = only(await produce.handle(request(bad), at(NAMES)))
    assert (response.error_code, response.log_start_offset) == (ErrorCode.INVALID_RECORD, -1)


class TestNoVerification:
    @pytest.fixture
    def settings(self) -> dict[str, str]:
        return {"transaction.partition.verification.enable": "false"}

    @pytest.mark.parametrize("version", [10, 11])
    async def test_a_partition_need_not_have_been_added(self, broker: Broker, version: int) -> None:
        await broker.topics.create("t", 1, {})
        producer = await Producer(broker).begin()
        assert (await producer.write("t", version=version)).error_code == ErrorCode.NONE


@pytest.mark.parametrize(
    ("version", "code"),
    [(10, ErrorCode.INVALID_TXN_STATE), (11, ErrorCode.TRANSACTION_ABORTABLE), (12, ErrorCode.NONE)],
)
async def test_a_transactional_batch_to_a_partition_that_was_not_added(
    broker: Broker, version: int, code: ErrorCode
) -> None:
    await broker.topics.create("t", 1, {})
    producer = await Producer(broker).begin()
    answer = await producer.write("t", version=version)
    assert answer.error_code == code
    assert (answer.error_message is not None) == (version == 10)


async def test_bytes_that_are_no_batch_do_not_hide_a_transactional_one(broker: Broker) -> None:
    await broker.topics.create("t", 2, {})
    producer = await Producer(broker).begin()
    too_large = bytearray(producer.batch(0))
    too_large[8:12] = (2**31 - 1).to_bytes(4, "big")
    parts = [PartitionProduceData(0, bytes(too_large)), PartitionProduceData(1, producer.batch(0))]
    request = ProduceRequest("tx", acks=-1, topic_data=[TopicProduceData("t", partition_data=parts)])
    answer = await produce.handle(request, context(broker, 10))
    assert answer is not None
    codes = [each.error_code for each in answer.responses[0].partition_responses]
    assert codes == [ErrorCode.UNKNOWN_SERVER_ERROR, ErrorCode.INVALID_TXN_STATE]
