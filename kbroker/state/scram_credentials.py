"""SCRAM credentials of users, and what may be done to them in one request (KIP-554)."""

from collections.abc import Container, Iterable
from enum import IntEnum

from attrs import field, frozen

from kbroker.protocol.error_codes import ErrorCode

MIN_ITERATIONS = 4096
MAX_ITERATIONS = 16384


class ScramMechanism(IntEnum):
    """A mechanism, by its number in requests."""

    SCRAM_SHA_256 = 1
    SCRAM_SHA_512 = 2

    @property
    def mechanism_name(self) -> str:
        """Its SASL name, `SCRAM-SHA-256`."""
        return self.name.replace("_", "-")

    @property
    def hash_name(self) -> str:
        """The hash function's name as hashlib has it."""
        return "sha256" if self is ScramMechanism.SCRAM_SHA_256 else "sha512"


BY_NAME = {mechanism.mechanism_name: mechanism for mechanism in ScramMechanism}

CredentialKey = tuple[str, ScramMechanism]  # user name and mechanism


@frozen
class ScramCredential:
    """What the broker keeps instead of a password (RFC 5802)."""

    salt: bytes = field(repr=False)
    stored_key: bytes = field(repr=False)
    server_key: bytes = field(repr=False)
    iterations: int


@frozen
class Deletion:
    """A credential to forget. `mechanism` is the number in the request, which may be none that exists."""

    user: str
    mechanism: int


@frozen
class Upsertion:
    """A credential to set."""

    user: str
    mechanism: int
    iterations: int
    salt: bytes = field(repr=False)
    salted_password: bytes = field(repr=False)


@frozen
class Refusal:
    """Why a user's credentials stay as they are."""

    code: ErrorCode
    message: str | None


_TWICE = Refusal(
    ErrorCode.DUPLICATE_RESOURCE, "A user credential cannot be altered twice in the same request"
)


def check_changes(
    deletions: Iterable[Deletion], upsertions: Iterable[Upsertion], known: Container[CredentialKey]
) -> tuple[dict[str, Deletion], dict[str, Upsertion], dict[str, Refusal]]:
    """Sort the changes of one request by user: deletions and upsertions to make, and those that are refused.

    Who is named twice, with whatever mechanisms, keeps what it has.
    """
    deleted: dict[str, Deletion] = {}
    upserted: dict[str, Upsertion] = {}
    refused: dict[str, Refusal] = {}
    for deletion in deletions:
        user = deletion.user
        if user in refused:
            continue
        if deleted.pop(user, None):
            refused[user] = _TWICE
        elif refusal := _refuse_deletion(deletion, known):
            refused[user] = refusal
        else:
            deleted[user] = deletion
    for upsertion in upsertions:
        user = upsertion.user
        if user in refused:
            continue
        if deleted.pop(user, None) or upserted.pop(user, None):
            refused[user] = _TWICE
        elif refusal := _refuse_upsertion(upsertion):
            refused[user] = refusal
        else:
            upserted[user] = upsertion
    return deleted, upserted, refused


def _refuse_deletion(deletion: Deletion, known: Container[CredentialKey]) -> Refusal | None:
    if refusal := _refuse_key(deletion.user, deletion.mechanism):
        return refusal
    if (deletion.user, ScramMechanism(deletion.mechanism)) not in known:
        return Refusal(
            ErrorCode.RESOURCE_NOT_FOUND, "Attempt to delete a user credential that does not exist"
        )
    return None


def _refuse_upsertion(upsertion: Upsertion) -> Refusal | None:
    if refusal := _refuse_key(upsertion.user, upsertion.mechanism):
        return refusal
    if upsertion.iterations < MIN_ITERATIONS:
        return Refusal(ErrorCode.UNACCEPTABLE_CREDENTIAL, "Too few iterations")
    if upsertion.iterations > MAX_ITERATIONS:
        return Refusal(ErrorCode.UNACCEPTABLE_CREDENTIAL, "Too many iterations")
    if not upsertion.salted_password:  # nothing can be made of it
        return Refusal(ErrorCode.UNKNOWN_SERVER_ERROR, None)
    return None


def _refuse_key(user: str, mechanism: int) -> Refusal | None:
    if not user:
        return Refusal(ErrorCode.UNACCEPTABLE_CREDENTIAL, "Username must not be empty")
    if mechanism not in BY_NAME.values():
        return Refusal(ErrorCode.UNSUPPORTED_SASL_MECHANISM, "Unknown SCRAM mechanism")
    return None
