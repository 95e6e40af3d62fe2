"""What may be done to users' SCRAM credentials in one request."""

import pytest

from kbroker.protocol.error_codes import ErrorCode
from kbroker.state.scram_credentials import (
    BY_NAME,
    Deletion,
    ScramCredential,
    ScramMechanism,
    Upsertion,
    check_changes,
)

KNOWN = {("alice", ScramMechanism.SCRAM_SHA_256)}


def upsertion(user: str = "bob", mechanism: int = 1, iterations: int = 4096) -> Upsertion:
    return Upsertion(user, mechanism, iterations, b"salt", b"salted")


def test_mechanisms_by_name_and_number() -> None:
    assert BY_NAME["SCRAM-SHA-512"] is ScramMechanism.SCRAM_SHA_512 is ScramMechanism(2)
    assert [each.hash_name for each in ScramMechanism] == ["sha256", "sha512"]


def test_what_is_in_order_is_done() -> None:
    deletion, new = Deletion("alice", 1), upsertion(iterations=16384)
    assert check_changes([deletion], [new], KNOWN) == ({"alice": deletion}, {"bob": new}, {})


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (Deletion("", 1), ErrorCode.UNACCEPTABLE_CREDENTIAL),
        (Deletion("alice", 2), ErrorCode.RESOURCE_NOT_FOUND),
        (Deletion("bob", 1), ErrorCode.RESOURCE_NOT_FOUND),
        (Deletion("alice", 0), ErrorCode.UNSUPPORTED_SASL_MECHANISM),
        (Deletion("alice", -1), ErrorCode.UNSUPPORTED_SASL_MECHANISM),
        (upsertion(""), ErrorCode.UNACCEPTABLE_CREDENTIAL),
        (upsertion(mechanism=3), ErrorCode.UNSUPPORTED_SASL_MECHANISM),
        (upsertion(iterations=4095), ErrorCode.UNACCEPTABLE_CREDENTIAL),
        (upsertion(iterations=16385), ErrorCode.UNACCEPTABLE_CREDENTIAL),
        (Upsertion("bob", 1, 4096, b"salt", b""), ErrorCode.UNKNOWN_SERVER_ERROR),
    ],
)
def test_what_is_refused(change: Deletion | Upsertion, code: ErrorCode) -> None:
    deletions = [change] if isinstance(change, Deletion) else []
    upsertions = [change] if isinstance(change, Upsertion) else []
    deleted, upserted, refused = check_changes(deletions, upsertions, KNOWN)
    assert (deleted, upserted) == ({}, {})
    assert [(user, refusal.code) for user, refusal in refused.items()] == [(change.user, code)]


@pytest.mark.parametrize(
    ("deletions", "upsertions"),
    [
        ([Deletion("alice", 1), Deletion("alice", 1)], []),
        ([Deletion("alice", 1)], [upsertion("alice")]),
        ([], [upsertion("alice"), upsertion("alice", 2)]),
        ([Deletion("alice", 1), Deletion("alice", 2)], [upsertion("alice")]),
    ],
)
def test_who_is_named_twice_keeps_what_it_has(deletions: list[Deletion], upsertions: list[Upsertion]) -> None:
    deleted, upserted, refused = check_changes(deletions, [*upsertions, upsertion("bob")], KNOWN)
    assert (deleted, list(upserted)) == ({}, ["bob"])
    assert {user: refusal.code for user, refusal in refused.items()} == {
        "alice": ErrorCode.DUPLICATE_RESOURCE
    }


def test_secrets_are_not_shown() -> None:
    assert "salt" not in repr(upsertion()).replace("salted_password", "")
    assert repr(ScramCredential(b"1", b"2", b"3", 4096)) == "ScramCredential(iterations=4096)"
