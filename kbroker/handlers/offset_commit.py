"""OffsetCommit (key 8), versions 2-10: remember how far a group has come.

- v2-4 may give the offsets a retention of their own; v10 names topics by id (KIP-848)
- partitions that don't exist are answered one by one and keep the others from nothing
- an error of the group, such as ILLEGAL_GENERATION, is every partition's error
"""

from kbroker.broker.context import RequestContext
from kbroker.broker.topic_answers import merged
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.protocol.offset_commit import (
    OffsetCommitRequest,
    OffsetCommitRequestPartition,
    OffsetCommitRequestTopic,
    OffsetCommitResponse,
    OffsetCommitResponsePartition,
    OffsetCommitResponseTopic,
)
from kbroker.state.acls import AclOperation, AclResourceType
from kbroker.state.groups.commit import Committer
from kbroker.state.offsets import expire_timestamp, offsets_to_commit
from kbroker.state.topics import Topic

GROUP_ID_NOT_FOUND_SINCE = 9
TOPIC_IDS_SINCE = 10


async def handle(request: OffsetCommitRequest, ctx: RequestContext) -> OffsetCommitResponse:
    """Commit what can be committed."""
    if not ctx.authorize(AclOperation.READ, AclResourceType.GROUP, request.group_id):
        refused = ErrorCode.GROUP_AUTHORIZATION_FAILED
        topics = [_answer(asked, asked.partitions, refused) for asked in request.topics]
        return OffsetCommitResponse(topics=topics)
    unknown: list[OffsetCommitResponseTopic] = []
    known: list[tuple[Topic, OffsetCommitRequestTopic, list[OffsetCommitRequestPartition]]] = []
    for asked in request.topics:
        topic = _find(asked, ctx)
        name = asked.name if topic is None else topic.name
        if name and not ctx.authorize(AclOperation.READ, AclResourceType.TOPIC, name):
            unknown.append(_answer(asked, asked.partitions, ErrorCode.TOPIC_AUTHORIZATION_FAILED))
            continue
        count = 0 if topic is None else topic.partitions
        there = [one for one in asked.partitions if 0 <= one.partition_index < count]
        missing = [one for one in asked.partitions if not 0 <= one.partition_index < count]
        if topic is not None and there:
            known.append((topic, asked, there))
        if missing:
            unknown.append(_answer(asked, missing, _unknown(topic, ctx.api_version)))
    if not known:
        return OffsetCommitResponse(topics=merged(unknown, [], _topic_of))

    committer = Committer(
        request.group_id, request.member_id, request.group_instance_id, request.generation_id_or_member_epoch
    )
    now_ms = ctx.broker.clock.now_ms()
    offsets, too_large = offsets_to_commit(
        ((topic, partitions) for topic, _, partitions in known),
        now_ms,
        longest_metadata=ctx.broker.config.int("offset.metadata.max.bytes"),
        expires_ms=expire_timestamp(request.retention_time_ms, now_ms),
    )
    error_code = ErrorCode.NONE
    try:
        await ctx.broker.groups.offsets.commit(committer, offsets)
    except KafkaError as error:
        error_code = error.code
        if error_code is ErrorCode.GROUP_ID_NOT_FOUND and ctx.api_version < GROUP_ID_NOT_FOUND_SINCE:
            error_code = ErrorCode.ILLEGAL_GENERATION
    answers = [_answer(asked, partitions, error_code) for _, asked, partitions in known]
    if error_code is ErrorCode.NONE and too_large:
        for (topic, _, _), answer in zip(known, answers, strict=True):
            for partition in answer.partitions:
                if (topic.name, partition.partition_index) in too_large:
                    partition.error_code = ErrorCode.OFFSET_METADATA_TOO_LARGE
    return OffsetCommitResponse(topics=merged(unknown, answers, _topic_of))


def _find(asked: OffsetCommitRequestTopic, ctx: RequestContext) -> Topic | None:
    topics = ctx.broker.topics
    return topics.by_id(asked.topic_id) if ctx.api_version >= TOPIC_IDS_SINCE else topics.get(asked.name)


def _unknown(topic: Topic | None, version: int) -> ErrorCode:
    if topic is None and version >= TOPIC_IDS_SINCE:
        return ErrorCode.UNKNOWN_TOPIC_ID
    return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION


def _answer(
    asked: OffsetCommitRequestTopic, partitions: list[OffsetCommitRequestPartition], error_code: ErrorCode
) -> OffsetCommitResponseTopic:
    return OffsetCommitResponseTopic(
        asked.name,
        asked.topic_id,
        [OffsetCommitResponsePartition(one.partition_index, error_code) for one in partitions],
    )


def _topic_of(answer: OffsetCommitResponseTopic) -> tuple[str, bytes]:
    return answer.name, answer.topic_id
