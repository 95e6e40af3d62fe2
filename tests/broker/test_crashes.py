"""Log and stores after a death at any moment: nobody who asks the next process can tell that they are two.

A process is a broker on real stores whose every call, and whose every change of the disk below the log, is a
moment at which it may die.
"""

import contextlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import trio
from attrs import define, field

from kbroker.broker.broker import Broker, Stores
from kbroker.broker.changelog_repair import Told
from kbroker.clock import SystemClock
from kbroker.config.broker_config import BrokerConfig
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.protocol.records import Record, encode_batch, iter_batches, parse_header
from kbroker.state.groups.commit import Committer
from kbroker.state.groups.records import offset_key, offset_value
from kbroker.state.offsets import CommittedOffset
from kbroker.state.topics import CONSUMER_OFFSETS, TRANSACTION_STATE
from kbroker.state.transactions.initialise import ProducerIdAndEpoch
from kbroker.storage.log.data_dir import DataDir
from kbroker.storage.log.environment import LogEnvironment
from kbroker.storage.log.file_system import FileSystem
from kbroker.storage.log.log_store import LocalLogStore
from kbroker.storage.sqlite.acl_store import SqliteAclStore
from kbroker.storage.sqlite.database import FILE_NAME, Database
from kbroker.storage.sqlite.delegation_token_store import SqliteDelegationTokenStore
from kbroker.storage.sqlite.group_store import SqliteGroupStore
from kbroker.storage.sqlite.meta_store import SqliteMetaStore
from kbroker.storage.sqlite.quota_store import SqliteQuotaStore
from kbroker.storage.sqlite.scram_store import SqliteScramStore
from kbroker.storage.sqlite.txn_store import SqliteTxnStore

PARTITIONS = 3
FOREVER = 1_000_000
FAR_FUTURE_MS = 1 << 60


class Killed(BaseException):
    """What SIGKILL is to the code under test: nothing of it runs on."""


@define
class Life:
    """How many more moments a process lives."""

    moments: int

    def pass_on(self) -> None:
        if self.moments <= 0:
            raise Killed
        self.moments -= 1


class MortalStore:
    """Any store; before and after each call is a moment to die."""

    def __init__(self, store: object, life: Life) -> None:
        self._store = store
        self._life = life

    def __getattr__(self, name: str) -> Callable[..., Any]:
        async def call(*arguments: Any, **named: Any) -> Any:
            self._life.pass_on()
            result = await getattr(self._store, name)(*arguments, **named)
            self._life.pass_on()
            return result

        return call


class MortalFileSystem(FileSystem):
    """Syncs nothing. Before each change is a moment to die; of a write, the first half is then on the disk."""

    def __init__(self, life: Life) -> None:
        self._life = life
        for name in ("truncate", "rename", "unlink", "mkdir", "rmdir"):
            setattr(self, name, self._mortal(getattr(os, "ftruncate" if name == "truncate" else name)))

    def _mortal(self, call: Callable[..., None]) -> Callable[..., None]:
        def mortal(*arguments: Any) -> None:
            self._life.pass_on()
            call(*arguments)

        return mortal

    def write_at(self, descriptor: int, data: Any, position: int) -> int:  # type: ignore[override]
        try:
            self._life.pass_on()
        except Killed:
            os.pwrite(descriptor, data[: len(data) // 2], position)
            raise
        return os.pwrite(descriptor, data, position)

    def sync(self, descriptor: int) -> None:  # type: ignore[override]
        pass

    def sync_file(self, path: str) -> None:
        pass

    def sync_directory(self, path: str) -> None:
        pass


class Process:
    """One life of a broker on a data directory."""

    def __init__(self, path: Path, moments: int = FOREVER, settings: dict[str, str] | None = None) -> None:
        self.life = Life(FOREVER)
        self.path = path
        self._data_dir = DataDir(path, MortalFileSystem(self.life))
        cluster_id = self._data_dir.identify(1)
        self.database = Database.open(path / FILE_NAME)
        self.database.connection.execute("PRAGMA synchronous=OFF")  # processes die here, the machine does not
        self.meta = SqliteMetaStore(self.database, cluster_id)
        clock = SystemClock()
        self.logs = LocalLogStore(self._data_dir, LogEnvironment(clock, MortalFileSystem(self.life)))
        stores = (
            self.meta,
            SqliteGroupStore(self.database),
            SqliteTxnStore(self.database),
            SqliteQuotaStore(self.database),
            self.logs,
            SqliteScramStore(self.database),
            SqliteDelegationTokenStore(self.database),
            SqliteAclStore(self.database),
        )
        self.broker = Broker(
            BrokerConfig.of(settings or {}),
            clock,
            Stores(*(MortalStore(store, self.life) for store in stores)),  # type: ignore[arg-type]
        )
        self.life.moments = moments

    def kill(self) -> None:
        for log in self.logs.opened():
            log.detach()
        self.database.close()
        self._data_dir.close()

    async def append(self, index: int) -> int:
        topic = self.broker.topics.get("t")
        assert topic is not None
        batch = encode_batch([Record(0, 5, b"k", b"v" * 50)])
        partition = await self.broker.partition(topic, index)
        return (await partition.append(memoryview(batch), parse_header(batch))).base_offset

    async def commit(self, offset: int) -> None:
        topic = self.broker.topics.get("t")
        assert topic is not None
        committed = CommittedOffset(offset, 0, "", self.broker.clock.now_ms(), -1, topic.topic_id)
        await self.broker.groups.offsets.commit(Committer("g"), {("t", 0): committed})

    def committed(self) -> int | None:
        group = self.broker.groups.get("g")
        found = None if group is None else group.offsets.get("t", 0)
        return None if found is None else found.offset

    async def ends(self) -> list[int]:
        """The high watermark of each partition, whether or not its log was there."""
        topic = self.broker.topics.get("t")
        if topic is None:
            return []
        partitions = [await self.broker.partition(topic, index) for index in range(topic.partitions)]
        return [partition.store.high_watermark for partition in partitions]

    async def directories(self) -> list[str]:
        """Directories of the topic's that are there for good."""
        await self.logs.remove_deleted(FAR_FUTURE_MS)
        return sorted(path.name for path in self.path.glob("t-*") if path.is_dir())


@define
class Story:
    """A topic is made, used, deleted, made again and used; `told` is what was answered."""

    told: list[str] = field(factory=list)

    async def run(self, process: Process) -> None:
        await process.broker.load()
        topics = process.broker.topics
        first = await topics.create("t", PARTITIONS, {})
        self.told.append("created")
        assert [await process.append(index) for index in (0, 0, 1)] == [0, 1, 0]
        self.told.append("appended")
        await process.commit(2)
        self.told.append("committed")
        await topics.delete(first)
        self.told.append("deleted")
        await topics.create("t", PARTITIONS, {})
        self.told.append("created again")
        await process.append(0)
        self.told.append("appended again")


async def moments_of(story: "Story | Transactions", tmp_path: Path) -> int:
    """At how many moments a broker may die while the story goes on; makes the empty directory they all start from."""
    whole = Process(tmp_path / "whole")
    await story.run(whole)
    moments = FOREVER - whole.life.moments
    whole.kill()
    Process(tmp_path / "empty").kill()
    return moments


async def killed_and_back(story: "Story | Transactions", tmp_path: Path, moment: int) -> Process:
    """The broker that starts on what one left which died at this moment of the story."""
    path = tmp_path / str(moment)
    shutil.copytree(tmp_path / "empty", path)
    process = Process(path, moment)
    with pytest.raises(Killed):
        await story.run(process)
    process.kill()
    after = Process(path)
    await after.broker.load()
    return after


async def test_whenever_a_broker_dies_the_next_one_knows_what_was_answered(tmp_path: Path) -> None:
    moments = await moments_of(Story(), tmp_path)
    assert moments > 40
    for moment in range(moments):
        story = Story()
        after = await killed_and_back(story, tmp_path, moment)
        await check(after, story.told)
        after.kill()
        shutil.rmtree(tmp_path / str(moment))


async def check(process: Process, told: list[str]) -> None:
    ends, committed = await process.ends(), process.committed()
    # What was asked for last may have happened, or not; what was answered has.
    expected = {
        "": [([], None), ([0, 0, 0], None)],
        "created": [([n, 0, 0], None) for n in (0, 1, 2)] + [([2, 1, 0], None)],
        "appended": [([2, 1, 0], None), ([2, 1, 0], 2)],
        "committed": [([2, 1, 0], 2), ([], None)],
        "deleted": [([], None), ([0, 0, 0], None)],
        "created again": [([0, 0, 0], None), ([1, 0, 0], None)],
    }[told[-1] if told else ""]
    assert (ends, committed) in expected, told
    assert (await process.meta.load()).deletions == []
    assert await process.directories() == ([f"t-{index}" for index in range(PARTITIONS)] if ends else [])
    if not ends:
        await process.broker.topics.create("t", PARTITIONS, {})
        assert (await process.ends(), process.committed()) == ([0, 0, 0], None)
    assert await process.append(0) == (ends[0] if ends else 0)


@pytest.fixture
async def half_deleted(tmp_path: Path) -> Path:
    """A directory whose broker died when it had promised itself the deletion, and nothing else."""
    process = Process(tmp_path / "half")
    await process.broker.load()
    topic = await process.broker.topics.create("t", PARTITIONS, {})
    for index in range(2):
        await process.append(index)
    await process.commit(1)
    await process.meta.delete_topic(topic.topic_id)
    process.kill()
    return process.path


async def test_a_start_that_dies_while_it_finishes_a_deletion_is_made_up_for(
    half_deleted: Path, tmp_path: Path
) -> None:
    died = 0
    while True:
        path = tmp_path / f"start-{died}"
        shutil.copytree(half_deleted, path)
        process = Process(path, died)
        try:
            await process.broker.load()
        except Killed:
            died += 1
        else:
            break
        finally:
            process.kill()
        after = Process(path)
        await after.broker.load()
        await check(after, ["deleted"])
        after.kill()
    assert died > 8


@pytest.mark.parametrize("name", [CONSUMER_OFFSETS, TRANSACTION_STATE])
async def test_groups_and_transactional_ids_go_with_their_topic_whenever_a_broker_dies_that_deletes_it(
    name: str, tmp_path: Path
) -> None:
    settings = {"offsets.topic.num.partitions": "2", "transaction.state.log.num.partitions": "2"}
    process = Process(tmp_path / "both", settings=settings)
    await process.broker.load()
    await process.broker.topics.create("t", 1, {})
    await process.commit(1)
    await process.broker.transactions.init_producer_id("tx", 60_000, None)
    process.kill()

    died, told, found = 0, False, []
    while not told:
        path = tmp_path / f"{died}"
        shutil.copytree(process.path, path)
        dying = Process(path, settings=settings)
        await dying.broker.load()
        topic = dying.broker.topics.get(name)
        assert topic is not None
        dying.life.moments = died
        try:
            await dying.broker.topics.delete(topic)
        except Killed:
            died += 1
        else:
            told = True
        dying.kill()
        after = Process(path, settings=settings)
        await after.broker.load()
        internal = {
            CONSUMER_OFFSETS: after.broker.groups.get("g"),
            TRANSACTION_STATE: after.broker.transactions.get("tx"),
        }
        found.append(internal.pop(name) is not None)
        assert after.broker.topics.get(name) is after.broker.topics.by_id(topic.topic_id)  # gone, or the same
        assert found[-1] == (after.broker.topics.get(name) is not None)
        (other,) = internal.values()
        assert other is not None
        after.kill()
        shutil.rmtree(path)
    assert found[0]
    assert not found[-1]
    assert died > 6


async def test_more_partitions_are_there_after_a_crash_or_not_at_all(tmp_path: Path) -> None:
    for moment, expected in [(0, 1), (1, 1), (2, 1), (3, 2), (FOREVER, 2)]:
        process = Process(tmp_path / str(moment))
        await process.broker.load()
        topic = await process.broker.topics.create("t", 1, {})
        process.life.moments = moment
        with contextlib.suppress(Killed):
            await process.broker.topics.add_partitions(topic, 2)
        process.kill()
        after = Process(process.path)
        await after.broker.load()
        assert await after.ends() == [0] * expected
        after.kill()


async def test_an_offset_beyond_a_log_that_lost_its_tail_is_out_of_range_as_in_apache_kafka(
    tmp_path: Path,
) -> None:
    """A power cut may take the log's last pages and leave the commit: the consumer is told, and resets."""
    process = Process(tmp_path / "data")
    await process.broker.load()
    await process.broker.topics.create("t", 1, {})
    for _ in range(3):
        await process.append(0)
    await process.commit(3)
    process.kill()
    log = process.path / "t-0" / f"{0:020d}.log"
    log.write_bytes(log.read_bytes()[:-1])

    after = Process(process.path)
    await after.broker.load()
    assert (await after.ends(), after.committed()) == ([2], 3)
    topic = after.broker.topics.get("t")
    assert topic is not None
    store = (await after.broker.partition(topic, 0)).store
    with pytest.raises(KafkaError) as caught:
        await store.read(3, 100)
    assert caught.value.code == ErrorCode.OFFSET_OUT_OF_RANGE
    assert await after.append(0) == 2
    after.kill()


@define
class Transactions:
    """Two transactions that write a record and a group's offset each: one commits, one aborts."""

    told: list[str] = field(factory=list)

    async def run(self, process: Process) -> None:
        await process.broker.load()
        await process.broker.topics.create("t", 1, {})
        await process.commit(1)
        producer = await process.broker.transactions.init_producer_id("tx", 60_000, None)
        for commits in (True, False):
            await self._write(process, producer, offset=10 + len(self.told))
            self.told.append("written")
            producer = await process.broker.transactions.end(
                "tx", producer.producer_id, producer.epoch, commit=commits, client_version=2
            )
            self.told.append("committed" if commits else "aborted")

    async def _write(self, process: Process, producer: ProducerIdAndEpoch, offset: int) -> None:
        broker, who = process.broker, (producer.producer_id, producer.epoch)
        index, _ = await broker.groups.transactional_offsets.changelog_partition("g")
        partitions = [("t", 0), (CONSUMER_OFFSETS, index)]
        await broker.transactions.add_partitions("tx", *who, partitions, client_version=2)
        topic = broker.topics.get("t")
        assert topic is not None
        batch = encode_batch(
            [Record(0, broker.clock.now_ms(), b"k", str(offset).encode())],
            producer_id=producer.producer_id,
            producer_epoch=producer.epoch,
            base_sequence=0,
            transactional=True,
        )
        partition = await broker.partition(topic, 0)
        await partition.append(memoryview(batch), parse_header(batch))
        held = {("t", 0): CommittedOffset(offset, 0, "", broker.clock.now_ms(), -1, topic.topic_id)}
        await broker.groups.transactional_offsets.commit(Committer("g"), *who, held)


async def told_by(process: Process, topic_name: str) -> dict[bytes, bytes | None]:
    """What a topic's records come to for readers of committed ones."""
    told = Told()
    topic = process.broker.topics.get(topic_name)
    for index in range(topic.partitions if topic else 0):
        assert topic is not None
        store = (await process.broker.partition(topic, index)).store
        for header, batch in iter_batches((await store.read(0, 1 << 20)).records):
            told.take(header, batch)
    assert not told.in_flux
    return told.values


async def test_a_transaction_is_wholly_there_or_not_at_all_after_any_death(tmp_path: Path) -> None:
    """Its record, its offset, and what the offsets topic tells of it."""
    moments = await moments_of(Transactions(), tmp_path)
    assert moments > 60
    for moment in range(moments):
        story = Transactions()
        after = await killed_and_back(story, tmp_path, moment)
        with contextlib.suppress(KafkaError):  # who comes back has what is open aborted, and asks again
            await after.broker.transactions.init_producer_id("tx", 60_000, None)
        await after.broker.groups.topic_repair.suspect({0: 1}, clean=False)
        await after.broker.groups.topic_repair.run(trio.lowlevel.checkpoint)
        value = (await told_by(after, "t")).get(b"k")
        group = after.broker.groups.get("g")
        found = None if group is None else group.offsets.get("t", 0)
        if "committed" in story.told:
            assert value == b"10"
        elif "written" not in story.told:
            assert value is None
        assert (None if found is None or found.offset == 1 else str(found.offset).encode()) == value
        assert group is None or not group.pending_offsets
        key = offset_key("g", "t", 0)
        told = (await told_by(after, CONSUMER_OFFSETS)).get(key)
        assert told in (
            (None,) if found is None else (offset_value(found), offset_value(found, transactional=True))
        )
        after.kill()
        shutil.rmtree(tmp_path / str(moment))
