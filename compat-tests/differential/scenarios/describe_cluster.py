"""DescribeCluster: brokers, controller, operations."""

from differential.conversation import Conversation
from differential.scenario import scenario
from kbroker.protocol.describe_cluster import DescribeClusterRequest

VERSIONS = range(3)


@scenario(VERSIONS)
def all_of_it(run: Conversation) -> None:
    run.ask("the cluster", DescribeClusterRequest)
    run.ask("with operations", DescribeClusterRequest, include_cluster_authorized_operations=True)
    if run.version >= 1:
        for kind in (2, 0, 3, -1):
            run.ask(f"endpoint type {kind}", DescribeClusterRequest, endpoint_type=kind)
    if run.version >= 2:
        run.ask("fenced brokers too", DescribeClusterRequest, include_fenced_brokers=True)


@scenario([3])
def versions_outside(run: Conversation) -> None:
    run.first.ask_raw("a version not advertised", 60, run.version, bytes(20), flexible=True)
