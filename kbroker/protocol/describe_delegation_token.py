"""DescribeDelegationToken (key 41): delegation tokens by owner."""

from kbroker.protocol.schema import array_of, field, message, struct


@struct
class DescribeDelegationTokenOwner:
    """One item of `DescribeDelegationTokenRequest.owners`."""

    principal_type: str = field("string")
    principal_name: str = field("string")


@message(key=41, versions="1-3", flexible="2+")
class DescribeDelegationTokenRequest:
    """What the client asks."""

    owners: list[DescribeDelegationTokenOwner] | None = field(
        array_of(DescribeDelegationTokenOwner), nullable="0+"
    )


@struct
class DescribedDelegationTokenRenewer:
    """One item of `DescribedDelegationToken.renewers`."""

    principal_type: str = field("string")
    principal_name: str = field("string")


@struct
class DescribedDelegationToken:
    """One item of `DescribeDelegationTokenResponse.tokens`."""

    principal_type: str = field("string")
    principal_name: str = field("string")
    token_requester_principal_type: str = field("string", "3+")
    token_requester_principal_name: str = field("string", "3+")
    issue_timestamp: int = field("int64")
    expiry_timestamp: int = field("int64")
    max_timestamp: int = field("int64")
    token_id: str = field("string")
    hmac: bytes = field("bytes")
    renewers: list[DescribedDelegationTokenRenewer] = field(array_of(DescribedDelegationTokenRenewer))


@message(key=41, versions="1-3", flexible="2+")
class DescribeDelegationTokenResponse:
    """What the broker answers."""

    error_code: int = field("int16")
    tokens: list[DescribedDelegationToken] = field(array_of(DescribedDelegationToken))
    throttle_time_ms: int = field("int32")
