"""AlterUserScramCredentials (key 51): set or delete SCRAM credentials (KIP-554)."""

from kbroker.protocol.schema import array_of, field, message, struct


@struct
class ScramCredentialDeletion:
    """One item of `AlterUserScramCredentialsRequest.deletions`."""

    name: str = field("string")
    mechanism: int = field("int8")


@struct
class ScramCredentialUpsertion:
    """One item of `AlterUserScramCredentialsRequest.upsertions`."""

    name: str = field("string")
    mechanism: int = field("int8")
    iterations: int = field("int32")
    salt: bytes = field("bytes")
    salted_password: bytes = field("bytes")


@message(key=51, versions="0", flexible="0+")
class AlterUserScramCredentialsRequest:
    """What the client asks."""

    deletions: list[ScramCredentialDeletion] = field(array_of(ScramCredentialDeletion))
    upsertions: list[ScramCredentialUpsertion] = field(array_of(ScramCredentialUpsertion))


@struct
class AlterUserScramCredentialsResult:
    """One item of `AlterUserScramCredentialsResponse.results`."""

    user: str = field("string")
    error_code: int = field("int16")
    error_message: str | None = field("string", nullable="0+")


@message(key=51, versions="0", flexible="0+")
class AlterUserScramCredentialsResponse:
    """What the broker answers."""

    throttle_time_ms: int = field("int32")
    results: list[AlterUserScramCredentialsResult] = field(array_of(AlterUserScramCredentialsResult))
