"""Topics that Kafka keeps for itself, as clients see them: listed, described and readable, but not written to.

What `__consumer_offsets` tells of is in the group store; the topic is written beside it, see `changelog`.
"""

from kbroker.broker.topics import TopicCatalog
from kbroker.config.broker_config import BrokerConfig
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.topics import CONSUMER_OFFSETS, Topic


async def create_offsets_topic(topics: TopicCatalog, config: BrokerConfig) -> Topic:
    """`__consumer_offsets`, created unless it is there: Apache Kafka does when a group is first looked for.

    Raises KafkaError: KAFKA_STORAGE_ERROR.
    """
    topic = topics.get(CONSUMER_OFFSETS)
    if topic is not None:
        return topic
    configs = {
        "cleanup.policy": "compact",
        "compression.type": "producer",
        "segment.bytes": str(config.int("offsets.topic.segment.bytes")),
    }
    try:
        return await topics.create(CONSUMER_OFFSETS, config.int("offsets.topic.num.partitions"), configs)
    except KafkaError as error:
        if error.code is not ErrorCode.TOPIC_ALREADY_EXISTS:  # another client was first
            raise
        topic = topics.get(CONSUMER_OFFSETS)
        if topic is None:  # and has gone again
            raise
        return topic
