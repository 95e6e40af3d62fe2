"""A topic as it is printed."""

from typing import TYPE_CHECKING, cast

from kbroker.cli.topic_description import describe_topic
from kbroker.protocol.describe_configs import (
    DescribeConfigsResourceResult,
    DescribeConfigsResponse,
    DescribeConfigsResult,
)
from kbroker.protocol.metadata import MetadataResponsePartition, MetadataResponseTopic

if TYPE_CHECKING:
    from kbroker.cli.client import Client


class FakeClient:
    """Answers DescribeConfigs with a value of the topic's and a default."""

    def request(self, request: object) -> DescribeConfigsResponse:
        configs = [
            DescribeConfigsResourceResult("a", "1", config_source=1),
            DescribeConfigsResourceResult("b", "2", config_source=5),
            DescribeConfigsResourceResult("c", "3", config_source=4),
        ]
        return DescribeConfigsResponse(results=[DescribeConfigsResult(configs=configs)])


def test_partitions_in_order_and_configs_that_are_no_defaults() -> None:
    partitions = [
        MetadataResponsePartition(0, 1, -1, replica_nodes=[1, 2], isr_nodes=[]),
        MetadataResponsePartition(0, 0, 1, replica_nodes=[1, 2], isr_nodes=[1, 2]),
    ]
    topic = MetadataResponseTopic(name="t", topic_id=bytes(16), partitions=partitions)
    assert describe_topic(cast("Client", FakeClient()), topic) == (
        "Topic: t\tTopicId: AAAAAAAAAAAAAAAAAAAAAA\tPartitionCount: 2\tReplicationFactor: 2\tConfigs: a=1,c=3\n"
        "\tTopic: t\tPartition: 0\tLeader: 1\tReplicas: 1,2\tIsr: 1,2\tElr: \tLastKnownElr: \n"
        "\tTopic: t\tPartition: 1\tLeader: none\tReplicas: 1,2\tIsr: \tElr: \tLastKnownElr: \n"
    )
