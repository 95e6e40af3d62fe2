"""UpdateFeatures (key 57): finalise feature levels (KIP-584)."""

from kbroker.protocol.schema import array_of, field, message, struct


@struct
class FeatureUpdateKey:
    """One item of `UpdateFeaturesRequest.feature_updates`."""

    feature: str = field("string")
    max_version_level: int = field("int16")
    allow_downgrade: bool = field("bool", "0")
    upgrade_type: int = field("int8", "1+", default=1)


@message(key=57, versions="0-2", flexible="0+")
class UpdateFeaturesRequest:
    """What the client asks."""

    timeout_ms: int = field("int32", default=60000)
    feature_updates: list[FeatureUpdateKey] = field(array_of(FeatureUpdateKey))
    validate_only: bool = field("bool", "1+")


@struct
class UpdatableFeatureResult:
    """One item of `UpdateFeaturesResponse.results`."""

    feature: str = field("string")
    error_code: int = field("int16")
    error_message: str | None = field("string", nullable="0+")


@message(key=57, versions="0-2", flexible="0+")
class UpdateFeaturesResponse:
    """What the broker answers."""

    throttle_time_ms: int = field("int32")
    error_code: int = field("int16")
    error_message: str | None = field("string", nullable="0+")
    results: list[UpdatableFeatureResult] = field(array_of(UpdatableFeatureResult), "0-1")
