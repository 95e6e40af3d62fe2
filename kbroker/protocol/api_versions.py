"""ApiVersions (key 18): which requests, in which versions, and which features the broker has.

Its response header never has tagged fields, so that a client of any age can read it (KIP-511).
"""

from kbroker.protocol.schema import array_of, field, message, struct


@message(key=18, versions="0-4", flexible="3+")
class ApiVersionsRequest:
    """What the client asks."""

    client_software_name: str = field("string", "3+")
    client_software_version: str = field("string", "3+")


@struct
class ApiVersion:
    """One item of `ApiVersionsResponse.api_keys`."""

    api_key: int = field("int16")
    min_version: int = field("int16")
    max_version: int = field("int16")


@struct
class SupportedFeatureKey:
    """One item of `ApiVersionsResponse.supported_features`."""

    name: str = field("string", "3+")
    min_version: int = field("int16", "3+")
    max_version: int = field("int16", "3+")


@struct
class FinalizedFeatureKey:
    """One item of `ApiVersionsResponse.finalized_features`."""

    name: str = field("string", "3+")
    max_version_level: int = field("int16", "3+")
    min_version_level: int = field("int16", "3+")


@message(key=18, versions="0-4", flexible="3+")
class ApiVersionsResponse:
    """What the broker answers."""

    error_code: int = field("int16")
    api_keys: list[ApiVersion] = field(array_of(ApiVersion))
    throttle_time_ms: int = field("int32", "1+")
    supported_features: list[SupportedFeatureKey] = field(array_of(SupportedFeatureKey), "3+", tag=0)
    finalized_features_epoch: int = field("int64", "3+", tag=1, default=-1)
    finalized_features: list[FinalizedFeatureKey] = field(array_of(FinalizedFeatureKey), "3+", tag=2)
    zk_migration_ready: bool = field("bool", "3+", tag=3)
