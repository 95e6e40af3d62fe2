"""The process dies before, or amid, each single call that changes the disk: nothing acknowledged is lost."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kbroker.storage.log.file_system import FileSystem

from .conftest import Disk, UnsyncedFileSystem, append, batch, now, read_all

CALLS = (
    "write_at",
    "truncate",
    "rename",
    "unlink",
    "mkdir",
    "rmdir",
    "create",
    "sync_file",
    "sync_directory",
)


class Killed(BaseException):
    """What SIGKILL is to the code under test: nothing of it runs on."""


class MortalFileSystem(FileSystem):
    """Dies at the call of a given number; a write then reaches the disk in part."""

    def __init__(self, last_call: int) -> None:
        self.calls_left = last_call
        for name in CALLS:
            setattr(self, name, self._mortal(name, getattr(UnsyncedFileSystem(), name)))

    def _mortal(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def mortal(*arguments: Any) -> Any:
            if self.calls_left <= 0:
                if name == "write_at" and self.calls_left == 0:
                    descriptor, data, position = arguments
                    os.pwrite(descriptor, bytes(data)[: len(data) // 2], position)
                self.calls_left = -1
                raise Killed
            self.calls_left -= 1
            return call(*arguments)

        return mortal


class Workload:
    """An idempotent producer's life, with segments that roll, records deleted, syncs and a clean stop."""

    def __init__(self, disk: Disk) -> None:
        self.disk = disk
        self.acknowledged: list[int] = []
        self.deleted = 0

    def run(self) -> None:
        log = self.disk.start()
        for sequence in range(8):
            if sequence == 5:
                now(log.delete_records(3))
                self.deleted = 3
                now(self.disk.store.remove_deleted(2**62))
            self.acknowledged.append(append(log, produced(sequence)).base_offset)
            if sequence % 3 == 2 and self.disk.store.flush_due(self.disk.clock.now):
                self.disk.store.flush(self.disk.clock.now)
        self.disk.stop()


def produced(sequence: int) -> bytearray:
    return batch(size=100, producer_id=7, producer_epoch=0, base_sequence=sequence)


def disk_at(path: Path, last_call: int) -> Disk:
    disk = Disk(path)
    disk.files = MortalFileSystem(last_call)  # type: ignore[assignment]
    disk.config.segment_bytes = 250
    disk.config.index_interval_bytes = 50
    disk.config.flush_ms = 0
    return disk


def count_calls(path: Path) -> int:
    disk = disk_at(path, 1_000_000)
    Workload(disk).run()
    return 1_000_000 - disk.files.calls_left  # type: ignore[attr-defined]


def test_every_crash_point(tmp_path: Path) -> None:
    total = count_calls(tmp_path / "counted")
    assert total > 80
    for last_call in range(total):
        disk = disk_at(tmp_path / str(last_call), last_call)
        workload = Workload(disk)
        with pytest.raises(Killed):
            workload.run()
        if disk.data_dir is not None:
            disk.data_dir.close()
        disk.files = UnsyncedFileSystem()  # type: ignore[assignment]
        log = disk.start()
        there = read_all(log)
        assert log.log_start_offset in {0, 2, 3} if workload.deleted == 0 else log.log_start_offset == 3, (
            last_call
        )
        assert [offset for offset in workload.acknowledged if offset >= log.log_start_offset] == [
            offset for offset in there if log.log_start_offset <= offset < len(workload.acknowledged)
        ], last_call
        check_producer(disk, len(workload.acknowledged))
        there = read_all(log)
        assert read_all(disk.restart()) == there
        disk.stop()


def check_producer(disk: Disk, acknowledged: int) -> None:
    """The producer repeats its last batch, which is known, and goes on: what failed may or may not be there."""
    log = disk.partition()
    if acknowledged and log.log_start_offset < acknowledged:
        assert append(log, produced(acknowledged - 1)).duplicate
    was_written = log.high_watermark == acknowledged + 1
    assert append(log, produced(acknowledged)).duplicate == was_written
