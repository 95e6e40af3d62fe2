"""CreateDelegationToken (key 38): issue a delegation token (KIP-48)."""

from kbroker.protocol.schema import array_of, field, message, struct


@struct
class CreatableRenewers:
    """One item of `CreateDelegationTokenRequest.renewers`."""

    principal_type: str = field("string")
    principal_name: str = field("string")


@message(key=38, versions="1-3", flexible="2+")
class CreateDelegationTokenRequest:
    """What the client asks."""

    owner_principal_type: str | None = field("string", "3+", nullable="3+")
    owner_principal_name: str | None = field("string", "3+", nullable="3+")
    renewers: list[CreatableRenewers] = field(array_of(CreatableRenewers))
    max_lifetime_ms: int = field("int64")


@message(key=38, versions="1-3", flexible="2+")
class CreateDelegationTokenResponse:
    """What the broker answers."""

    error_code: int = field("int16")
    principal_type: str = field("string")
    principal_name: str = field("string")
    token_requester_principal_type: str = field("string", "3+")
    token_requester_principal_name: str = field("string", "3+")
    issue_timestamp_ms: int = field("int64")
    expiry_timestamp_ms: int = field("int64")
    max_timestamp_ms: int = field("int64")
    token_id: str = field("string")
    hmac: bytes = field("bytes")
    throttle_time_ms: int = field("int32")
