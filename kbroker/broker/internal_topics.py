"""Topics that Kafka keeps for itself, as clients see them: listed, described and readable, but not written to.

`__consumer_offsets` stays empty. Groups and committed offsets are in the group store; the topic is there because
clients list it, match it by patterns and take its presence for a sign that groups are served.
"""

from kbroker.broker.topics import TopicCatalog
from kbroker.config.broker_config import BrokerConfig
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.topics import CONSUMER_OFFSETS


async def create_offsets_topic(topics: TopicCatalog, config: BrokerConfig) -> None:
    """Create `__consumer_offsets` unless it is there: Apache Kafka does when a group is first looked for.

    Raises KafkaError: KAFKA_STORAGE_ERROR.
    """
    if topics.get(CONSUMER_OFFSETS) is not None:
        return
    configs = {
        "cleanup.policy": "compact",
        "compression.type": "producer",
        "segment.bytes": str(config.int("offsets.topic.segment.bytes")),
    }
    try:
        await topics.create(CONSUMER_OFFSETS, config.int("offsets.topic.num.partitions"), configs)
    except KafkaError as error:
        if error.code is not ErrorCode.TOPIC_ALREADY_EXISTS:  # another client was first
            raise
