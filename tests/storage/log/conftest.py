"""A data directory on which brokers start, stop and die, one after the other."""

import os
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from kbroker.config.broker_config import BrokerConfig
from kbroker.config.topic import TopicConfig
from kbroker.protocol.records import (
    Codec,
    ControlType,
    Record,
    encode_batch,
    encode_end_txn,
    iter_batches,
    parse_header,
)
from kbroker.storage.interfaces.logs import AppendResult
from kbroker.storage.log.data_dir import DataDir
from kbroker.storage.log.environment import LogEnvironment
from kbroker.storage.log.file_system import FileSystem
from kbroker.storage.log.log_store import LocalLogStore
from kbroker.storage.log.open_files import OpenFiles
from kbroker.storage.log.partition_log import PartitionLog

T = TypeVar("T")
TOPIC_ID = bytes(range(16))
NOW_MS = 1_700_000_000_000


def now(coroutine: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine that never suspends, as none of the embedded store's does."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value  # type: ignore[no-any-return]
    coroutine.close()
    raise AssertionError("suspended")


class FixedClock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = NOW_MS

    def now_ms(self) -> int:
        return self.now


class UnsyncedFileSystem(FileSystem):
    """Syncs nothing: the machine running the tests stays up, and its disk need not be waited for."""

    def sync(self, descriptor: int) -> None:  # type: ignore[override]
        pass

    def sync_file(self, path: str) -> None:
        if not os.path.exists(path):
            raise FileNotFoundError(path)

    def sync_directory(self, path: str) -> None:
        pass


class FaultyFileSystem(UnsyncedFileSystem):
    """Fails when told to: `write_limit` bytes go through before ENOSPC; names in `broken` raise EIO."""

    def __init__(self) -> None:
        self.write_limit: int | None = None
        self.broken: set[str] = set()
        self.synced: list[str] = []

    def write_at(self, descriptor: int, data: Any, position: int) -> int:  # type: ignore[override]
        self._raise("write_at")
        if self.write_limit is None:
            return os.pwrite(descriptor, data, position)
        if self.write_limit == 0:
            raise OSError(28, "No space left on device")
        part = memoryview(data)[: self.write_limit]
        self.write_limit -= len(part)
        return os.pwrite(descriptor, part, position)

    def truncate(self, descriptor: int, size: int) -> None:  # type: ignore[override]
        self._raise("truncate")
        os.ftruncate(descriptor, size)

    def create(self, path: str) -> int:
        self._raise("create")
        return super().create(path)

    def sync_file(self, path: str) -> None:
        self._raise("sync_file")
        self.synced.append(path.rpartition("/")[2])
        super().sync_file(path)

    def _raise(self, call: str) -> None:
        if call in self.broken:
            raise OSError(5, "Input/output error")


def batch(
    values: int | list[bytes] = 1,
    *,
    timestamps: list[int] | int = NOW_MS,
    size: int = 0,
    codec: Codec = Codec.NONE,
    **producer: Any,
) -> bytearray:
    """A batch at base offset 0; `size` pads its last value so that the batch has that many bytes."""
    if isinstance(values, int):
        values = [b"value %d" % number for number in range(values)]
    if isinstance(timestamps, int):
        timestamps = [timestamps] * len(values)
    records = [Record(at, timestamps[at], None, value) for at, value in enumerate(values)]
    encoded = encode_batch(records, codec=codec, **producer)
    while len(encoded) < size:
        records[-1].value = (records[-1].value or b"") + bytes(max(1, size - len(encoded) - 3))
        encoded = encode_batch(records, codec=codec, **producer)
    return encoded


class Disk:
    """One partition on disk. `log` is the running broker's; `kill` and `stop` end that broker."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.clock = FixedClock()
        self.files = FaultyFileSystem()
        self.config = TopicConfig()
        self.settings = BrokerConfig.of()
        self.open_files = OpenFiles(100)
        self.data_dir: DataDir | None = None
        self.store: LocalLogStore

    @property
    def partition_path(self) -> Path:
        return self.path / "t-0"

    def names(self) -> list[str]:
        return sorted(path.name for path in self.partition_path.iterdir())

    def bases(self) -> list[int]:
        """Base offsets of the partition's segments."""
        return [segment.base_offset for segment in self.partition().log.segments]

    def start(self) -> PartitionLog:
        """Start a broker and open the partition."""
        self.start_without_opening()
        return self.partition()

    def start_without_opening(self) -> None:
        self.data_dir = DataDir(self.path, self.files)
        environment = LogEnvironment(self.clock, self.files, self.open_files, self.settings)
        self.store = LocalLogStore(self.data_dir, environment)

    def partition(self, topic: str = "t", index: int = 0, topic_id: bytes = TOPIC_ID) -> PartitionLog:
        return now(self.store.partition(topic, topic_id, index, self.config))

    def kill(self) -> None:
        """End the broker as SIGKILL would: nothing more is written."""
        assert self.data_dir is not None
        for log in self.store.opened():
            log.detach()
        self.data_dir.close()
        self.data_dir = None

    def stop(self) -> None:
        """End the broker cleanly."""
        assert self.data_dir is not None
        self.store.close()
        self.data_dir.close()
        self.data_dir = None

    def restart(self, *, clean: bool = True) -> PartitionLog:
        (self.stop if clean else self.kill)()
        return self.start()


def append(log: PartitionLog, data: bytearray, log_append_time_ms: int = -1) -> AppendResult:
    if parse_header(data).is_control:
        return AppendResult(now(log.append_marker(memoryview(data))), -1, log.log_start_offset, False)
    return now(log.append(memoryview(data), parse_header(data), log_append_time_ms))


def offsets_in(data: Any) -> list[int]:
    """Base offsets of the whole batches in some bytes, which must hold nothing else."""
    batches = list(iter_batches(data))
    assert sum(header.size_in_bytes for header, _ in batches) == len(data)
    return [header.base_offset for header, _ in batches]


def read_all(log: PartitionLog, *, committed: bool = False) -> list[int]:
    """Base offsets of all batches from the log's start, read as a consumer would."""
    offset, found = log.log_start_offset, list[int]()
    while True:
        data = now(log.read(offset, 1_000_000, committed=committed, at_least_one=True)).records
        if not data:
            return found
        for header, _ in iter_batches(data):
            found.append(header.base_offset)
            offset = header.base_offset + header.last_offset_delta + 1


def running_and_restarted(disk: Disk, log: PartitionLog) -> Iterator[PartitionLog]:
    yield log
    yield disk.restart()


def idempotent(sequence: int, count: int = 1, producer_id: int = 7, epoch: int = 0) -> bytearray:
    return batch(count, producer_id=producer_id, producer_epoch=epoch, base_sequence=sequence)


def transactional(sequence: int, producer_id: int) -> bytearray:
    return batch(2, producer_id=producer_id, producer_epoch=0, base_sequence=sequence, transactional=True)


def marker(producer_id: int, kind: ControlType) -> bytearray:
    return encode_end_txn(
        kind, producer_id=producer_id, producer_epoch=0, coordinator_epoch=0, timestamp=NOW_MS
    )


def fill(disk: Disk, batches: int, size: int = 150) -> None:
    """Batches of one record each, into segments of about four."""
    disk.config.segment_bytes = 4 * size
    disk.config.index_interval_bytes = size
    log = disk.start()
    for number in range(batches):
        append(log, batch(size=size, timestamps=NOW_MS + number))


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    disk = Disk(tmp_path / "data")
    yield disk
    if disk.data_dir is not None:
        disk.kill()
