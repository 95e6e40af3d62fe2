"""DescribeConfigs (key 32): configs of a resource, with where each value comes from (KIP-226)."""

from kbroker.protocol.schema import array_of, field, message, struct


@struct
class DescribeConfigsResource:
    """One item of `DescribeConfigsRequest.resources`."""

    resource_type: int = field("int8")
    resource_name: str = field("string")
    configuration_keys: list[str] | None = field(array_of("string"), nullable="0+")


@message(key=32, versions="1-4", flexible="4+")
class DescribeConfigsRequest:
    """What the client asks."""

    resources: list[DescribeConfigsResource] = field(array_of(DescribeConfigsResource))
    include_synonyms: bool = field("bool")
    include_documentation: bool = field("bool", "3+")


@struct
class DescribeConfigsSynonym:
    """One item of `DescribeConfigsResourceResult.synonyms`."""

    name: str = field("string")
    value: str | None = field("string", nullable="0+")
    source: int = field("int8")


@struct
class DescribeConfigsResourceResult:
    """One item of `DescribeConfigsResult.configs`."""

    name: str = field("string")
    value: str | None = field("string", nullable="0+")
    read_only: bool = field("bool")
    config_source: int = field("int8", default=-1)
    is_sensitive: bool = field("bool")
    synonyms: list[DescribeConfigsSynonym] = field(array_of(DescribeConfigsSynonym))
    config_type: int = field("int8", "3+")
    documentation: str | None = field("string", "3+", nullable="0+")


@struct
class DescribeConfigsResult:
    """One item of `DescribeConfigsResponse.results`."""

    error_code: int = field("int16")
    error_message: str | None = field("string", nullable="0+")
    resource_type: int = field("int8")
    resource_name: str = field("string")
    configs: list[DescribeConfigsResourceResult] = field(array_of(DescribeConfigsResourceResult))


@message(key=32, versions="1-4", flexible="4+")
class DescribeConfigsResponse:
    """What the broker answers."""

    throttle_time_ms: int = field("int32")
    results: list[DescribeConfigsResult] = field(array_of(DescribeConfigsResult))
