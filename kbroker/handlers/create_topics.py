"""CreateTopics (key 19), versions 2-7. Version 5 adds the configs to the answer (KIP-525), 7 the topic id.

- -1 partitions or replication factor is num.partitions or default.replication.factor (KIP-464); with a manual
  assignment both must be -1
- a replication factor above the number of brokers is INVALID_REPLICATION_FACTOR, or taken for one if
  accept.any.replication.factor says so
- a topic named more than once is answered once, at the end, with INVALID_REQUEST
- above what Kafka's controller takes in one request, all topics are POLICY_VIOLATION
- a timeout of 0 or less has passed before anything could be done: REQUEST_TIMED_OUT, as from Apache Kafka
"""

from collections import Counter

from attrs import define

from kbroker.broker.context import RequestContext
from kbroker.broker.replicas import replication_factor
from kbroker.broker.topics import new_topic_id
from kbroker.protocol.create_topics import (
    CreatableTopic,
    CreatableTopicConfigs,
    CreatableTopicResult,
    CreateTopicsRequest,
    CreateTopicsResponse,
)
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.acls import AclOperation, AclResourceType
from kbroker.state.partition_layout import (
    DEFAULT,
    MAX_METADATA_RECORDS_PER_REQUEST,
    MAX_PARTITIONS_PER_REQUEST,
    check_assignment,
    check_counts,
)

CLUSTER_METADATA = "__cluster_metadata"


@define
class NewTopic:
    """A topic that may be created: everything about it has been checked."""

    name: str
    partitions: int
    replication_factor: int
    configs: dict[str, str]

    @property
    def metadata_records(self) -> int:
        """How many records Kafka's controller would write."""
        return 1 + self.partitions + len(self.configs)


async def handle(request: CreateTopicsRequest, ctx: RequestContext) -> CreateTopicsResponse:
    """Check all topics, then create those that may be."""
    times_named = Counter(topic.name for topic in request.topics)
    once = [topic for topic in request.topics if times_named[topic.name] == 1]
    allowed = [topic for topic in once if _may_create(topic.name, ctx)]
    if allowed and request.timeout_ms <= 0:
        timed_out = KafkaError(ErrorCode.REQUEST_TIMED_OUT)
        return CreateTopicsResponse(topics=[_failure(topic.name, timed_out) for topic in request.topics])
    try:
        results = await _create(allowed, request.validate_only, ctx)
    except KafkaError as error:
        results = [_failure(topic.name, error) for topic in allowed]
    if len(allowed) < len(once):
        refused = KafkaError(ErrorCode.TOPIC_AUTHORIZATION_FAILED, "Authorization failed.")
        results += [_failure(topic.name, refused) for topic in once if topic not in allowed]
    repeated = KafkaError(ErrorCode.INVALID_REQUEST, "Duplicate topic name.")
    results += [_failure(name, repeated) for name, times in times_named.items() if times > 1]
    return CreateTopicsResponse(topics=results)


def _may_create(name: str, ctx: RequestContext) -> bool:
    create = AclOperation.CREATE
    return (
        name == CLUSTER_METADATA  # nobody may, and it is said so
        or ctx.authorize_cluster(create)
        or ctx.authorize(create, AclResourceType.TOPIC, name)
    )


async def _create(
    asked: list[CreatableTopic], validate_only: bool, ctx: RequestContext
) -> list[CreatableTopicResult]:
    """One result a topic. Raises KafkaError POLICY_VIOLATION when the request asks for too much."""
    _check_partition_count(asked, ctx)
    checked: list[NewTopic | CreatableTopicResult] = []
    for topic in asked:
        try:
            checked.append(_check(topic, ctx))
        except KafkaError as error:
            checked.append(_failure(topic.name, error))
    records = sum(one.metadata_records for one in checked if isinstance(one, NewTopic))
    if records > MAX_METADATA_RECORDS_PER_REQUEST:
        raise KafkaError(ErrorCode.POLICY_VIOLATION, "Unable to perform excessively large batch operation.")

    results = []
    for one in checked:
        if isinstance(one, NewTopic):
            try:
                results.append(await _create_one(one, validate_only, ctx))
            except KafkaError as error:
                results.append(_failure(one.name, error))
        else:
            results.append(one)
    return results


def _check_partition_count(asked: list[CreatableTopic], ctx: RequestContext) -> None:
    partitions = 0
    for topic in asked:
        if topic.assignments:
            partitions += len(topic.assignments)
        elif topic.num_partitions == DEFAULT:
            partitions += ctx.broker.config.int("num.partitions")
        else:
            partitions += max(topic.num_partitions, 0)
    if partitions > MAX_PARTITIONS_PER_REQUEST:
        raise KafkaError(ErrorCode.POLICY_VIOLATION, "Excessively large number of partitions per request.")


def _check(topic: CreatableTopic, ctx: RequestContext) -> NewTopic:
    ctx.broker.topics.check_new(topic.name)
    if topic.name == CLUSTER_METADATA:
        raise KafkaError(
            ErrorCode.INVALID_REQUEST, f"Creation of internal topic {CLUSTER_METADATA} is prohibited."
        )
    configs = _configs(topic)
    ctx.broker.config.topic_config(configs)
    partitions, replication_factor = _layout(topic, ctx)
    return NewTopic(topic.name, partitions, replication_factor, configs)


def _configs(topic: CreatableTopic) -> dict[str, str]:
    configs = {}
    for config in topic.configs:
        if config.value is None:
            raise KafkaError(
                ErrorCode.INVALID_CONFIG, f"Null value not supported for topic configs: {config.name}"
            )
        configs[config.name] = config.value
    return configs


def _layout(topic: CreatableTopic, ctx: RequestContext) -> tuple[int, int]:
    """How many partitions, and how many replicas of each."""
    registered = {ctx.broker.node_id}
    partitions, replicas = topic.num_partitions, topic.replication_factor
    if topic.assignments:
        assignments = [(one.partition_index, one.broker_ids) for one in topic.assignments]
        check_assignment(assignments, partitions, replicas, registered)
        return len(assignments), len(topic.assignments[0].broker_ids)
    check_counts(partitions, replicas)
    if partitions == DEFAULT:
        partitions = ctx.broker.config.int("num.partitions")
    if replicas == DEFAULT:
        replicas = ctx.broker.config.int("default.replication.factor")
    return partitions, replication_factor(ctx.broker.config, replicas)


async def _create_one(new: NewTopic, validate_only: bool, ctx: RequestContext) -> CreatableTopicResult:
    if ctx.charge is not None:  # for validation only, too
        ctx.charge.mutate(new.partitions)
    if validate_only:
        topic_id = new_topic_id()  # Apache Kafka answers with an id of no meaning, too
    else:
        topic_id = (await ctx.broker.topics.create(new.name, new.partitions, new.configs)).topic_id
    if not ctx.authorize(AclOperation.DESCRIBE_CONFIGS, AclResourceType.TOPIC, new.name):
        code = ErrorCode.TOPIC_AUTHORIZATION_FAILED
        return CreatableTopicResult(new.name, topic_id, error_message=None, topic_config_error_code=code)
    return CreatableTopicResult(
        new.name,
        topic_id,
        error_message=None,
        num_partitions=new.partitions,
        replication_factor=new.replication_factor,
        configs=[
            CreatableTopicConfigs(
                entry.name,
                new.configs.get(entry.name, entry.value),  # in the form in which the client gave it
                entry.read_only,
                entry.source,
                entry.sensitive,
            )
            for entry in ctx.broker.config.describe_topic(new.configs)
        ],
    )


def _failure(name: str, error: KafkaError) -> CreatableTopicResult:
    return CreatableTopicResult(name, error_code=error.code, error_message=error.message)
