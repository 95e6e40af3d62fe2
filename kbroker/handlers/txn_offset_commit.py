"""TxnOffsetCommit (key 28), versions 0-5: a group's offsets, which count once their transaction commits (KIP-98).

- the group's partition of `__consumer_offsets` is part of the transaction: up to v4 AddOffsetsToTxn has added it
  before, v5 adds it by itself (KIP-890)
- from v3 on a consumer shows that it still is a member of the group (KIP-447)
- partitions that don't exist are answered one by one and keep the others from nothing; any other error is every
  partition's, but for metadata that is too large
- a producer of another epoch is told INVALID_PRODUCER_EPOCH, not PRODUCER_FENCED
"""

from collections.abc import Iterable
from typing import Final

from kbroker.broker.context import RequestContext
from kbroker.broker.topic_answers import merged
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.protocol.txn_offset_commit import (
    TxnOffsetCommitRequest,
    TxnOffsetCommitRequestPartition,
    TxnOffsetCommitResponse,
    TxnOffsetCommitResponsePartition,
    TxnOffsetCommitResponseTopic,
)
from kbroker.state.acls import AclOperation, AclResourceType
from kbroker.state.groups.commit import Committer
from kbroker.state.offsets import CommittedOffset, TopicPartition, offsets_to_commit
from kbroker.state.topics import CONSUMER_OFFSETS, Topic
from kbroker.state.transactions.transaction import EPOCH_BUMP_SINCE

ADDS_PARTITIONS_SINCE: Final = 5
ABORTABLE_ERROR_SINCE: Final = 4

_AS_PRODUCERS_KNOW_IT: Final = {
    ErrorCode.PRODUCER_FENCED: ErrorCode.INVALID_PRODUCER_EPOCH,
    ErrorCode.KAFKA_STORAGE_ERROR: ErrorCode.COORDINATOR_NOT_AVAILABLE,
    ErrorCode.UNKNOWN_TOPIC_OR_PARTITION: ErrorCode.COORDINATOR_NOT_AVAILABLE,
}


async def handle(request: TxnOffsetCommitRequest, ctx: RequestContext) -> TxnOffsetCommitResponse:
    """Hold what can be held until the transaction's end."""
    if (refused := _refused(request, ctx)) is not None:
        return TxnOffsetCommitResponse(
            topics=[
                _answer(asked.name, (one.partition_index for one in asked.partitions), refused)
                for asked in request.topics
            ]
        )
    unknown: list[TxnOffsetCommitResponseTopic] = []
    known: list[tuple[Topic, list[TxnOffsetCommitRequestPartition]]] = []
    for asked in request.topics:
        if not ctx.authorize(AclOperation.READ, AclResourceType.TOPIC, asked.name):
            indexes = (one.partition_index for one in asked.partitions)
            unknown.append(_answer(asked.name, indexes, ErrorCode.TOPIC_AUTHORIZATION_FAILED))
            continue
        topic = ctx.broker.topics.get(asked.name)
        count = 0 if topic is None else topic.partitions
        there = [one for one in asked.partitions if 0 <= one.partition_index < count]
        if topic is not None and there:
            known.append((topic, there))
        missing = [one.partition_index for one in asked.partitions if not 0 <= one.partition_index < count]
        if missing:
            unknown.append(_answer(asked.name, missing, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION))
    if not known:
        return TxnOffsetCommitResponse(topics=merged(unknown, [], _topic_of))

    offsets, too_large = offsets_to_commit(
        known,
        ctx.broker.clock.now_ms(),
        longest_metadata=ctx.broker.config.int("offset.metadata.max.bytes"),
    )
    error_code = ErrorCode.NONE
    try:
        await _commit(request, offsets, ctx)
    except KafkaError as error:
        error_code = _AS_PRODUCERS_KNOW_IT.get(error.code, error.code)
        too_large.clear()
    answers = []
    for topic, partitions in known:
        answer = _answer(topic.name, (one.partition_index for one in partitions), error_code)
        for partition in answer.partitions:
            if (topic.name, partition.partition_index) in too_large:
                partition.error_code = ErrorCode.OFFSET_METADATA_TOO_LARGE
        answers.append(answer)
    return TxnOffsetCommitResponse(topics=merged(unknown, answers, _topic_of))


def _refused(request: TxnOffsetCommitRequest, ctx: RequestContext) -> ErrorCode | None:
    """What keeps the client from the transaction or the group."""
    if not ctx.authorize(AclOperation.WRITE, AclResourceType.TRANSACTIONAL_ID, request.transactional_id):
        return ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED
    if not ctx.authorize(AclOperation.READ, AclResourceType.GROUP, request.group_id):
        return ErrorCode.GROUP_AUTHORIZATION_FAILED
    return None


async def _commit(
    request: TxnOffsetCommitRequest, offsets: dict[TopicPartition, CommittedOffset], ctx: RequestContext
) -> None:
    if not request.group_id:
        raise KafkaError(ErrorCode.INVALID_GROUP_ID)
    await _enter_transaction(request, ctx)
    committer = Committer(
        request.group_id, request.member_id, request.group_instance_id, request.generation_id
    )
    await ctx.broker.groups.transactional_offsets.commit(
        committer, request.producer_id, request.producer_epoch, offsets
    )


async def _enter_transaction(request: TxnOffsetCommitRequest, ctx: RequestContext) -> None:
    """See that the group's partition of `__consumer_offsets` is in the transaction.

    One in which the transaction is open already has nothing to show.
    """
    broker, version = ctx.broker, ctx.api_version
    index, partition = await broker.groups.transactional_offsets.changelog_partition(request.group_id)
    producer = request.producer_id, request.producer_epoch
    if partition.store.has_open_transaction(*producer):
        return
    asked = [(CONSUMER_OFFSETS, index)]
    if version >= ADDS_PARTITIONS_SINCE:
        await broker.transactions.add_partitions(
            request.transactional_id, *producer, asked, client_version=EPOCH_BUMP_SINCE
        )
    elif broker.transactions.missing_partitions(request.transactional_id, *producer, asked):
        raise KafkaError(
            ErrorCode.TRANSACTION_ABORTABLE
            if version >= ABORTABLE_ERROR_SINCE
            else ErrorCode.INVALID_TXN_STATE
        )


def _answer(name: str, indexes: Iterable[int], error_code: ErrorCode) -> TxnOffsetCommitResponseTopic:
    return TxnOffsetCommitResponseTopic(
        name, [TxnOffsetCommitResponsePartition(index, error_code) for index in indexes]
    )


def _topic_of(answer: TxnOffsetCommitResponseTopic) -> str:
    return answer.name
