"""DescribeCluster (key 60): brokers, controller and cluster id (KIP-700)."""

from kbroker.protocol.schema import array_of, field, message, struct


@message(key=60, versions="0-2", flexible="0+")
class DescribeClusterRequest:
    """What the client asks."""

    include_cluster_authorized_operations: bool = field("bool")
    endpoint_type: int = field("int8", "1+", default=1)
    include_fenced_brokers: bool = field("bool", "2+")


@struct
class DescribeClusterBroker:
    """One item of `DescribeClusterResponse.brokers`."""

    broker_id: int = field("int32")
    host: str = field("string")
    port: int = field("int32")
    rack: str | None = field("string", nullable="0+", default=None)
    is_fenced: bool = field("bool", "2+")


@message(key=60, versions="0-2", flexible="0+")
class DescribeClusterResponse:
    """What the broker answers."""

    throttle_time_ms: int = field("int32")
    error_code: int = field("int16")
    error_message: str | None = field("string", nullable="0+", default=None)
    endpoint_type: int = field("int8", "1+", default=1)
    cluster_id: str = field("string")
    controller_id: int = field("int32", default=-1)
    brokers: list[DescribeClusterBroker] = field(array_of(DescribeClusterBroker))
    cluster_authorized_operations: int = field("int32", default=-2147483648)
