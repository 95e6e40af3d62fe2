"""A broker's log store over several directories, which starts, stops and dies."""

from pathlib import Path
from typing import Any

from kbroker.config.broker_config import BrokerConfig
from kbroker.config.topic import TopicConfig
from kbroker.storage.interfaces.background import Background
from kbroker.storage.log.data_dir import DataDir
from kbroker.storage.log.environment import LogEnvironment
from kbroker.storage.log.log_store import LocalLogStore
from kbroker.storage.log.partition_log import PartitionLog

from .compacting import Inline
from .conftest import TOPIC_ID, FaultyFileSystem, FixedClock, now

Key = tuple[str, int]


class MemoryIds:
    """Remembers as the database does."""

    def __init__(self) -> None:
        self.homes: dict[Key, bytes] = {}

    def load(self) -> dict[Key, bytes]:
        return dict(self.homes)

    def assign(self, partitions: Any) -> None:
        self.homes.update(partitions)

    def forget(self, topic: str) -> None:
        self.homes = {key: home for key, home in self.homes.items() if key[0] != topic}


class Several:
    """Directories d0, d1, ... below a path."""

    def __init__(self, path: Path, count: int = 3) -> None:
        self.paths = [path / f"d{number}" for number in range(count)]
        self.ids = MemoryIds()
        self.clock = FixedClock()
        self.config = TopicConfig()
        self.files = FaultyFileSystem()
        self.settings = BrokerConfig.of({"log.dirs": ",".join(map(str, self.paths))})
        self.opened: list[DataDir] = []
        self.store: LocalLogStore

    def start(self, offline: tuple[int, ...] = ()) -> LocalLogStore:
        for number, path in enumerate(self.paths):
            if number not in offline:
                path.mkdir(parents=True, exist_ok=True)
                self.opened.append(DataDir(path, self.files))
                self.opened[-1].directory_id = bytes([number + 1]) * 16
        first, *others = self.opened
        self.store = LocalLogStore(
            first,
            LogEnvironment(self.clock, self.files, settings=self.settings),
            others,
            offline=[str(self.paths[number]) for number in offline],
            directory_ids=self.ids,
        )
        return self.store

    def partition(self, index: int = 0, topic: str = "t") -> PartitionLog:
        return now(self.store.partition(topic, TOPIC_ID, index, self.config))

    def kill(self) -> None:
        for log in self.store.opened():
            log.detach()
        self._let_go()

    def stop(self) -> None:
        self.store.close()
        self._let_go()

    def _let_go(self) -> None:
        for each in self.opened:
            each.close()
        self.opened.clear()

    def homes(self) -> dict[str, list[int]]:
        """Which partition directories there are in each directory."""
        return {
            path.name: sorted(int(each.name[2:]) for each in path.iterdir() if each.name[2:].isdigit())
            for path in self.paths
            if path.is_dir()
        }

    def move(self, index: int, to: int, background: Background | None = None) -> None:
        now(self.store.move("t", index, str(self.paths[to])))
        now(self.store.carry_on_moves(background or Inline()))

    def sizes(self, index: int = 0) -> list[tuple[str, int, int, bool]]:
        """Where a partition is: directory, bytes, offset lag, and whether that is a copy in the making."""
        return [
            (Path(each.log_dir).name, each.size_bytes, each.offset_lag, each.is_future)
            for each in now(self.store.replicas("t", TOPIC_ID, index))
        ]
