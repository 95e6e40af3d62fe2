"""The table of README's "What is kept, and when": a test for each cell, named by its row and its column."""

from itertools import chain
from pathlib import Path

import pytest

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.acls import Acl, AclOperation, AclResourceType, PatternType, PermissionType
from kbroker.state.authentication.scram_keys import salted_password
from kbroker.state.scram_credentials import ScramMechanism, Upsertion

from ..storage.power_loss import Cut, PowerLossFileSystem, cuts
from .crashing import Process
from .machine import WRITTEN_BACK, Machine
from .test_transaction_crashes import EXPECTED, PARTITIONS, Producer, check_life_goes_on, seen, story, values
from .test_transaction_crashes import SETTINGS as ONE_PARTITION_EACH

RECORDS = 5
TRANSACTIONS = 4  # of the story
FLUSH_MS = 2000
A_LOOK_MS = 1000  # after which `Housekeeping` looks again at what is to be synced
DEFAULTS: dict[str, str] = {}
FLUSH_EACH = {"log.flush.interval.messages": "1"}
FLUSH_IN_TIME = {"log.flush.interval.ms": str(FLUSH_MS)}
AUTHORIZER = {"authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer"}
SECRET = salted_password(ScramMechanism.SCRAM_SHA_256, "secret", b"salt", 4096)
ACL = Acl(
    AclResourceType.TOPIC, "t", PatternType.LITERAL, "User:a", "*", AclOperation.READ, PermissionType.ALLOW
)
SEGMENT_BYTES = 300  # two of the records


# Acknowledged records


async def write_records(process: Process, configs: dict[str, str]) -> None:
    topic = await process.broker.topics.create("t", 1, configs)
    topic.config.segment_bytes = SEGMENT_BYTES
    for offset in range(RECORDS):
        assert await process.append(0) == offset


async def records_after_a_cut(machine: Machine, process: Process) -> set[int]:
    """How many records there may be: the first ones, and the broker goes on after them."""
    found = set()
    for left in machine.cut_logs(process):
        after = await left.started()
        (end,) = await after.ends()
        assert await after.append(0) == end
        found.add(end)
        after.kill()
    return found


async def test_records_the_broker_is_killed_all(tmp_path: Path) -> None:
    machine = Machine(tmp_path / "data", DEFAULTS)
    process = await machine.started()
    await write_records(process, {})
    process.kill()
    after = await machine.started()
    assert await after.ends() == [RECORDS]
    after.kill()


async def test_records_power_is_cut_but_what_was_not_written_back(tmp_path: Path) -> None:
    machine = Machine(tmp_path / "data", DEFAULTS)
    process = await machine.started()
    await write_records(process, {})
    found = await records_after_a_cut(machine, process)
    assert min(found) < RECORDS
    assert max(found) <= RECORDS
    for path in process.path.glob("t-0/*"):  # as the kernel does after some seconds
        process.files.sync_file(str(path))
    for directory in (process.path / "t-0", process.path):
        process.files.sync_directory(str(directory))
    assert await records_after_a_cut(machine, process) == {RECORDS}
    process.kill()


@pytest.mark.parametrize(
    ("settings", "configs"),
    [(FLUSH_EACH, {}), (DEFAULTS, {"flush.messages": "1"})],
)
async def test_records_flush_messages_all(
    tmp_path: Path, settings: dict[str, str], configs: dict[str, str]
) -> None:
    machine = Machine(tmp_path / "data", settings)
    process = await machine.started()
    await write_records(process, configs)
    assert await records_after_a_cut(machine, process) == {RECORDS}
    process.kill()


async def test_records_flush_ms_but_those_younger_than_it_and_a_second(tmp_path: Path) -> None:
    machine = Machine(tmp_path / "data", FLUSH_IN_TIME)
    process = await machine.started()
    topic = await process.broker.topics.create("t", 1, {})
    topic.config.segment_bytes = SEGMENT_BYTES
    appended_ms: list[int] = []
    for _ in range(7):
        await process.append(0)
        appended_ms.append(machine.clock.now)
        machine.clock.now += A_LOOK_MS
        if process.logs.flush_due(machine.clock.now):
            process.logs.flush(machine.clock.now)
        old = sum(machine.clock.now - each > FLUSH_MS + A_LOOK_MS for each in appended_ms)
        if len(appended_ms) > 4:
            assert 0 < old <= min(await records_after_a_cut(machine, process))
    process.kill()


# Topics, settings, ACLs, users


async def administer(process: Process) -> None:
    broker = process.broker
    topic = await broker.topics.create("t", 2, {})
    await broker.topics.change_configs(topic, lambda configs: {**configs, "retention.ms": "5"})
    assert broker.acls is not None
    await broker.acls.create([ACL])
    await broker.scram_users.alter([], [Upsertion("u", ScramMechanism.SCRAM_SHA_256, 4096, b"salt", SECRET)])
    await broker.change_configs("1", lambda configs: {**configs, "log.cleaner.threads": "2"})


def administered(process: Process) -> list[bool]:
    """Which of the changes are known, in the order in which they were made."""
    broker = process.broker
    topic = broker.topics.get("t")
    assert broker.authorizer is not None
    return [
        topic is not None,
        topic is not None and topic.configs == {"retention.ms": "5"},
        ACL in broker.authorizer,
        broker.scram_users.users() == ["u"],
        broker.config.dynamic("1") == {"log.cleaner.threads": "2"},
    ]


async def test_topics_settings_acls_users_the_broker_is_killed_all(tmp_path: Path) -> None:
    machine = Machine(tmp_path / "data", AUTHORIZER)
    process = await machine.started()
    await administer(process)
    process.kill()
    after = await machine.started()
    assert all(administered(after))
    after.kill()


@pytest.mark.parametrize("settings", [DEFAULTS, FLUSH_IN_TIME], ids=["power_is_cut", "flush_ms"])
async def test_topics_settings_acls_users_but_the_last_changes(
    tmp_path: Path, settings: dict[str, str]
) -> None:
    machine = Machine(tmp_path / "data", AUTHORIZER | settings)
    process = await machine.with_empty_wal()
    await administer(process)
    numbers = set()
    for left in machine.cut_database(process):
        after = await left.started()
        found = administered(after)
        assert found == sorted(found, reverse=True), "a change is lost, and a later one is there"
        numbers.add(sum(found))
        after.kill()
    assert numbers == {0, 1, 2, 3, 4, 5}
    process.kill()


async def test_topics_settings_acls_users_flush_messages_all(tmp_path: Path) -> None:
    """The database is synced by each transaction: then nothing of it is lost."""
    machine = Machine(tmp_path / "data", AUTHORIZER | FLUSH_EACH)
    process = await machine.with_empty_wal()
    await administer(process)
    for left in chain(machine.cut_logs(process), machine.cut_database(process)):
        after = await left.started()
        assert all(administered(after))
        after.kill()
    process.kill()


# Committed offsets, groups


async def commit_offsets(machine: Machine) -> Process:
    process = await machine.with_empty_wal()
    await process.broker.topics.create("t", 1, {})
    for offset in (1, 2, 3):
        await process.commit(offset)
    return process


async def test_offsets_the_broker_is_killed_all(tmp_path: Path) -> None:
    machine = Machine(tmp_path / "data", ONE_PARTITION_EACH)
    (await commit_offsets(machine)).kill()
    after = await machine.started()
    assert after.committed() == 3
    after.kill()


@pytest.mark.parametrize("settings", [DEFAULTS, FLUSH_IN_TIME], ids=["power_is_cut", "flush_ms"])
async def test_offsets_but_the_last_commits(tmp_path: Path, settings: dict[str, str]) -> None:
    machine = Machine(tmp_path / "data", ONE_PARTITION_EACH | settings)
    process = await commit_offsets(machine)
    found = []
    for left in machine.cut_database(process):
        after = await left.started()
        found.append(after.committed())
        if after.broker.topics.get("t") is not None:
            await after.commit(4)
            assert after.committed() == 4
        after.kill()
    assert [each for number, each in enumerate(found) if each not in found[:number]] == [None, 1, 2, 3]
    process.kill()


async def test_offsets_flush_messages_all(tmp_path: Path) -> None:
    machine = Machine(tmp_path / "data", ONE_PARTITION_EACH | FLUSH_EACH)
    process = await commit_offsets(machine)
    for left in chain(machine.cut_logs(process), machine.cut_database(process)):
        after = await left.started()
        assert after.committed() == 3
        after.kill()
    process.kill()


# A transaction


@pytest.mark.parametrize("settings", [DEFAULTS, FLUSH_IN_TIME], ids=["power_is_cut", "flush_ms"])
async def test_a_transaction_not_promised_for_the_last_seconds(
    tmp_path: Path, settings: dict[str, str]
) -> None:
    """But the broker starts, and the producer goes on: at the latest when its epoch is that of the logs again."""
    machine = Machine(tmp_path / "data", ONE_PARTITION_EACH | settings)
    process = await machine.with_empty_wal()
    await story(process, 2, [])
    tries = set()
    for number, left in enumerate(chain(machine.cut_logs(process), machine.cut_database(process))):
        if number % 43:
            continue
        after = await left.started()
        tries.add(await tries_until_it_commits(after))
        for index in range(PARTITIONS):
            assert (await values(after, index))[-1] == "next"
        after.kill()
    assert min(tries) == 1
    assert max(tries) <= TRANSACTIONS + 1
    process.kill()


async def tries_until_it_commits(process: Process) -> int:
    """As a client does: what is refused is aborted, and done again by a new producer of that transactional id."""
    if process.broker.topics.get("t") is None:
        await process.broker.topics.create("t", PARTITIONS, {})
    tries = 0
    while True:
        tries += 1
        producer = Producer(process, 2)
        await producer.begin()
        try:
            await producer.transact("next", 9)
            return tries
        except KafkaError as error:
            if error.code is not ErrorCode.INVALID_PRODUCER_EPOCH:
                raise


@pytest.mark.parametrize(
    ("settings", "cut"),
    [(DEFAULTS, WRITTEN_BACK), (FLUSH_EACH, next(cuts(0)))],
    ids=["the_broker_is_killed", "flush_messages"],
)
async def test_a_transaction_wholly_or_not_at_all(tmp_path: Path, settings: dict[str, str], cut: Cut) -> None:
    """At some moments; test_transaction_crashes has a broker die at every one."""
    machine = Machine(tmp_path / "data", ONE_PARTITION_EACH | settings)
    process = await machine.with_empty_wal()
    assert isinstance(process.files, PowerLossFileSystem)
    told: list[str] = []
    left: list[tuple[Machine, str]] = []
    moments = 0

    def look() -> None:
        nonlocal moments
        moments += 1
        if moments % 23 == 0:
            left.append((machine.copy(process, cut), told[-1] if told else ""))

    process.files.moment = look
    await story(process, 2, told)
    assert len(left) > 3
    for each, last_told in left:
        after = await each.started()
        before = await seen(after)
        assert before in EXPECTED[last_told]
        await check_life_goes_on(after, 2, before[0])
        after.kill()
    process.kill()
