"""DescribeAcls (key 29): the access control entries that match a filter."""

from kbroker.protocol.schema import array_of, field, message, struct


@message(key=29, versions="1-3", flexible="2+")
class DescribeAclsRequest:
    """What the client asks."""

    resource_type_filter: int = field("int8")
    resource_name_filter: str | None = field("string", nullable="0+")
    pattern_type_filter: int = field("int8", default=3)
    principal_filter: str | None = field("string", nullable="0+")
    host_filter: str | None = field("string", nullable="0+")
    operation: int = field("int8")
    permission_type: int = field("int8")


@struct
class AclDescription:
    """One item of `DescribeAclsResource.acls`."""

    principal: str = field("string")
    host: str = field("string")
    operation: int = field("int8")
    permission_type: int = field("int8")


@struct
class DescribeAclsResource:
    """One item of `DescribeAclsResponse.resources`."""

    resource_type: int = field("int8")
    resource_name: str = field("string")
    pattern_type: int = field("int8", default=3)
    acls: list[AclDescription] = field(array_of(AclDescription))


@message(key=29, versions="1-3", flexible="2+")
class DescribeAclsResponse:
    """What the broker answers."""

    throttle_time_ms: int = field("int32")
    error_code: int = field("int16")
    error_message: str | None = field("string", nullable="0+")
    resources: list[DescribeAclsResource] = field(array_of(DescribeAclsResource))
