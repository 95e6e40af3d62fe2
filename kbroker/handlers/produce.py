"""Produce (key 0), versions 3-13 (0-2 are advertised for librdkafka's sake, KAFKA-18659, but have no schema).

- acks 0 gets no answer; if something was wrong the connection is closed, the only way to tell the client
- v13 names topics by id; each partition is answered on its own
- a duplicate of an idempotent producer's recent batch is answered with the offset that the first one got
"""

from kbroker.broker.context import RequestContext
from kbroker.errors import RequestRefusedError
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError, ProtocolError
from kbroker.protocol.produce import (
    BatchIndexAndErrorMessage,
    PartitionProduceData,
    PartitionProduceResponse,
    ProduceRequest,
    ProduceResponse,
    TopicProduceResponse,
)
from kbroker.protocol.records import parse_header
from kbroker.state.record_validation import RecordsRejectedError, admit
from kbroker.state.topics import Topic

ALL_REPLICAS = -1
REPLICAS = 1  # one node holds every partition
TOPIC_IDS_SINCE = 13
ZSTD_SINCE = 7  # KIP-110


async def handle(request: ProduceRequest, ctx: RequestContext) -> ProduceResponse | None:
    """Append one batch to each partition named."""
    refusal = _refusal(request)
    responses = []
    for data in request.topic_data:
        topics = ctx.broker.topics
        topic = topics.by_id(data.topic_id) if ctx.api_version >= TOPIC_IDS_SINCE else topics.get(data.name)
        partitions = []
        for partition in data.partition_data:
            try:
                if refusal is not None:
                    raise KafkaError(refusal)
                if topic is None or not 0 <= partition.index < topic.partitions:
                    raise KafkaError(_unknown(topic, ctx.api_version))
                partitions.append(await _append(topic, partition, request.acks, ctx))
            except KafkaError as error:
                partitions.append(_error_response(partition.index, error))
        responses.append(TopicProduceResponse(data.name, data.topic_id, partitions))
    if request.acks == 0:
        _tell_by_closing(responses)
        return None
    return ProduceResponse(responses)


def _refusal(request: ProduceRequest) -> ErrorCode | None:
    """What is wrong with the request as a whole."""
    if request.acks not in (ALL_REPLICAS, 0, 1):
        return ErrorCode.INVALID_REQUIRED_ACKS
    for topic in request.topic_data:
        for partition in topic.partition_data:
            if _is_transactional(partition):
                # Transactions are opened by AddPartitionsToTxn, which this broker does not serve.
                return ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED
    return None


def _is_transactional(partition: PartitionProduceData) -> bool:
    try:
        return partition.records is not None and parse_header(partition.records).is_transactional
    except (KafkaError, ProtocolError):
        return False  # too short to say; the partition's own check names the error


def _unknown(topic: Topic | None, api_version: int) -> ErrorCode:
    if topic is None and api_version >= TOPIC_IDS_SINCE:
        return ErrorCode.UNKNOWN_TOPIC_ID
    return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION


async def _append(
    topic: Topic, data: PartitionProduceData, acks: int, ctx: RequestContext
) -> PartitionProduceResponse:
    config = topic.config
    if acks == ALL_REPLICAS and config.min_insync_replicas > REPLICAS:
        raise KafkaError(ErrorCode.NOT_ENOUGH_REPLICAS)
    batch, header, log_append_time_ms = admit(
        data.records, config, ctx.broker.clock.now_ms(), zstd=ctx.api_version >= ZSTD_SINCE
    )
    partition = await ctx.broker.partition(topic, data.index)
    result = await partition.append(batch, header, log_append_time_ms)
    return PartitionProduceResponse(
        data.index,
        ErrorCode.NONE,
        result.base_offset,
        result.log_append_time_ms,
        result.log_start_offset,
    )


def _error_response(index: int, error: KafkaError) -> PartitionProduceResponse:
    rejected = error.records if isinstance(error, RecordsRejectedError) else []
    return PartitionProduceResponse(
        index,
        error.code,
        base_offset=-1,
        record_errors=[BatchIndexAndErrorMessage(*record) for record in rejected],
        error_message=error.message,
    )


def _tell_by_closing(responses: list[TopicProduceResponse]) -> None:
    for topic in responses:
        for partition in topic.partition_responses:
            if partition.error_code != ErrorCode.NONE:
                raise RequestRefusedError(
                    "produce with acks=0",
                    f"produce with acks=0 to {topic.name}-{partition.index} failed with error "
                    f"{ErrorCode(partition.error_code).name}",
                )
