import pytest

from kbroker.broker.broker import Broker
from kbroker.handlers import describe_cluster
from kbroker.protocol.describe_cluster import DescribeClusterBroker, DescribeClusterRequest
from kbroker.protocol.error_codes import ErrorCode

from .conftest import NODE_ID, MakeContext

VERSION = 2


async def test_the_one_broker_is_where_its_listener_says(broker: Broker, at: MakeContext) -> None:
    response = await describe_cluster.handle(DescribeClusterRequest(), at(VERSION))
    assert response.brokers == [DescribeClusterBroker(NODE_ID, "localhost", 9092, None, False)]
    assert response.controller_id == NODE_ID
    assert response.cluster_id == broker.cluster_id != ""
    assert response.cluster_authorized_operations == -(2**31)


async def test_operations_when_asked_for(at: MakeContext) -> None:
    response = await describe_cluster.handle(DescribeClusterRequest(True), at(VERSION))
    assert response.cluster_authorized_operations == 8096


@pytest.mark.parametrize(
    ("endpoint_type", "code"),
    [(2, ErrorCode.MISMATCHED_ENDPOINT_TYPE), (3, ErrorCode.UNSUPPORTED_ENDPOINT_TYPE), (0, 115)],
)
async def test_other_endpoint_types(at: MakeContext, endpoint_type: int, code: int) -> None:
    response = await describe_cluster.handle(DescribeClusterRequest(endpoint_type=endpoint_type), at(VERSION))
    assert response.error_code == code
    assert response.brokers == []
    assert response.controller_id == -1


class TestWithRack:
    @pytest.fixture
    def settings(self) -> dict[str, str]:
        return {"broker.rack": "r1"}

    async def test_the_rack_is_told(self, at: MakeContext) -> None:
        response = await describe_cluster.handle(DescribeClusterRequest(), at(VERSION))
        assert response.brokers[0].rack == "r1"
