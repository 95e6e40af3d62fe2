"""ExpireDelegationToken (key 40): end the life of a delegation token."""

from kbroker.protocol.schema import field, message


@message(key=40, versions="1-2", flexible="2+")
class ExpireDelegationTokenRequest:
    """What the client asks."""

    hmac: bytes = field("bytes")
    expiry_time_period_ms: int = field("int64")


@message(key=40, versions="1-2", flexible="2+")
class ExpireDelegationTokenResponse:
    """What the broker answers."""

    error_code: int = field("int16")
    expiry_timestamp_ms: int = field("int64")
    throttle_time_ms: int = field("int32")
