"""DescribeUserScramCredentials (key 50): which SCRAM credentials users have (KIP-554)."""

from kbroker.protocol.schema import array_of, field, message, struct


@struct
class UserName:
    """One item of `DescribeUserScramCredentialsRequest.users`."""

    name: str = field("string")


@message(key=50, versions="0", flexible="0+")
class DescribeUserScramCredentialsRequest:
    """What the client asks."""

    users: list[UserName] | None = field(array_of(UserName), nullable="0+")


@struct
class CredentialInfo:
    """One item of `DescribeUserScramCredentialsResult.credential_infos`."""

    mechanism: int = field("int8")
    iterations: int = field("int32")


@struct
class DescribeUserScramCredentialsResult:
    """One item of `DescribeUserScramCredentialsResponse.results`."""

    user: str = field("string")
    error_code: int = field("int16")
    error_message: str | None = field("string", nullable="0+")
    credential_infos: list[CredentialInfo] = field(array_of(CredentialInfo))


@message(key=50, versions="0", flexible="0+")
class DescribeUserScramCredentialsResponse:
    """What the broker answers."""

    throttle_time_ms: int = field("int32")
    error_code: int = field("int16")
    error_message: str | None = field("string", nullable="0+")
    results: list[DescribeUserScramCredentialsResult] = field(array_of(DescribeUserScramCredentialsResult))
