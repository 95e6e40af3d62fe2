"""Topics that Kafka keeps for itself, as clients see them: listed, described and readable, but not written to.

What they tell of is in the stores of groups and transactions; the topics are written beside these, see `changelog`.
"""

from collections.abc import Mapping

from kbroker.broker.replicas import replication_factor
from kbroker.broker.topics import TopicCatalog
from kbroker.config.broker_config import BrokerConfig
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.topics import CONSUMER_OFFSETS, TRANSACTION_STATE, Topic


async def create_offsets_topic(topics: TopicCatalog, config: BrokerConfig) -> Topic:
    """`__consumer_offsets`, created unless it is there: Apache Kafka does when a group is first looked for.

    Raises KafkaError: KAFKA_STORAGE_ERROR, INVALID_REPLICATION_FACTOR.
    """
    topic = topics.get(CONSUMER_OFFSETS)
    if topic is not None:
        return topic
    configs = {
        "cleanup.policy": "compact",
        "compression.type": "producer",
        "segment.bytes": str(config.int("offsets.topic.segment.bytes")),
    }
    replication_factor(config, config.int("offsets.topic.replication.factor"))
    return await _create(topics, CONSUMER_OFFSETS, config.int("offsets.topic.num.partitions"), configs)


async def create_transactions_topic(topics: TopicCatalog, config: BrokerConfig) -> Topic:
    """`__transaction_state`, created unless it is there: Apache Kafka does when a transactional id is looked for.

    Raises KafkaError: KAFKA_STORAGE_ERROR, INVALID_REPLICATION_FACTOR.
    """
    topic = topics.get(TRANSACTION_STATE)
    if topic is not None:
        return topic
    configs = {
        "cleanup.policy": "compact",
        "compression.type": "uncompressed",
        "min.insync.replicas": str(config.int("transaction.state.log.min.isr")),
        "segment.bytes": str(config.int("transaction.state.log.segment.bytes")),
        "unclean.leader.election.enable": "false",
    }
    replication_factor(config, config.int("transaction.state.log.replication.factor"))
    return await _create(
        topics, TRANSACTION_STATE, config.int("transaction.state.log.num.partitions"), configs
    )


async def _create(topics: TopicCatalog, name: str, partitions: int, configs: Mapping[str, str]) -> Topic:
    try:
        return await topics.create(name, partitions, configs)
    except KafkaError as error:
        if error.code is not ErrorCode.TOPIC_ALREADY_EXISTS:  # another client was first
            raise
        topic = topics.get(name)
        if topic is None:  # and has gone again
            raise
        return topic
