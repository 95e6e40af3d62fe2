"""The database refuses a change, at its first write or at its commit: nothing is known but what is stored.

Then there is space again, and the same change is made as if nothing had been.
"""

import shutil
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.quotas.entity import entity_of
from kbroker.state.scram_credentials import Deletion, ScramMechanism, Upsertion
from kbroker.state.topics import Topic

from .crashing import Process
from .test_survival import ACL, AUTHORIZER, SECRET

SETTINGS = AUTHORIZER | {"offsets.topic.num.partitions": "1", "transaction.state.log.num.partitions": "1"}
SHA_256 = ScramMechanism.SCRAM_SHA_256
USER = entity_of([("user", "u")])
Change = Callable[[Process], Awaitable[object]]


class RefusingConnection:
    """Refuses what begins with a word, as SQLite does on a full disk."""

    def __init__(self, connection: sqlite3.Connection, word: str) -> None:
        self._connection = connection
        self._word = word
        self.refused = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def execute(self, statement: str, *arguments: Any) -> sqlite3.Cursor:
        if statement.lstrip().startswith(self._word):
            self.refused += 1
            raise sqlite3.OperationalError("database or disk is full")
        return self._connection.execute(statement, *arguments)


def topic_of(process: Process, name: str = "t") -> Topic:
    topic = process.broker.topics.get(name)
    assert topic is not None
    return topic


async def create_topic(process: Process) -> None:
    await process.broker.topics.create("new", 1, {"retention.ms": "5"})


async def add_partitions(process: Process) -> None:
    await process.broker.topics.add_partitions(topic_of(process), 3)


async def change_topic_configs(process: Process) -> None:
    await process.broker.topics.change_configs(topic_of(process), lambda _: {"retention.ms": "7"})


async def delete_topic(process: Process) -> None:
    await process.broker.topics.delete(topic_of(process, "gone"))


async def change_broker_configs(process: Process) -> None:
    await process.broker.change_configs("1", lambda _: {"log.cleaner.threads": "2"})


async def create_acl(process: Process) -> None:
    assert process.broker.acls is not None
    await process.broker.acls.create([ACL._replace(principal="User:new")])


async def delete_acl(process: Process) -> None:
    assert process.broker.acls is not None
    await process.broker.acls.delete([ACL])


async def add_user(process: Process) -> None:
    outcomes = await process.broker.scram_users.alter([], [Upsertion("new", SHA_256, 4096, b"salt", SECRET)])
    raise_any(outcomes)


async def delete_user(process: Process) -> None:
    raise_any(await process.broker.scram_users.alter([Deletion("u", SHA_256)], []))


async def set_quota(process: Process) -> None:
    raise_any(await process.broker.quotas.alter([(USER, {"producer_byte_rate": 5.0})], validate_only=False))


async def commit_offset(process: Process) -> None:
    await process.commit(5)


async def delete_group(process: Process) -> None:
    group = process.broker.groups.get("g")
    assert group is not None
    await process.broker.groups.offsets.delete_group(group)


async def begin_transactions(process: Process) -> None:
    await process.broker.transactions.init_producer_id("new", 60_000, None)


async def go_on_with_transactions(process: Process) -> None:
    await process.broker.transactions.init_producer_id("tx", 60_000, None)


def raise_any(outcomes: dict[Any, KafkaError | None]) -> None:
    for outcome in outcomes.values():
        if outcome is not None:
            raise outcome


CHANGES: list[Change] = [
    create_topic, add_partitions, change_topic_configs, delete_topic, change_broker_configs, create_acl, delete_acl,
    add_user, delete_user, set_quota, commit_offset, delete_group, begin_transactions, go_on_with_transactions,
]  # fmt: skip


async def prepare(process: Process) -> None:
    await process.broker.load()
    for name in ("t", "gone"):
        await process.broker.topics.create(name, 1, {})
    assert process.broker.acls is not None
    await process.broker.acls.create([ACL])
    await process.broker.scram_users.alter([], [Upsertion("u", SHA_256, 4096, b"salt", SECRET)])
    await process.broker.quotas.alter([(USER, {"producer_byte_rate": 1.0})], validate_only=False)
    await process.commit(1)
    await process.broker.transactions.init_producer_id("tx", 60_000, None)


def known(process: Process) -> dict[str, object]:
    broker = process.broker
    assert broker.authorizer is not None
    return {
        "topics": sorted((each.name, each.partitions, each.configs) for each in broker.topics.all()),
        "configs": broker.config.dynamic("1"),
        "ACLs": sorted(broker.authorizer),
        "users": broker.scram_users.users(),
        "quotas": broker.quotas.describe([], strict=False),
        "offset": process.committed(),
        "transactions": sorted(
            (each.transactional_id, each.producer_id, each.producer_epoch, each.state)
            for each in broker.transactions.all()
        ),
    }


async def stored(process: Process, copy: Path) -> dict[str, object]:
    """What the next broker would know."""
    shutil.copytree(process.path, copy)
    after = Process(copy, settings=SETTINGS)
    await after.broker.load()
    found = known(after)
    after.kill()
    return found


@pytest.mark.parametrize("word", ["BEGIN", "COMMIT"])
@pytest.mark.parametrize("change", CHANGES, ids=[change.__name__ for change in CHANGES])  # type: ignore[attr-defined]
async def test_nothing_is_known_but_what_is_stored(tmp_path: Path, change: Change, word: str) -> None:
    process = Process(tmp_path / "data", settings=SETTINGS)
    await prepare(process)
    before = known(process)
    whole = process.database.connection
    refusing = RefusingConnection(whole, word)
    process.database.connection = refusing  # type: ignore[assignment]
    for _ in range(2):
        with pytest.raises(KafkaError) as caught:
            await change(process)
        assert caught.value.code in {ErrorCode.KAFKA_STORAGE_ERROR, ErrorCode.COORDINATOR_NOT_AVAILABLE}
        assert known(process) == before
    assert refusing.refused
    process.database.connection = whole
    assert await stored(process, tmp_path / "refused") == before
    await change(process)
    after = known(process)
    assert after != before
    if word == "COMMIT":
        assert await stored(process, tmp_path / "made") == after
    process.kill()
