"""What clients are told of a disk that is full or broken, and what counts as done then. See also test_refused_calls."""

import errno
import os

import pytest

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError

from .conftest import Disk, append, batch, fill, now, read_all


def test_what_could_not_be_synced_is_not_durable_though_the_next_sync_works(disk: Disk) -> None:
    """Linux reports a failed write-back once, and counts the pages as clean then: the second sync says nothing."""
    disk.config.flush_messages = 1
    log = disk.start()
    append(log, batch())
    disk.files.broken.add("sync_file")
    with pytest.raises(KafkaError, match="Input/output error"):
        append(log, batch())
    disk.files.broken.clear()
    for call in (lambda: append(log, batch()), lambda: now(log.read(0, 100))):
        with pytest.raises(KafkaError) as caught:
            call()
        assert caught.value.code is ErrorCode.KAFKA_STORAGE_ERROR
    assert log.log.recovery_point == 1
    disk.stop()
    assert not (disk.path / ".kafka_cleanshutdown").exists()
    assert disk.start().high_watermark == 2


def test_a_disk_that_stays_full_does_not_fill_the_log(disk: Disk, caplog: pytest.LogCaptureFixture) -> None:
    log = disk.start()
    disk.files.write_limit = 0
    for _ in range(50):
        with pytest.raises(KafkaError, match="No space left"):
            append(log, batch())
    assert len([message for message in caplog.messages if "No space left" in message]) == 1


def test_a_log_that_stays_unopenable_is_an_error_told_once(
    disk: Disk, caplog: pytest.LogCaptureFixture
) -> None:
    disk.start_without_opening()
    disk.files.write_limit = 0
    for _ in range(50):
        with pytest.raises(KafkaError, match="No space left"):
            disk.partition()
    assert [(record.levelname, record.message) for record in caplog.records] == [
        ("ERROR", "t-0: cannot be opened: [Errno 28] No space left on device")
    ]


def test_a_delete_that_could_not_be_stored_is_not_done(disk: Disk) -> None:
    """Else the client would try again, be told that it is done, and find the records there after a restart."""
    log = disk.start()
    append(log, batch(5))
    disk.files.write_limit = 0
    for _ in range(2):
        with pytest.raises(KafkaError, match="No space left"):
            now(log.delete_records(3))
        assert log.log_start_offset == 0
    disk.files.write_limit = None
    assert now(log.delete_records(3)) == 3
    assert disk.restart(clean=False).log_start_offset == 3


def test_a_segment_that_could_not_be_made_leaves_no_file(disk: Disk) -> None:
    """A smaller batch may go to the segment before: a file of that offset would hide it from the next start."""
    disk.config.segment_bytes = 250
    log = disk.start()
    append(log, batch(size=150))
    disk.config.preallocate = True

    def full(descriptor: int, size: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    disk.files.allocate = full  # type: ignore[method-assign]
    with pytest.raises(KafkaError, match="No space left"):
        append(log, batch(size=150))
    append(log, batch(size=80))
    del disk.files.allocate
    assert disk.restart(clean=False).high_watermark == 2


def test_what_cannot_be_read_is_told_and_logged_and_read_when_it_can_be(
    disk: Disk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    fill(disk, 9)
    log = disk.partition()

    def broken(*_: object) -> bytes:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patched:
        patched.setattr(os, "pread", broken)
        for _ in range(20):
            with pytest.raises(KafkaError) as caught:
                now(log.read(1, 1000))
            assert caught.value.code is ErrorCode.KAFKA_STORAGE_ERROR
    assert caplog.text.count("Input/output error") == 1
    assert read_all(log) == [*range(9)]


def test_without_a_descriptor_a_log_is_not_read_and_goes_on_with_one(disk: Disk) -> None:
    fill(disk, 9)
    log = disk.partition()
    log.log.close_files()

    def none_left(path: str) -> int:
        raise OSError(errno.EMFILE, "Too many open files")

    disk.files.create = none_left  # type: ignore[method-assign]
    for call in (lambda: now(log.read(0, 1000)), lambda: append(log, batch())):
        with pytest.raises(KafkaError, match="Too many open files"):
            call()
    del disk.files.create
    append(log, batch())
    assert read_all(log) == [*range(10)]


@pytest.mark.parametrize("refused", ["log", "index", "timeindex"])
@pytest.mark.parametrize("killed", [False, True])
def test_a_segment_that_could_not_be_removed_is_later_and_its_records_stay_deleted(
    disk: Disk, monkeypatch: pytest.MonkeyPatch, refused: str, killed: bool
) -> None:
    fill(disk, 13)
    log = disk.partition()

    def rename(old: str, new: str) -> None:
        if new.endswith(f"{4:020d}.{refused}.deleted"):
            raise OSError(errno.EIO, "Input/output error")
        os.rename(old, new)

    with monkeypatch.context() as patched:
        patched.setattr(disk.files, "rename", rename)
        assert now(log.delete_records(12)) == 12
    assert disk.bases() == [4, 8, 12]
    other = disk.partition("other")
    append(other, batch(2))
    now(other.delete_records(1))  # which writes down where all logs begin
    if killed:
        log = disk.restart(clean=False)
    assert log.log_start_offset == 12
    now(disk.store.enforce_retention(disk.clock.now))
    assert disk.bases() == [12]
    assert disk.restart(clean=False).log_start_offset == 12
    now(disk.store.remove_deleted(2**62))
    if not killed:
        assert [name for name in disk.names() if name[:20] < f"{12:020d}" and "snapshot" not in name] == []
