"""CreatePartitions (key 37), versions 0-3: raise the number of partitions of a topic (KIP-195).

- a topic named more than once is answered once, with INVALID_REQUEST
- a count that is no increase is INVALID_PARTITIONS; assignments must be as many as the new partitions
- more than 10,000 new partitions in one request are UNKNOWN_SERVER_ERROR, as from Apache Kafka
- a timeout of 0 or less has passed before anything could be done: REQUEST_TIMED_OUT, as from Apache Kafka
"""

from collections import Counter

from kbroker.broker.context import RequestContext
from kbroker.protocol.create_partitions import (
    CreatePartitionsRequest,
    CreatePartitionsResponse,
    CreatePartitionsTopic,
    CreatePartitionsTopicResult,
)
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.acls import AclOperation, AclResourceType
from kbroker.state.partition_layout import MAX_METADATA_RECORDS_PER_REQUEST, check_replicas
from kbroker.state.topics import Topic


async def handle(request: CreatePartitionsRequest, ctx: RequestContext) -> CreatePartitionsResponse:
    """Answer each topic on its own."""
    times_named = Counter(topic.name for topic in request.topics)
    once = [topic for topic in request.topics if times_named[topic.name] == 1]
    allowed = {
        topic.name for topic in once if ctx.authorize(AclOperation.ALTER, AclResourceType.TOPIC, topic.name)
    }
    if allowed and request.timeout_ms <= 0:
        timed_out = ErrorCode.REQUEST_TIMED_OUT
        return CreatePartitionsResponse(
            results=[CreatePartitionsTopicResult(topic.name, timed_out) for topic in request.topics]
        )
    results = [
        CreatePartitionsTopicResult(name, ErrorCode.INVALID_REQUEST, "Duplicate topic name.")
        for name, times in times_named.items()
        if times > 1
    ]
    left = MAX_METADATA_RECORDS_PER_REQUEST
    for asked in once:
        try:
            if asked.name not in allowed:
                raise KafkaError(ErrorCode.TOPIC_AUTHORIZATION_FAILED)
            topic = ctx.broker.topics.get(asked.name)
            if topic is None:
                raise KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
            new = _new_partitions(topic, asked, ctx)
            if new > left:
                raise KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR)
            left -= new
            if not request.validate_only:
                await ctx.broker.topics.add_partitions(topic, asked.count)
        except KafkaError as error:
            results.append(CreatePartitionsTopicResult(asked.name, error.code, error.message))
        else:
            results.append(CreatePartitionsTopicResult(asked.name))
    return CreatePartitionsResponse(results=results)


def _new_partitions(topic: Topic, asked: CreatePartitionsTopic, ctx: RequestContext) -> int:
    """How many partitions the request adds to the topic. Raises KafkaError when it may not."""
    new = asked.count - topic.partitions
    if new == 0:
        raise KafkaError(ErrorCode.INVALID_PARTITIONS, f"Topic already has {topic.partitions} partition(s).")
    if new < 0:
        raise KafkaError(
            ErrorCode.INVALID_PARTITIONS,
            f"The topic {topic.name} currently has {topic.partitions} partition(s); "
            f"{asked.count} would not be an increase.",
        )
    if asked.assignments is not None and len(asked.assignments) != new:
        raise KafkaError(
            ErrorCode.INVALID_REPLICA_ASSIGNMENT,
            f"Attempted to add {new} additional partition(s), but only {len(asked.assignments)} "
            "assignment(s) were specified.",
        )
    if ctx.charge is not None:
        ctx.charge.mutate(new)
    for assignment in asked.assignments or ():
        check_replicas(assignment.broker_ids, {ctx.broker.node_id})
    return new
