"""AlterConfigs (key 33): replace all configs of a resource; superseded by IncrementalAlterConfigs."""

from kbroker.protocol.schema import array_of, field, message, struct


@struct
class AlterableConfig:
    """One item of `AlterConfigsResource.configs`."""

    name: str = field("string")
    value: str | None = field("string", nullable="0+")


@struct
class AlterConfigsResource:
    """One item of `AlterConfigsRequest.resources`."""

    resource_type: int = field("int8")
    resource_name: str = field("string")
    configs: list[AlterableConfig] = field(array_of(AlterableConfig))


@message(key=33, versions="0-2", flexible="2+")
class AlterConfigsRequest:
    """What the client asks."""

    resources: list[AlterConfigsResource] = field(array_of(AlterConfigsResource))
    validate_only: bool = field("bool")


@struct
class AlterConfigsResourceResponse:
    """One item of `AlterConfigsResponse.responses`."""

    error_code: int = field("int16")
    error_message: str | None = field("string", nullable="0+")
    resource_type: int = field("int8")
    resource_name: str = field("string")


@message(key=33, versions="0-2", flexible="2+")
class AlterConfigsResponse:
    """What the broker answers."""

    throttle_time_ms: int = field("int32")
    responses: list[AlterConfigsResourceResponse] = field(array_of(AlterConfigsResourceResponse))
