"""Produce (key 0), versions 3-13 (0-2 are advertised for librdkafka's sake, KAFKA-18659, but have no schema).

- acks 0 gets no answer; if something was wrong the connection is closed, the only way to tell the client
- v13 names topics by id; each partition is answered on its own
- a partition named twice is written to once, what was said last
- transactional batches must be in their producer's transaction, see `broker.transactions.admission` (KIP-890)
- internal topics are written to by Kafka's own administration alone, which is known by its client id
- a duplicate of an idempotent producer's recent batch is answered with the offset that the first one got
- why a batch was refused is in the broker's log: like Apache Kafka, the answer has a text for single records only
"""

import logging
from collections.abc import Mapping, Sequence

from kbroker.broker.context import RequestContext
from kbroker.broker.topics import TopicCatalog
from kbroker.broker.transactions.admission import (
    ADDS_PARTITIONS_SINCE,
    NotInTransactionError,
    TransactionalBatch,
)
from kbroker.broker.transactions.admission import admit as admit_transactional
from kbroker.errors import RequestRefusedError
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.protocol.produce import (
    BatchIndexAndErrorMessage,
    PartitionProduceData,
    PartitionProduceResponse,
    ProduceRequest,
    ProduceResponse,
    TopicProduceResponse,
)
from kbroker.protocol.records import (
    HEADER_SIZE,
    MAGIC_V2,
    BatchHeader,
    MalformedBatchError,
    framed_size,
    is_plain_v2,
    parse_header,
)
from kbroker.protocol.schema import Buffer
from kbroker.state.acls import AclOperation, AclResourceType
from kbroker.state.offsets import TopicPartition
from kbroker.state.record_validation import RecordsRejectedError, admit
from kbroker.state.topics import Topic

log = logging.getLogger(__name__)

ACKS = (-1, 0, 1)
ADMIN_CLIENT_ID = "__admin_client"
TOPIC_IDS_SINCE = 13
ZSTD_SINCE = 7  # KIP-110
UNKNOWN_LOG = -1

# What is wrong with a request before its topics are looked at.
_OF_THE_REQUEST = (ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED, ErrorCode.CORRUPT_MESSAGE)
NOT_ALLOWED = KafkaError(ErrorCode.TOPIC_AUTHORIZATION_FAILED)

# Refused before the log was looked at, so that its start offset isn't told.
_NO_LOG_START = frozenset(
    {
        ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
        ErrorCode.UNKNOWN_TOPIC_ID,
        ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
        ErrorCode.INVALID_REQUIRED_ACKS,
        ErrorCode.CORRUPT_MESSAGE,
        ErrorCode.MESSAGE_TOO_LARGE,
        ErrorCode.RECORD_LIST_TOO_LARGE,
        ErrorCode.UNSUPPORTED_COMPRESSION_TYPE,
        ErrorCode.KAFKA_STORAGE_ERROR,
    }
)

# By topic (name or id) and partition, in the order in which they were first named.
Batches = dict[str | bytes, dict[int, PartitionProduceData]]


async def handle(request: ProduceRequest, ctx: RequestContext) -> ProduceResponse | None:
    """Append one batch to each partition named."""
    batches, all_plain = _batches(request, by_id=ctx.api_version >= TOPIC_IDS_SINCE)
    not_admitted: Mapping[TopicPartition, KafkaError] = {}
    refusal = None
    try:
        if not all_plain and (transactional := _transactional(batches, ctx.broker.topics)):
            _check_authorized(request.transactional_id, ctx)
            allowed = [one for one in transactional if one.topic is None or _may_write(one.topic.name, ctx)]
            not_admitted = await _admit(allowed, request.transactional_id, ctx)
    except KafkaError as error:
        refusal = error
    responses = []
    guarded = ctx.broker.authorizer is not None
    for name_or_id, partitions in batches.items():
        if isinstance(name_or_id, str):
            topic, response = ctx.broker.topics.get(name_or_id), TopicProduceResponse(name_or_id)
        else:
            topic, response = ctx.broker.topics.by_id(name_or_id), TopicProduceResponse(topic_id=name_or_id)
        name = name_or_id if topic is None else topic.name  # an unknown id is nobody's to hide
        denied = guarded and isinstance(name, str) and not _may_write(name, ctx)
        for data in partitions.values():
            if denied and (refusal is None or refusal.code not in _OF_THE_REQUEST):
                response.partition_responses.append(_refused(data.index, NOT_ALLOWED))
            elif refusal is None:
                barred = not_admitted.get((topic.name, data.index)) if not_admitted and topic else None
                response.partition_responses.append(
                    await _produce(topic, data, request.acks, ctx)
                    if barred is None
                    else _refused(data.index, barred, _told(barred))
                )
            else:
                response.partition_responses.append(_refused(data.index, refusal, refusal.message))
        responses.append(response)
    ctx.broker.purgatory.answer_due()  # who waits for several of these partitions gets them in one answer
    if request.acks == 0:
        _tell_by_closing(responses)
        return None
    return ProduceResponse(responses)


def _batches(request: ProduceRequest, *, by_id: bool) -> tuple[Batches, bool]:
    """What is to be appended, and whether all of it is seen at once to be in no transaction."""
    batches: Batches = {}
    all_plain = True
    for topic in request.topic_data:
        if topic.partition_data:
            partitions = batches.setdefault(topic.topic_id if by_id else topic.name, {})
            for data in topic.partition_data:
                partitions[data.index] = data
                all_plain = all_plain and data.records is not None and is_plain_v2(data.records)
    return batches, all_plain


def _transactional(batches: Batches, topics: TopicCatalog) -> list[TransactionalBatch]:
    """The transactional batches. Raises KafkaError CORRUPT_MESSAGE when something is too short to be a batch."""
    found = []
    for name_or_id, partitions in batches.items():
        for data in partitions.values():
            if data.records is None or (header := _transactional_header(data.records)) is None:
                continue
            topic = topics.get(name_or_id) if isinstance(name_or_id, str) else topics.by_id(name_or_id)
            found.append(TransactionalBatch(topic, data.index, header))
    return found


def _transactional_header(records: Buffer) -> BatchHeader | None:
    """The header of a transactional batch, None for others. Raises MalformedBatchError CORRUPT_MESSAGE."""
    try:
        size = framed_size(records, 0)
    except MalformedBatchError as error:
        if error.code is ErrorCode.CORRUPT_MESSAGE:
            raise
        return None  # its own partition's error
    if size is None or size < HEADER_SIZE:
        return None
    header = parse_header(records)
    return header if header.magic == MAGIC_V2 and header.is_transactional else None


def _may_write(topic: str, ctx: RequestContext) -> bool:
    return ctx.authorize(AclOperation.WRITE, AclResourceType.TOPIC, topic)


def _check_authorized(transactional_id: str | None, ctx: RequestContext) -> None:
    """Raise KafkaError TRANSACTIONAL_ID_AUTHORIZATION_FAILED unless the client may write in the transaction."""
    if transactional_id is None or not ctx.authorize(
        AclOperation.WRITE, AclResourceType.TRANSACTIONAL_ID, transactional_id
    ):
        raise KafkaError(ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED)


async def _admit(
    batches: Sequence[TransactionalBatch], transactional_id: str | None, ctx: RequestContext
) -> Mapping[TopicPartition, KafkaError]:
    """Partitions that may not be written to. Raises KafkaError when none may."""
    if not batches or transactional_id is None:
        return {}
    if ctx.api_version < ADDS_PARTITIONS_SINCE and not ctx.broker.config.bool(
        "transaction.partition.verification.enable"
    ):
        return {}
    return await admit_transactional(
        batches, transactional_id, ctx.api_version, ctx.broker.transactions, ctx.broker.partition
    )


def _told(error: KafkaError) -> str | None:
    return error.message if isinstance(error, NotInTransactionError) else None


async def _produce(
    topic: Topic | None, data: PartitionProduceData, acks: int, ctx: RequestContext
) -> PartitionProduceResponse:
    if topic is None or not 0 <= data.index < topic.partitions:
        by_id = topic is None and ctx.api_version >= TOPIC_IDS_SINCE
        return _refused(
            data.index,
            KafkaError(ErrorCode.UNKNOWN_TOPIC_ID if by_id else ErrorCode.UNKNOWN_TOPIC_OR_PARTITION),
        )
    if acks not in ACKS:
        return _refused(data.index, KafkaError(ErrorCode.INVALID_REQUIRED_ACKS))
    if topic.internal and ctx.client_id != ADMIN_CLIENT_ID:
        return _refused(data.index, KafkaError(ErrorCode.INVALID_TOPIC_EXCEPTION))
    try:
        zstd = ctx.api_version >= ZSTD_SINCE
        batch, header, appended_ms = admit(data.records, topic.config, ctx.broker.clock.now_ms(), zstd=zstd)
        partition = await ctx.broker.partition(topic, data.index)
        result = await partition.append(batch, header, appended_ms)
    except KafkaError as error:
        log.debug("%s-%d: refused a batch of client %r: %s", topic.name, data.index, ctx.client_id, error)
        response = _refused(data.index, error)
        if error.code not in _NO_LOG_START and not isinstance(error, MalformedBatchError):
            response.log_start_offset = await _log_start(topic, data.index, ctx)
        if isinstance(error, RecordsRejectedError):
            response.record_errors = [BatchIndexAndErrorMessage(*record) for record in error.records]
            response.error_message = error.message
        return response
    return PartitionProduceResponse(
        data.index,
        ErrorCode.NONE,
        result.base_offset,
        result.log_append_time_ms,
        result.log_start_offset,
    )


async def _log_start(topic: Topic, index: int, ctx: RequestContext) -> int:
    try:
        return (await ctx.broker.partition(topic, index)).store.log_start_offset
    except KafkaError:  # the batch's own error is the one to tell
        return UNKNOWN_LOG


def _refused(index: int, error: KafkaError, message: str | None = None) -> PartitionProduceResponse:
    return PartitionProduceResponse(index, error.code, base_offset=UNKNOWN_LOG, error_message=message)


def _tell_by_closing(responses: list[TopicProduceResponse]) -> None:
    for topic in responses:
        for partition in topic.partition_responses:
            if partition.error_code != ErrorCode.NONE:
                code = ErrorCode(partition.error_code)
                named = topic.name or topic.topic_id.hex()
                raise RequestRefusedError(
                    f"produce with acks=0: {code.name}",
                    f"produce with acks=0 to partition {partition.index} of {named!r}: {code.name}",
                )
