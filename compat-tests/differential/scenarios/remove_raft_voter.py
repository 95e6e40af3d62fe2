"""RemoveRaftVoter: what a quorum of one answers (KIP-853)."""

from typing import Any

from differential.conversation import Conversation
from differential.scenario import scenario
from kbroker.protocol.describe_cluster import DescribeClusterRequest
from kbroker.protocol.describe_quorum import DescribeQuorumRequest
from kbroker.protocol.remove_raft_voter import RemoveRaftVoterRequest

DIRECTORY = bytes(range(16))


@scenario([0], last=True)
def all_of_it(run: Conversation) -> None:
    cluster = run.first.quietly(DescribeClusterRequest, 0).cluster_id
    run.symbols.name("cluster", cluster)

    def remove(label: str, voter: int = 7, **given: Any) -> None:
        named = {"voter_directory_id": DIRECTORY, "cluster_id": None} | given
        run.ask(label, RemoveRaftVoterRequest, voter_id=voter, **named)

    remove("another cluster", cluster_id="other")
    remove("an empty cluster id", cluster_id="")
    remove("no directory", voter_directory_id=bytes(16))
    remove("a negative voter", -1)
    remove("an unknown voter")
    remove("an unknown voter, this cluster", cluster_id=cluster)
    remove("the voter there is, another directory", 1)
    partitions = [{"partition_index": 0}]
    topics = [{"topic_name": "__cluster_metadata", "partitions": partitions}]
    quorum = run.first.quietly(DescribeQuorumRequest, 2, topics=topics)
    directory = quorum.topics[0].partitions[0].current_voters[0].replica_directory_id
    remove("the only voter", 1, voter_directory_id=directory)


@scenario([1])
def versions_outside(run: Conversation) -> None:
    run.first.ask_raw("a version not advertised", 81, run.version, bytes(20), flexible=True)
