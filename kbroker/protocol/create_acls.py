"""CreateAcls (key 30): add access control entries."""

from kbroker.protocol.schema import array_of, field, message, struct


@struct
class AclCreation:
    """One item of `CreateAclsRequest.creations`."""

    resource_type: int = field("int8")
    resource_name: str = field("string")
    resource_pattern_type: int = field("int8", default=3)
    principal: str = field("string")
    host: str = field("string")
    operation: int = field("int8")
    permission_type: int = field("int8")


@message(key=30, versions="1-3", flexible="2+")
class CreateAclsRequest:
    """What the client asks."""

    creations: list[AclCreation] = field(array_of(AclCreation))


@struct
class AclCreationResult:
    """One item of `CreateAclsResponse.results`."""

    error_code: int = field("int16")
    error_message: str | None = field("string", nullable="0+")


@message(key=30, versions="1-3", flexible="2+")
class CreateAclsResponse:
    """What the broker answers."""

    throttle_time_ms: int = field("int32")
    results: list[AclCreationResult] = field(array_of(AclCreationResult))
