"""The disk refuses each call that changes it, once or with those after it: nothing acknowledged is lost.

For want of space nothing stops: with space again the log goes on. What an I/O error leaves is known to the next start.
"""

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.protocol.records import ControlType, iter_batches
from kbroker.storage.log.errors import StorageError
from kbroker.storage.log.partition_log import PartitionLog

from .conftest import Disk, UnsyncedFileSystem, append, batch, marker, now, transactional

NEEDS_SPACE = ("write_at", "create", "rename", "mkdir", "allocate")
FREES_SPACE = ("truncate", "unlink", "rmdir")
SYNCS = ("sync", "sync_file", "sync_directory")
FOREVER = 1_000_000


class RefusingFileSystem(UnsyncedFileSystem):
    """Refuses `count` calls from the one of number `first` on; of a write that is refused first, half is written."""

    def __init__(self, names: tuple[str, ...], number: int, first: int, count: int) -> None:
        self.calls = 0
        self._refused = range(first, first + count)
        self.number = number
        for name in names:
            setattr(self, name, self._refusing(name, getattr(UnsyncedFileSystem(), name)))

    def _refusing(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def refusing(*arguments: Any) -> Any:
            self.calls += 1
            if self.calls - 1 not in self._refused:
                return call(*arguments)
            if name == "write_at" and self.calls - 1 == self._refused.start:
                descriptor, data, position = arguments
                return os.pwrite(descriptor, bytes(data)[: len(data) // 2], position)
            raise OSError(self.number, os.strerror(self.number))

        return refusing

    def heal(self) -> None:
        self._refused = range(0)


@define
class Story:
    """An idempotent producer's batches, an aborted transaction, segments that roll, records deleted, syncs."""

    disk: Disk
    written: dict[int, bytes] = field(factory=dict)  # what was acknowledged, by offset
    refusals: set[ErrorCode] = field(factory=set)
    deleted: int = 0
    sequence: int = 0

    @property
    def files(self) -> RefusingFileSystem:
        assert isinstance(self.disk.files, RefusingFileSystem)
        return self.disk.files

    def run(self) -> None:
        self.start()
        for step in range(6):
            self.append()
            if step == 1:
                self.attempt(self.abort)
            if step == 3:
                self.attempt(self.delete)
                self.tend()
            self.tend()

    def start(self) -> None:
        """Start a broker; one that cannot says so, and is tried again."""
        try:
            self.disk.start_without_opening()
        except (StorageError, OSError) as error:
            assert os.strerror(self.files.number) in str(error)  # noqa: PT017
            self.files.heal()
            self.disk.start_without_opening()

    def append(self) -> bool:
        def produce(log: PartitionLog) -> None:
            data = batch(size=100, producer_id=7, producer_epoch=0, base_sequence=self.sequence)
            result = append(log, data)
            self.sequence += 1
            if not result.duplicate:
                self.written[result.base_offset] = bytes(data)

        return self.attempt(produce)

    def abort(self, log: PartitionLog) -> None:
        append(log, transactional(0, 8))
        append(log, marker(8, ControlType.ABORT))

    def delete(self, log: PartitionLog) -> None:
        before = min(2, log.high_watermark)
        now(log.delete_records(before))
        self.deleted = before

    def attempt(self, step: Callable[[PartitionLog], None]) -> bool:
        try:
            step(self.disk.partition())
        except KafkaError as error:
            self.refusals.add(error.code)
            return False
        return True

    def tend(self) -> None:
        """As housekeeping does, which logs what is raised and tries again."""
        self.disk.clock.now += 70_000
        for job in (self.flush, self.enforce_retention, self.remove_deleted):
            try:
                job()
            except OSError:
                continue

    def flush(self) -> None:
        if self.disk.store.flush_due(self.disk.clock.now):
            self.disk.store.flush(self.disk.clock.now)

    def enforce_retention(self) -> None:
        now(self.disk.store.enforce_retention(self.disk.clock.now))

    def remove_deleted(self) -> None:
        now(self.disk.store.remove_deleted(2**62))

    def check_served(self) -> None:
        """All that was acknowledged is there, and whatever is served is whole."""
        log = self.disk.partition()
        assert log.log_start_offset <= max(self.deleted, 2)
        served: dict[int, bytes] = {}
        offset = log.log_start_offset
        while data := now(log.read(offset, 1 << 20, at_least_one=True)).records:
            for header, view in iter_batches(data):
                assert header.last_offset >= offset
                served[header.base_offset] = bytes(view)
                offset = header.last_offset + 1
            assert sum(header.size_in_bytes for header, _ in iter_batches(data)) == len(data)
        assert offset == log.high_watermark
        expected = {at: data for at, data in self.written.items() if at >= log.log_start_offset}
        assert {at: served.get(at) for at in expected} == expected


def disk_with(path: Path, files: RefusingFileSystem) -> Disk:
    disk = Disk(path)
    disk.start_without_opening()
    disk.kill()
    disk.files = files  # type: ignore[assignment]
    disk.config.segment_bytes = 250
    disk.config.index_interval_bytes = 50
    disk.config.flush_ms = 0
    disk.config.preallocate = True
    return disk


def number_of_calls(path: Path, names: tuple[str, ...]) -> int:
    files = RefusingFileSystem(names, 0, FOREVER, 0)
    story = Story(disk_with(path, files))
    story.run()
    assert not story.refusals
    story.check_served()
    story.disk.kill()
    return files.calls


@pytest.mark.parametrize(
    ("number", "count", "step"),
    [(errno.ENOSPC, 1, 3), (errno.ENOSPC, 8, 9), (errno.EDQUOT, 2, 31)],
    ids=["ENOSPC", "ENOSPC for a while", "EDQUOT"],
)
def test_a_full_disk_is_told_and_the_log_goes_on_when_there_is_space(
    tmp_path: Path, number: int, count: int, step: int
) -> None:
    total = number_of_calls(tmp_path / "counted", NEEDS_SPACE)
    assert total > 30
    for first in range(0, total, step):
        files = RefusingFileSystem(NEEDS_SPACE, number, first, count + 1)
        story = Story(disk_with(tmp_path / str(first), files))
        story.run()
        assert story.refusals <= {ErrorCode.KAFKA_STORAGE_ERROR}
        files.heal()
        assert story.append(), f"call {first}: the log does not go on"
        story.tend()
        story.check_served()
        story.disk.restart(clean=bool(first % 2))
        story.check_served()
        story.disk.kill()


@pytest.mark.parametrize(
    ("number", "names", "count", "step"),
    [
        (errno.EIO, (*FREES_SPACE, *SYNCS), 1, 1),
        (errno.EIO, NEEDS_SPACE, 1, 7),
        (errno.EROFS, (*NEEDS_SPACE, *FREES_SPACE), FOREVER, 11),
        (errno.EMFILE, ("create", *SYNCS), FOREVER, 11),
    ],
    ids=["EIO", "EIO where space is needed", "EROFS", "EMFILE"],
)
def test_what_an_error_leaves_is_known_to_the_next_start(
    tmp_path: Path, number: int, names: tuple[str, ...], count: int, step: int
) -> None:
    total = number_of_calls(tmp_path / "counted", names)
    assert total > 10
    for first in range(0, total, step):
        files = RefusingFileSystem(names, number, first, count)
        story = Story(disk_with(tmp_path / str(first), files))
        story.run()
        assert story.refusals <= {ErrorCode.KAFKA_STORAGE_ERROR}
        files.heal()
        story.disk.restart(clean=bool(first % 2))
        assert story.append()
        story.check_served()
        story.disk.kill()
