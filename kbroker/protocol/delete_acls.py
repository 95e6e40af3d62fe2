"""DeleteAcls (key 31): remove the access control entries that match filters."""

from kbroker.protocol.schema import array_of, field, message, struct


@struct
class DeleteAclsFilter:
    """One item of `DeleteAclsRequest.filters`."""

    resource_type_filter: int = field("int8")
    resource_name_filter: str | None = field("string", nullable="0+")
    pattern_type_filter: int = field("int8", default=3)
    principal_filter: str | None = field("string", nullable="0+")
    host_filter: str | None = field("string", nullable="0+")
    operation: int = field("int8")
    permission_type: int = field("int8")


@message(key=31, versions="1-3", flexible="2+")
class DeleteAclsRequest:
    """What the client asks."""

    filters: list[DeleteAclsFilter] = field(array_of(DeleteAclsFilter))


@struct
class DeleteAclsMatchingAcl:
    """One item of `DeleteAclsFilterResult.matching_acls`."""

    error_code: int = field("int16")
    error_message: str | None = field("string", nullable="0+")
    resource_type: int = field("int8")
    resource_name: str = field("string")
    pattern_type: int = field("int8", default=3)
    principal: str = field("string")
    host: str = field("string")
    operation: int = field("int8")
    permission_type: int = field("int8")


@struct
class DeleteAclsFilterResult:
    """One item of `DeleteAclsResponse.filter_results`."""

    error_code: int = field("int16")
    error_message: str | None = field("string", nullable="0+")
    matching_acls: list[DeleteAclsMatchingAcl] = field(array_of(DeleteAclsMatchingAcl))


@message(key=31, versions="1-3", flexible="2+")
class DeleteAclsResponse:
    """What the broker answers."""

    throttle_time_ms: int = field("int32")
    filter_results: list[DeleteAclsFilterResult] = field(array_of(DeleteAclsFilterResult))
