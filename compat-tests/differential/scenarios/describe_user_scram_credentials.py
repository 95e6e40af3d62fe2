"""DescribeUserScramCredentials: users that there are, are not, and are named twice."""

from typing import Any

from differential.conversation import Conversation
from differential.sasl import upsertion
from differential.scenario import scenario
from differential.scenarios.alter_user_scram_credentials import known, told
from kbroker.protocol.alter_user_scram_credentials import AlterUserScramCredentialsRequest
from kbroker.protocol.describe_user_scram_credentials import DescribeUserScramCredentialsRequest


@scenario([0])
def all_of_it(run: Conversation) -> None:
    one, two = run.name("one"), run.name("two")
    changes = [upsertion(one, "SCRAM-SHA-256", "x"), upsertion(two, "SCRAM-SHA-512", "x", 5000)]
    run.first.quietly(AlterUserScramCredentialsRequest, 0, deletions=[], upsertions=changes)
    changes = [upsertion(one, "SCRAM-SHA-512", "x")]
    run.first.quietly(AlterUserScramCredentialsRequest, 0, deletions=[], upsertions=changes)
    known(run, "two users", one, two, credentials=3)

    def ours(answer: Any) -> None:
        answer.results = [each for each in answer.results if each.user in (one, two)]
        told(answer)

    def ask(label: str, *users: str) -> None:
        named = [{"name": user} for user in users]
        run.ask(label, DescribeUserScramCredentialsRequest, only=told, users=named)

    run.ask("all by null", DescribeUserScramCredentialsRequest, only=ours, users=None)
    run.ask("all by none", DescribeUserScramCredentialsRequest, only=ours, users=[])
    ask("one", one)
    ask("unknown", run.name("nobody"))
    ask("unknown and known", run.name("nobody"), one)
    ask("twice", one, one)
    ask("three times, and another", one, two, one, one)
    ask("unknown twice", run.name("nobody"), run.name("nobody"))
    ask("no name", "")


@scenario([1])
def versions_outside(run: Conversation) -> None:
    run.first.ask_raw("a version not advertised", 50, run.version, bytes(20), flexible=True)
