"""ListConfigResources (key 74): resources that have configs (KIP-1142).

Version 0 lists client metrics subscriptions only.
"""

from kbroker.protocol.schema import array_of, field, message, struct


@message(key=74, versions="0-1", flexible="0+")
class ListConfigResourcesRequest:
    """What the client asks."""

    resource_types: list[int] = field(array_of("int8"), "1+")


@struct
class ConfigResource:
    """One item of `ListConfigResourcesResponse.config_resources`."""

    resource_name: str = field("string")
    resource_type: int = field("int8", "1+", default=16)


@message(key=74, versions="0-1", flexible="0+")
class ListConfigResourcesResponse:
    """What the broker answers."""

    throttle_time_ms: int = field("int32")
    error_code: int = field("int16")
    config_resources: list[ConfigResource] = field(array_of(ConfigResource))
