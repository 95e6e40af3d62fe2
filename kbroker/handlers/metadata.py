"""Metadata (key 3), versions 0-13: brokers, topics, and who leads which partition.

- topics null is all topics and an empty list none, except in version 0, where the empty list is all
- a topic that doesn't exist is created at once if client and auto.create.topics.enable allow it, and answered
  with its leader; Apache Kafka answers UNKNOWN_TOPIC_OR_PARTITION first, which makes every client wait and try again,
  and some give up. One that was just deleted is answered so here, too: clients ask whether it is gone
- from version 12 topics may be asked for by id; if any is, those asked for by name are not answered
- the broker's address is the one advertised on the listener that the client came in on (KIP-103)
"""

import logging
from collections.abc import Iterable, Sequence

from kbroker.broker.context import RequestContext
from kbroker.broker.internal_topics import create_offsets_topic, create_transactions_topic
from kbroker.broker.replicas import replication_factor
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.protocol.metadata import (
    MetadataRequest,
    MetadataRequestTopic,
    MetadataResponse,
    MetadataResponseBroker,
    MetadataResponsePartition,
    MetadataResponseTopic,
)
from kbroker.protocol.schema import ZERO_UUID
from kbroker.state.acls import AclOperation, AclResourceType
from kbroker.state.authorized_operations import NOT_REQUESTED
from kbroker.state.topics import CONSUMER_OFFSETS, INTERNAL_TOPICS, TRANSACTION_STATE, Topic, check_topic_name

log = logging.getLogger(__name__)

NO_LEADER = -1
BY_ID_SINCE = 12  # ids have a field since version 10, but may not be asked for there


async def handle(request: MetadataRequest, ctx: RequestContext) -> MetadataResponse:
    """Describe this broker and the topics asked for."""
    asked = request.topics
    refusal = _refusal(asked or (), ctx.api_version)
    if refusal is not None:
        return MetadataResponse(
            topics=[MetadataResponseTopic(refusal, one.name or "", one.topic_id) for one in asked or ()],
            error_code=refusal,
        )

    if asked is None or (ctx.api_version == 0 and not asked):
        topics = [
            describe(topic, NOT_REQUESTED, ctx)
            for topic in ctx.broker.topics.all()
            if may_describe(topic.name, ctx)
        ]
    elif any(one.topic_id != ZERO_UUID for one in asked):
        topics = _by_id([one.topic_id for one in asked if one.topic_id != ZERO_UUID], ctx)
    else:
        names = [one.name for one in asked if one.name is not None]
        topics = await _by_name(names, request.allow_auto_topic_creation, ctx)
    if request.include_topic_authorized_operations:
        for topic in topics:
            if topic.name and topic.error_code != ErrorCode.TOPIC_AUTHORIZATION_FAILED:
                operations = ctx.authorized_operations(AclResourceType.TOPIC, topic.name)
                topic.topic_authorized_operations = operations

    broker, endpoint = ctx.broker, ctx.connection.advertised
    return MetadataResponse(
        brokers=[MetadataResponseBroker(broker.node_id, endpoint.host, endpoint.port, broker.rack)],
        cluster_id=broker.cluster_id,
        controller_id=broker.node_id,
        topics=topics,
        cluster_authorized_operations=(
            _cluster_operations(ctx) if request.include_cluster_authorized_operations else NOT_REQUESTED
        ),
    )


def _refusal(asked: Sequence[MetadataRequestTopic], api_version: int) -> ErrorCode | None:
    """What is wrong with the request as a whole."""
    by_id = any(one.topic_id != ZERO_UUID for one in asked)
    unnamed = any(one.name is None for one in asked)
    if api_version < BY_ID_SINCE:
        return ErrorCode.INVALID_REQUEST if by_id or unnamed else None
    # Neither name nor id: Apache Kafka trips over it, and clients may know that answer.
    return ErrorCode.UNKNOWN_SERVER_ERROR if unnamed and not by_id else None


def describe(topic: Topic, operations: int, ctx: RequestContext) -> MetadataResponseTopic:
    """A topic that exists, led by this broker."""
    broker = ctx.broker
    node_id, nodes = broker.node_id, [broker.node_id]

    def partition(index: int) -> MetadataResponsePartition:
        epoch = broker.leader_epoch(topic, index)
        if broker.is_offline(topic, index):
            return MetadataResponsePartition(
                ErrorCode.LEADER_NOT_AVAILABLE, index, NO_LEADER, epoch, nodes, [], nodes
            )
        return MetadataResponsePartition(ErrorCode.NONE, index, node_id, epoch, nodes, nodes, [])

    return MetadataResponseTopic(
        ErrorCode.NONE,
        topic.name,
        topic.topic_id,
        topic.internal,
        [partition(index) for index in range(topic.partitions)],
        operations,
    )


def may_describe(name: str, ctx: RequestContext) -> bool:
    """Whether the client may hear of a topic; of one that it may not it isn't told whether it is there."""
    return ctx.authorize(AclOperation.DESCRIBE, AclResourceType.TOPIC, name)


def _cluster_operations(ctx: RequestContext) -> int:
    return ctx.cluster_operations() if ctx.authorize_cluster(AclOperation.DESCRIBE) else 0


def _by_id(topic_ids: Iterable[bytes], ctx: RequestContext) -> list[MetadataResponseTopic]:
    unknown, known, refused = [], [], []
    for topic_id in dict.fromkeys(topic_ids):
        topic = ctx.broker.topics.by_id(topic_id)
        if topic is None:
            unknown.append(MetadataResponseTopic(ErrorCode.UNKNOWN_TOPIC_ID, None, topic_id))
        elif may_describe(topic.name, ctx):
            known.append(describe(topic, NOT_REQUESTED, ctx))
        else:
            refused.append(MetadataResponseTopic(ErrorCode.TOPIC_AUTHORIZATION_FAILED, None, topic_id))
    return unknown + known + refused


async def _by_name(names: Iterable[str], create: bool, ctx: RequestContext) -> list[MetadataResponseTopic]:
    """Those that there are come first; with creation, those that never will be come before those that will."""
    create = create and ctx.broker.config.bool("auto.create.topics.enable")
    known: list[MetadataResponseTopic] = []
    invalid: list[MetadataResponseTopic] = []
    unknown: list[MetadataResponseTopic] = []
    refused: list[MetadataResponseTopic] = []
    for name in dict.fromkeys(names):
        topic = ctx.broker.topics.get(name)
        if not may_describe(name, ctx) or (topic is None and create and not _may_create(name, ctx)):
            refused.append(MetadataResponseTopic(ErrorCode.TOPIC_AUTHORIZATION_FAILED, name))
        elif topic is not None:
            known.append(describe(topic, NOT_REQUESTED, ctx))
        elif (refusal := _name_refusal(name)) is not None:
            (invalid if create else unknown).append(MetadataResponseTopic(refusal, name))
        else:
            just_deleted = ctx.broker.topics.was_just_deleted(name)
            created = await _create(name, ctx) if create else None
            if created is not None and not just_deleted:
                known.append(describe(created, NOT_REQUESTED, ctx))
                continue
            internal = name in INTERNAL_TOPICS
            code = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
            unknown.append(MetadataResponseTopic(code, name, is_internal=internal))
    return known + invalid + unknown + refused


def _name_refusal(name: str) -> ErrorCode | None:
    try:
        check_topic_name(name)
    except KafkaError as error:
        return error.code
    return None


def _may_create(name: str, ctx: RequestContext) -> bool:
    create = AclOperation.CREATE
    return ctx.authorize_cluster(create) or ctx.authorize(create, AclResourceType.TOPIC, name)


async def _create(name: str, ctx: RequestContext) -> Topic | None:
    """Create a topic, also one that Kafka keeps for itself; None, which is all that the client hears, if that fails.

    Apache Kafka doesn't tell either that another client was first, that the name is too like another's, or that
    there are too few brokers.
    """
    broker = ctx.broker
    try:
        if name == CONSUMER_OFFSETS:
            return await create_offsets_topic(broker.topics, broker.config)
        if name == TRANSACTION_STATE:
            return await create_transactions_topic(broker.topics, broker.config)
        if name not in INTERNAL_TOPICS:
            return await _create_with_defaults(name, ctx)
    except KafkaError as error:
        if error.code is ErrorCode.KAFKA_STORAGE_ERROR:
            log.error("topic %s cannot be created: %s", name, error)
    return broker.topics.get(name)


async def _create_with_defaults(name: str, ctx: RequestContext) -> Topic | None:
    broker = ctx.broker
    partitions = broker.config.int("num.partitions")
    replication_factor(broker.config, broker.config.int("default.replication.factor"))
    broker.topics.check_new(name)
    if ctx.charge is not None and not ctx.charge.created_by_the_way(partitions):
        return None
    return await broker.topics.create(name, partitions, {})
