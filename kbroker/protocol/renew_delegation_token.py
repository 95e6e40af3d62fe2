"""RenewDelegationToken (key 39): extend the life of a delegation token."""

from kbroker.protocol.schema import field, message


@message(key=39, versions="1-2", flexible="2+")
class RenewDelegationTokenRequest:
    """What the client asks."""

    hmac: bytes = field("bytes")
    renew_period_ms: int = field("int64")


@message(key=39, versions="1-2", flexible="2+")
class RenewDelegationTokenResponse:
    """What the broker answers."""

    error_code: int = field("int16")
    expiry_timestamp_ms: int = field("int64")
    throttle_time_ms: int = field("int32")
