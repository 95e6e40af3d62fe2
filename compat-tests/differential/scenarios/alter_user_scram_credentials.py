"""AlterUserScramCredentials: set, replaced, deleted, and refused."""

from typing import Any

from differential.conversation import Conversation
from differential.sasl import upsertion
from differential.scenario import scenario
from kbroker.protocol.alter_user_scram_credentials import AlterUserScramCredentialsRequest
from kbroker.protocol.describe_user_scram_credentials import DescribeUserScramCredentialsRequest

SHA_256, SHA_512 = "SCRAM-SHA-256", "SCRAM-SHA-512"


def told(answer: Any) -> None:
    """Keep the texts of errors, which tools show."""
    for result in answer.results:
        if result.error_message:
            result.user += f" told: {result.error_message}"


def alter(run: Conversation, label: str, *changes: dict[str, Any]) -> Any:
    return run.ask(
        label,
        AlterUserScramCredentialsRequest,
        only=told,
        deletions=[each for each in changes if "iterations" not in each],
        upsertions=[each for each in changes if "iterations" in each],
    )


def known(run: Conversation, label: str, *users: str, credentials: int) -> None:
    """What users have, once that many credentials are known."""
    run.ask(
        label,
        DescribeUserScramCredentialsRequest,
        version=0,
        until=lambda answer: sum(len(each.credential_infos) for each in answer.results) == credentials,
        users=[{"name": user} for user in users],
    )


def deletion(name: str, mechanism: int) -> dict[str, Any]:
    return {"name": name, "mechanism": mechanism}


@scenario([0])
def all_of_it(run: Conversation) -> None:
    one, two = run.name("one"), run.name("two")
    alter(run, "nothing")
    alter(run, "a credential", upsertion(one, SHA_256, "secret"))
    known(run, "then", one, credentials=1)
    alter(run, "another mechanism", upsertion(one, SHA_512, "secret", 8192))
    known(run, "both", one, credentials=2)
    alter(run, "replaced", upsertion(one, SHA_256, "other", 16384))
    alter(run, "of two users", upsertion(two, SHA_256, "secret"), deletion(one, 2))
    known(run, "of two users, then", one, two, credentials=2)
    for label, change in {
        "too few iterations": upsertion(one, SHA_256, "x", 4095),
        "too many iterations": upsertion(one, SHA_512, "x", 16385),
        "no iterations": upsertion(one, SHA_512, "x") | {"iterations": 0},
        "less than none": upsertion(one, SHA_512, "x") | {"iterations": -1},
        "mechanism 0": upsertion(one, SHA_256, "x") | {"mechanism": 0},
        "mechanism 3": upsertion(one, SHA_256, "x") | {"mechanism": 3},
        "mechanism -1": upsertion(one, SHA_256, "x") | {"mechanism": -1},
        "no name": upsertion("", SHA_256, "x"),
        "no name, no mechanism": upsertion("", SHA_256, "x") | {"mechanism": 0},
        "delete an unknown user": deletion(run.name("nobody"), 1),
        "delete what a user has not": deletion(two, 2),
        "delete mechanism 0": deletion(one, 0),
        "delete mechanism 7": deletion(one, 7),
        "delete no name": deletion("", 1),
    }.items():
        alter(run, label, change)
    for label, changes in {
        "deleted twice": [deletion(one, 1), deletion(one, 1)],
        "deleted and set": [deletion(one, 1), upsertion(one, SHA_512, "x")],
        "set twice": [upsertion(one, SHA_256, "x"), upsertion(one, SHA_512, "x")],
        "set three times": [upsertion(one, SHA_256, "x")] * 3,
        "one right, one wrong": [upsertion(two, SHA_512, "x"), upsertion(one, SHA_256, "x", 1)],
        "wrong, then right": [upsertion(one, SHA_256, "x", 1), upsertion(one, SHA_256, "x")],
    }.items():
        alter(run, label, *changes)
    known(run, "in the end", one, two, credentials=3)
    alter(run, "an empty salt", upsertion(two, SHA_256, "x") | {"salt": b""})
    alter(run, "an empty password", upsertion(two, SHA_256, "x") | {"salted_password": b""})
    alter(run, "a name of any kind", upsertion(run.name("ü, =;"), SHA_256, "x"))
    alter(run, "deleted", deletion(one, 1), deletion(two, 1))
    known(run, "left", one, two, credentials=1)


@scenario([1])
def versions_outside(run: Conversation) -> None:
    run.first.ask_raw("a version not advertised", 51, run.version, bytes(20), flexible=True)
