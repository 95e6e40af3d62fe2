"""SaslAuthenticate (key 36): one step of a SASL exchange (KIP-152)."""

from kbroker.protocol.schema import field, message


@message(key=36, versions="0-2", flexible="2+")
class SaslAuthenticateRequest:
    """What the client asks."""

    auth_bytes: bytes = field("bytes")


@message(key=36, versions="0-2", flexible="2+")
class SaslAuthenticateResponse:
    """What the broker answers."""

    error_code: int = field("int16")
    error_message: str | None = field("string", nullable="0+")
    auth_bytes: bytes = field("bytes")
    session_lifetime_ms: int = field("int64", "1+")
