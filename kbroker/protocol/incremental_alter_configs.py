"""IncrementalAlterConfigs (key 44): set, delete, append to or subtract from single configs (KIP-339)."""

from kbroker.protocol.schema import array_of, field, message, struct


@struct
class AlterableConfig:
    """One item of `AlterConfigsResource.configs`."""

    name: str = field("string")
    config_operation: int = field("int8")
    value: str | None = field("string", nullable="0+")


@struct
class AlterConfigsResource:
    """One item of `IncrementalAlterConfigsRequest.resources`."""

    resource_type: int = field("int8")
    resource_name: str = field("string")
    configs: list[AlterableConfig] = field(array_of(AlterableConfig))


@message(key=44, versions="0-1", flexible="1+")
class IncrementalAlterConfigsRequest:
    """What the client asks."""

    resources: list[AlterConfigsResource] = field(array_of(AlterConfigsResource))
    validate_only: bool = field("bool")


@struct
class AlterConfigsResourceResponse:
    """One item of `IncrementalAlterConfigsResponse.responses`."""

    error_code: int = field("int16")
    error_message: str | None = field("string", nullable="0+")
    resource_type: int = field("int8")
    resource_name: str = field("string")


@message(key=44, versions="0-1", flexible="1+")
class IncrementalAlterConfigsResponse:
    """What the broker answers."""

    throttle_time_ms: int = field("int32")
    responses: list[AlterConfigsResourceResponse] = field(array_of(AlterConfigsResourceResponse))
