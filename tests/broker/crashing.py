"""A broker on real stores whose every call, and every change of the disk below the log, is a moment to die at."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import pytest
from attrs import define

from kbroker.broker.broker import Broker, Stores
from kbroker.clock import Clock, SystemClock
from kbroker.config.broker_config import BrokerConfig
from kbroker.protocol.records import Record, encode_batch, parse_header
from kbroker.state.groups.commit import Committer
from kbroker.state.offsets import CommittedOffset
from kbroker.storage.embedded import open_database
from kbroker.storage.log.data_dir import DataDir
from kbroker.storage.log.environment import LogEnvironment
from kbroker.storage.log.file_system import FileSystem
from kbroker.storage.log.log_store import LocalLogStore
from kbroker.storage.sqlite.acl_store import SqliteAclStore
from kbroker.storage.sqlite.delegation_token_store import SqliteDelegationTokenStore
from kbroker.storage.sqlite.group_store import SqliteGroupStore
from kbroker.storage.sqlite.meta_store import SqliteMetaStore
from kbroker.storage.sqlite.quota_store import SqliteQuotaStore
from kbroker.storage.sqlite.scram_store import SqliteScramStore
from kbroker.storage.sqlite.txn_store import SqliteTxnStore

FOREVER = 1_000_000
SYNCHRONOUS_FULL = 2  # https://www.sqlite.org/pragma.html#pragma_synchronous
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

    def __init__(
        self,
        path: Path,
        moments: int = FOREVER,
        settings: dict[str, str] | None = None,
        *,
        files: FileSystem | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.life = Life(FOREVER)
        self.path = path
        self.files = files = files or MortalFileSystem(self.life)
        self._data_dir = DataDir(path, files)
        cluster_id = self._data_dir.identify(1)
        config = BrokerConfig.of(settings or {})
        self.database = open_database(path, config)
        (synchronous,) = self.database.connection.execute("PRAGMA synchronous").fetchone()
        self.syncs_database = synchronous == SYNCHRONOUS_FULL  # with each transaction
        self.database.connection.execute("PRAGMA synchronous=OFF")  # processes die here, the machine does not
        self.meta = SqliteMetaStore(self.database, cluster_id)
        clock = clock or SystemClock()
        self.logs = LocalLogStore(self._data_dir, LogEnvironment(clock, files))
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
            config,
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


class Story(Protocol):
    """What happens until the broker dies."""

    async def run(self, process: Process) -> None:
        """Raises Killed."""


async def moments_of(story: Story, tmp_path: Path) -> int:
    """At how many moments a broker may die while the story goes on; makes the empty directory they all start from."""
    whole = Process(tmp_path / "whole")
    await story.run(whole)
    moments = FOREVER - whole.life.moments
    whole.kill()
    Process(tmp_path / "empty").kill()
    return moments


async def killed_and_back(story: Story, tmp_path: Path, moment: int) -> Process:
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
