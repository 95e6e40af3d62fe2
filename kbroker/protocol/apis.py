"""Every API the broker may serve: its key, name, versions, and the module that holds its messages.

Message modules are imported, and their codecs compiled, on first use: who sees five APIs pays for five.
"""

import re
from collections.abc import Callable
from functools import cached_property
from importlib import import_module
from typing import Any, Final

import attrs

from kbroker.protocol.schema import Buffer, Reader, reader, writer


@attrs.define(frozen=True, slots=False)
class Api:
    """One API key.

    `first` to `last` is what Apache Kafka 4.3 advertises; `flexible` is the first flexible version.
    `first_schema` is the first version that can be read at all: above `first` for Produce only (KAFKA-18659).
    """

    key: int
    name: str
    first: int
    last: int
    flexible: int | None
    first_schema: int = attrs.field(default=-1, kw_only=True)

    def serves(self, version: int) -> bool:
        """Tell whether a request of this version can be answered in kind."""
        return max(self.first, self.first_schema) <= version <= self.last

    def is_flexible(self, version: int) -> bool:
        """Tell whether this version has compact lengths and tagged fields (KIP-482)."""
        return self.flexible is not None and version >= self.flexible

    @cached_property
    def module(self) -> str:
        """File name of this API in protocol/ and handlers/: its name in snake case."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", self.name).lower()

    @cached_property
    def request(self) -> type[Any]:
        """The request class."""
        return self._message("Request")

    @cached_property
    def response(self) -> type[Any]:
        """The response class."""
        return self._message("Response")

    def _message(self, kind: str) -> type[Any]:
        cls: type[Any] = getattr(import_module(f"kbroker.protocol.{self.module}"), self.name + kind)
        return cls

    def request_reader(self, version: int) -> Reader[Any]:
        """Return the compiled reader of requests."""
        return reader(self.request, version)

    def response_writer(self, version: int) -> Callable[[Any], list[Buffer]]:
        """Return the compiled writer of responses."""
        return writer(self.response, version)


APIS: Final = {
    api.key: api
    for api in (
        Api(0, "Produce", 0, 13, 9, first_schema=3),
        Api(1, "Fetch", 4, 18, 12),
        Api(2, "ListOffsets", 1, 11, 6),
        Api(3, "Metadata", 0, 13, 9),
        Api(8, "OffsetCommit", 2, 10, 8),
        Api(9, "OffsetFetch", 1, 10, 6),
        Api(10, "FindCoordinator", 0, 6, 3),
        Api(11, "JoinGroup", 0, 9, 6),
        Api(12, "Heartbeat", 0, 4, 4),
        Api(13, "LeaveGroup", 0, 5, 4),
        Api(14, "SyncGroup", 0, 5, 4),
        Api(15, "DescribeGroups", 0, 6, 5),
        Api(16, "ListGroups", 0, 5, 3),
        Api(17, "SaslHandshake", 0, 1, None),
        Api(18, "ApiVersions", 0, 4, 3),
        Api(19, "CreateTopics", 2, 7, 5),
        Api(20, "DeleteTopics", 1, 6, 4),
        Api(21, "DeleteRecords", 0, 2, 2),
        Api(22, "InitProducerId", 0, 5, 2),
        Api(23, "OffsetForLeaderEpoch", 2, 4, 4),
        Api(24, "AddPartitionsToTxn", 0, 5, 3),
        Api(25, "AddOffsetsToTxn", 0, 4, 3),
        Api(26, "EndTxn", 0, 5, 3),
        Api(27, "WriteTxnMarkers", 1, 2, 1),
        Api(28, "TxnOffsetCommit", 0, 5, 3),
        Api(29, "DescribeAcls", 1, 3, 2),
        Api(30, "CreateAcls", 1, 3, 2),
        Api(31, "DeleteAcls", 1, 3, 2),
        Api(32, "DescribeConfigs", 1, 4, 4),
        Api(33, "AlterConfigs", 0, 2, 2),
        Api(34, "AlterReplicaLogDirs", 1, 2, 2),
        Api(35, "DescribeLogDirs", 1, 5, 2),
        Api(36, "SaslAuthenticate", 0, 2, 2),
        Api(37, "CreatePartitions", 0, 3, 2),
        Api(38, "CreateDelegationToken", 1, 3, 2),
        Api(39, "RenewDelegationToken", 1, 2, 2),
        Api(40, "ExpireDelegationToken", 1, 2, 2),
        Api(41, "DescribeDelegationToken", 1, 3, 2),
        Api(42, "DeleteGroups", 0, 2, 2),
        Api(43, "ElectLeaders", 0, 2, 2),
        Api(44, "IncrementalAlterConfigs", 0, 1, 1),
        Api(45, "AlterPartitionReassignments", 0, 1, 0),
        Api(46, "ListPartitionReassignments", 0, 0, 0),
        Api(47, "OffsetDelete", 0, 0, None),
        Api(48, "DescribeClientQuotas", 0, 1, 1),
        Api(49, "AlterClientQuotas", 0, 1, 1),
        Api(50, "DescribeUserScramCredentials", 0, 0, 0),
        Api(51, "AlterUserScramCredentials", 0, 0, 0),
        Api(55, "DescribeQuorum", 0, 2, 0),
        Api(57, "UpdateFeatures", 0, 2, 0),
        Api(60, "DescribeCluster", 0, 2, 0),
        Api(61, "DescribeProducers", 0, 0, 0),
        Api(64, "UnregisterBroker", 0, 0, 0),
        Api(65, "DescribeTransactions", 0, 0, 0),
        Api(66, "ListTransactions", 0, 2, 0),
        Api(68, "ConsumerGroupHeartbeat", 0, 1, 0),
        Api(69, "ConsumerGroupDescribe", 0, 1, 0),
        Api(74, "ListConfigResources", 0, 1, 0),
        Api(75, "DescribeTopicPartitions", 0, 0, 0),
        Api(76, "ShareGroupHeartbeat", 1, 1, 0),
        Api(77, "ShareGroupDescribe", 1, 1, 0),
        Api(78, "ShareFetch", 1, 2, 0),
        Api(79, "ShareAcknowledge", 1, 2, 0),
        Api(80, "AddRaftVoter", 0, 1, 0),
        Api(81, "RemoveRaftVoter", 0, 0, 0),
        Api(88, "StreamsGroupHeartbeat", 0, 0, 0),
        Api(89, "StreamsGroupDescribe", 0, 0, 0),
        Api(90, "DescribeShareGroupOffsets", 0, 1, 0),
        Api(91, "AlterShareGroupOffsets", 0, 0, 0),
        Api(92, "DeleteShareGroupOffsets", 0, 0, 0),
    )
}
