"""What the broker does for each request: one module an API, named like its messages in protocol/.

Each has `async def handle(request, ctx)`, which returns the response, or None to send nothing. SERVED is what is
advertised: nothing is in it that does not work, for clients probe and change their ways by it.
"""

from functools import cache
from typing import Final

from kbroker.protocol.apis import APIS, Api

SERVED: Final = frozenset(
    {
        "Produce",
        "Fetch",
        "ListOffsets",
        "Metadata",
        "OffsetCommit",
        "OffsetFetch",
        "FindCoordinator",
        "JoinGroup",
        "Heartbeat",
        "LeaveGroup",
        "SyncGroup",
        "DescribeGroups",
        "ListGroups",
        "SaslHandshake",
        "ApiVersions",
        "CreateTopics",
        "DeleteTopics",
        "DeleteRecords",
        "InitProducerId",
        "OffsetForLeaderEpoch",
        "AddPartitionsToTxn",
        "AddOffsetsToTxn",
        "EndTxn",
        "WriteTxnMarkers",
        "TxnOffsetCommit",
        "DescribeAcls",
        "CreateAcls",
        "DeleteAcls",
        "DescribeConfigs",
        "AlterConfigs",
        "AlterReplicaLogDirs",
        "DescribeLogDirs",
        "SaslAuthenticate",
        "CreatePartitions",
        "CreateDelegationToken",
        "RenewDelegationToken",
        "ExpireDelegationToken",
        "DescribeDelegationToken",
        "DeleteGroups",
        "ElectLeaders",
        "IncrementalAlterConfigs",
        "AlterPartitionReassignments",
        "ListPartitionReassignments",
        "OffsetDelete",
        "DescribeUserScramCredentials",
        "AlterUserScramCredentials",
        "DescribeQuorum",
        "UpdateFeatures",
        "DescribeCluster",
        "UnregisterBroker",
        "ListConfigResources",
        "DescribeProducers",
        "DescribeTransactions",
        "ListTransactions",
        "DescribeTopicPartitions",
        "DescribeClientQuotas",
        "AlterClientQuotas",
        "AddRaftVoter",
        "RemoveRaftVoter",
    }
)


@cache
def served_apis() -> dict[int, Api]:
    """The APIs that are advertised, by key, in the order of their keys."""
    return {key: api for key, api in sorted(APIS.items()) if api.name in SERVED}
