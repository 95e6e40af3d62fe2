"""AddRaftVoter: what a quorum of one answers to voters that it has, and to some that it can't reach (KIP-853)."""

from typing import Any

from differential.conversation import Conversation
from differential.scenario import scenario
from kbroker.protocol.add_raft_voter import AddRaftVoterRequest
from kbroker.protocol.describe_cluster import DescribeClusterRequest

VERSIONS = range(2)
DIRECTORY = bytes(range(16))
THERE = {"name": "CONTROLLER", "host": "127.0.0.1", "port": 1}  # nobody listens


@scenario(VERSIONS, last=True)
def all_of_it(run: Conversation) -> None:
    cluster = run.first.quietly(DescribeClusterRequest, 0).cluster_id
    run.symbols.name("cluster", cluster)

    def add(label: str, voter: int = 7, *listeners: dict[str, Any], **given: Any) -> None:
        named = {"voter_directory_id": DIRECTORY, "cluster_id": None, "timeout_ms": 300} | given
        run.ask(label, AddRaftVoterRequest, voter_id=voter, listeners=list(listeners), **named)

    add("another cluster", 7, THERE, cluster_id="other")
    add("an empty cluster id", 7, THERE, cluster_id="")
    add("no directory", 7, THERE, voter_directory_id=bytes(16))
    add("a negative voter", -1, THERE)
    add("no listener", 7)
    add("another listener", 7, {**THERE, "name": "PLAINTEXT"})
    add("a listener in lower case", 7, {**THERE, "name": "controller"})
    add("the voter there is", 1, THERE)
    add("the voter there is, this cluster", 1, THERE, cluster_id=cluster)
    add("the voter there is, no time", 1, THERE, timeout_ms=0)
    add("a voter that is not there", 7, THERE)
    add("a voter that is not there, no time", 7, THERE, timeout_ms=0)
    add("a voter that is not there, negative time", 7, THERE, timeout_ms=-1)
    if run.version:
        add("a voter that is not there, not to be committed", 7, THERE, ack_when_committed=False)


@scenario([2])
def versions_outside(run: Conversation) -> None:
    run.first.ask_raw("a version not advertised", 80, run.version, bytes(20), flexible=True)
