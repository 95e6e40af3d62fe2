"""A few messages as real clients and brokers send them, byte by byte."""

import pytest

from kbroker.protocol.api_versions import ApiVersionsRequest
from kbroker.protocol.fetch import FetchPartition, FetchRequest, FetchTopic
from kbroker.protocol.heartbeat import HeartbeatRequest, HeartbeatResponse
from kbroker.protocol.metadata import (
    MetadataResponse,
    MetadataResponseBroker,
    MetadataResponsePartition,
    MetadataResponseTopic,
)
from kbroker.protocol.schema import reader, writer

PARTITION = MetadataResponsePartition(0, 0, 0, replica_nodes=[0], isr_nodes=[0])
CASES = [
    (HeartbeatRequest("g", 5, "m"), 0, "000167 00000005 00016d"),
    (HeartbeatRequest("g", 5, "m", "i"), 3, "000167 00000005 00016d 000169"),
    (HeartbeatRequest("g", 5, "m", None), 4, "0267 00000005 026d 00 00"),
    (HeartbeatResponse(0, 27), 0, "001b"),
    (HeartbeatResponse(100, 27), 4, "00000064 001b 00"),
    (ApiVersionsRequest("kafka-python", "3.0.12"), 3, "0d6b61666b612d707974686f6e 07332e302e3132 00"),
    (
        FetchRequest(
            max_wait_ms=500,
            min_bytes=1,
            topics=[FetchTopic("t", partitions=[FetchPartition(0, -1, 42, partition_max_bytes=1024)])],
        ),
        11,
        """ffffffff 000001f4 00000001 7fffffff 00 00000000 ffffffff 00000001 0001 74 00000001
        00000000 ffffffff 000000000000002a ffffffffffffffff 00000400 00000000 0000""",
    ),
    (
        MetadataResponse(
            brokers=[MetadataResponseBroker(0, "h", 9092)],
            cluster_id="c",
            controller_id=0,
            topics=[MetadataResponseTopic(name="t", partitions=[PARTITION])],
        ),
        1,
        """00000001 00000000 000168 00002384 ffff 00000000 00000001 0000 000174 00 00000001
        0000 00000000 00000000 00000001 00000000 00000001 00000000""",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("message", "version", "encoded"), CASES)
def test_known_bytes(message: object, version: int, encoded: str) -> None:
    data = bytes.fromhex(encoded)
    assert b"".join(writer(type(message), version)(message)) == data
    again = reader(type(message), version)(memoryview(data))
    assert b"".join(writer(type(message), version)(again)) == data
