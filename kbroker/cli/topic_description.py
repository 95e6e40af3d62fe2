"""A topic as `kafka-topics --describe` prints it."""

from base64 import urlsafe_b64encode
from collections.abc import Iterable

from kbroker.cli.client import Client
from kbroker.config.types import ConfigSource
from kbroker.protocol.describe_configs import DescribeConfigsRequest, DescribeConfigsResource
from kbroker.protocol.metadata import MetadataResponsePartition, MetadataResponseTopic

TOPIC_RESOURCE = 2


def describe_topic(client: Client, topic: MetadataResponseTopic) -> str:
    """One line for the topic and one for each partition."""
    partitions = sorted(topic.partitions, key=lambda one: one.partition_index)
    replicas = len(partitions[0].replica_nodes) if partitions else 0
    topic_id = urlsafe_b64encode(topic.topic_id).rstrip(b"=").decode()
    head = (
        f"Topic: {topic.name}\tTopicId: {topic_id}\tPartitionCount: {len(partitions)}\t"
        f"ReplicationFactor: {replicas}\tConfigs: {_configs(client, topic.name or '')}\n"
    )
    return head + "".join(_partition(topic.name or "", one) for one in partitions)


def _partition(name: str, partition: MetadataResponsePartition) -> str:
    leader = "none" if partition.leader_id < 0 else partition.leader_id
    return (
        f"\tTopic: {name}\tPartition: {partition.partition_index}\tLeader: {leader}\t"
        f"Replicas: {_nodes(partition.replica_nodes)}\tIsr: {_nodes(partition.isr_nodes)}\t"
        "Elr: \tLastKnownElr: \n"
    )


def _nodes(nodes: Iterable[int]) -> str:
    return ",".join(map(str, nodes))


def _configs(client: Client, name: str) -> str:
    resource = DescribeConfigsResource(TOPIC_RESOURCE, name, None)
    result = client.request(DescribeConfigsRequest([resource])).results[0]
    return ",".join(
        f"{config.name}={config.value}"
        for config in result.configs
        if config.config_source != ConfigSource.DEFAULT
    )
