"""Many partitions in one directory: opening, deleting, housekeeping, stopping."""

import time
from pathlib import Path

import pytest

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.storage.log.environment import LogEnvironment
from kbroker.storage.log.file_system import FileSystem
from kbroker.storage.log.log_store import LocalLogStore

from .conftest import NOW_MS, TOPIC_ID, Disk, append, batch, now, read_all

OTHER_ID = bytes(range(16, 32))


def directories(disk: Disk) -> list[str]:
    return sorted(path.name for path in disk.path.iterdir() if path.is_dir())


def test_partition_is_opened_once(disk: Disk) -> None:
    log = disk.start()
    assert disk.partition() is log
    assert disk.partition(index=1) is not log
    assert directories(disk) == ["t-0", "t-1"]


def test_ten_thousand_partitions_start_at_once_and_open_nothing(disk: Disk) -> None:
    """Starting costs a listing; the same with a recovery point for each."""
    disk.path.mkdir(parents=True)
    for index in range(10_000):
        (disk.path / f"many-{index}").mkdir()
    lines = "".join(f"many {index} 5\n" for index in range(10_000))
    (disk.path / "recovery-point-offset-checkpoint").write_text(f"0\n10000\n{lines}")
    began = time.process_time()
    disk.start_without_opening()
    assert time.process_time() - began < 2
    assert len(disk.open_files) == 0


def test_open_files_stay_within_their_limit(disk: Disk) -> None:
    disk.open_files.limit = 5
    disk.start()
    logs = [disk.partition(index=index) for index in range(20)]
    for round_number in range(3):
        for log in logs:
            assert append(log, batch()).base_offset == round_number
            assert len(disk.open_files) <= 5
    assert all(read_all(log) == [0, 1, 2] for log in logs)


def test_idle_files_are_closed(disk: Disk) -> None:
    log = disk.start()
    append(log, batch())
    now(disk.store.enforce_retention(NOW_MS))
    assert len(disk.open_files) == 1
    now(disk.store.enforce_retention(NOW_MS))
    assert len(disk.open_files) == 0
    append(log, batch())
    assert read_all(log) == [0, 1]


def test_the_directory_and_its_space(disk: Disk) -> None:
    disk.start()
    assert disk.data_dir is not None
    disk.data_dir.directory_id = OTHER_ID
    found = now(disk.store.log_dirs())[0]
    assert (found.path, found.directory_id) == (str(disk.path), OTHER_ID)
    assert 0 < found.usable_bytes <= found.total_bytes


def test_sizes_are_known_without_opening(disk: Disk) -> None:
    log = disk.start()
    append(log, batch())
    size = now(log.size_bytes())
    assert size == len(batch())

    def sizes() -> list[int]:
        return [now(disk.store.replicas("t", TOPIC_ID, index))[0].size_bytes for index in range(2)]

    assert sizes() == [size, 0]
    disk.stop()
    disk.start_without_opening()
    assert sizes() == [size, 0]
    assert list(disk.store.opened()) == []
    assert directories(disk) == ["t-0"]


def test_deleted_topic_goes_after_its_delay(disk: Disk) -> None:
    disk.config.file_delete_delay_ms = 1000
    log = disk.start()
    disk.partition(index=1)
    disk.partition("u", topic_id=OTHER_ID)
    append(log, batch())
    now(disk.store.delete_topic("t", TOPIC_ID, 3))
    with pytest.raises(KafkaError) as caught:
        append(log, batch())
    assert caught.value.code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    assert [name[:4] for name in directories(disk)] == ["t-0.", "t-1.", "u-0"]
    assert all(name.endswith("-delete") for name in directories(disk)[:2])
    now(disk.store.remove_deleted(NOW_MS + 999))
    assert len(directories(disk)) == 3
    now(disk.store.remove_deleted(NOW_MS + 1000))
    assert directories(disk) == ["u-0"]


def test_topic_made_again_starts_empty(disk: Disk) -> None:
    log = disk.start()
    append(log, batch(5))
    now(log.delete_records(3))
    now(disk.store.delete_topic("t", TOPIC_ID, 1))
    log = disk.partition(topic_id=OTHER_ID)
    assert (log.log_start_offset, log.high_watermark) == (0, 0)
    append(log, batch())
    disk.kill()
    disk.start_without_opening()
    assert read_all(disk.partition(topic_id=OTHER_ID)) == [0]


def test_directory_of_a_topic_id_that_nobody_knows_is_set_aside(disk: Disk) -> None:
    """As when the metadata was lost or replaced: what the directory holds is nobody's to delete."""
    append(disk.start(), batch(5))
    disk.kill()
    disk.start_without_opening()
    log = disk.partition(topic_id=OTHER_ID)
    assert log.high_watermark == 0
    assert any(name.endswith("-stray") for name in directories(disk))


def test_directories_marked_deleted_go_at_the_next_start(disk: Disk) -> None:
    append(disk.start(), batch(5))
    now(disk.store.delete_topic("t", TOPIC_ID, 1))
    disk.kill()
    disk.start_without_opening()
    now(disk.store.remove_deleted(0))
    assert directories(disk) == []


def test_deleting_with_the_id_of_an_earlier_topic_leaves_the_new_one(disk: Disk) -> None:
    append(disk.start(), batch(5))
    now(disk.store.delete_topic("t", OTHER_ID, 1))
    assert directories(disk) == ["t-0"]


def test_longest_topic_name_can_be_deleted(disk: Disk) -> None:
    disk.start()
    name = "n" * 249
    disk.partition(name)
    now(disk.store.delete_topic(name, TOPIC_ID, 1))
    assert max(map(len, directories(disk))) == 255


def test_flush_ms_is_due_when_it_has_passed(disk: Disk) -> None:
    disk.config.flush_ms = 1000
    log = disk.start()
    append(log, batch())
    assert not disk.store.flush_due(NOW_MS + 999)
    disk.clock.now += 1000
    assert disk.store.flush_due(disk.clock.now)
    append(log, batch())
    disk.store.flush(disk.clock.now)
    assert log.log.recovery_point == 1, (
        "what was appended after the flush was prepared may not be on the disk"
    )
    assert not disk.store.flush_due(disk.clock.now + 999)


def test_completed_segments_are_synced_without_being_asked(disk: Disk) -> None:
    disk.config.segment_bytes = 100
    log = disk.start()
    append(log, batch())
    assert not disk.store.flush_due(NOW_MS)
    append(log, batch())
    assert disk.store.flush_due(NOW_MS)
    disk.store.flush(NOW_MS)
    assert {"00000000000000000000.log", "00000000000000000000.index"} <= set(disk.files.synced)
    assert log.log.recovery_point == 2


def test_topic_deleted_during_a_flush_does_not_disturb_it(disk: Disk) -> None:
    disk.config.flush_ms = 0
    append(disk.start(), batch())
    assert disk.store.flush_due(NOW_MS)
    now(disk.store.delete_topic("t", TOPIC_ID, 1))
    disk.store.flush(NOW_MS)


def test_clean_stop_leaves_the_marker_and_a_start_takes_it(disk: Disk) -> None:
    append(disk.start(), batch())
    marker = disk.path / ".kafka_cleanshutdown"
    assert not marker.exists()
    disk.stop()
    assert marker.exists()
    assert (disk.path / "recovery-point-offset-checkpoint").read_text() == "0\n1\nt 0 1\n"
    disk.start_without_opening()
    assert not marker.exists()


def test_directory_that_cannot_be_made_is_a_storage_error(disk: Disk) -> None:
    disk.start_without_opening()
    (disk.path / "t-0").write_text("a file")
    with pytest.raises(KafkaError) as caught:
        disk.partition()
    assert caught.value.code == ErrorCode.KAFKA_STORAGE_ERROR


def test_what_the_recovery_points_of_an_earlier_topic_say_is_forgotten(disk: Disk) -> None:
    disk.path.mkdir(parents=True)
    for name in ("recovery-point-offset-checkpoint", "log-start-offset-checkpoint"):
        (disk.path / name).write_text("0\n1\nt 0 99\n")
    log = disk.start()
    assert (log.log_start_offset, log.log.recovery_point) == (0, 0)
    disk.kill()
    assert disk.start().log_start_offset == 0


def test_store_needs_nothing_but_a_directory(tmp_path: Path, disk: Disk) -> None:
    """The environment's defaults are the real file system and half of the process's descriptors."""
    disk.start_without_opening()
    environment = LogEnvironment(disk.clock)
    assert environment.open_files.limit >= 16
    assert disk.data_dir is not None
    assert isinstance(LocalLogStore(disk.data_dir, environment), LocalLogStore)


def test_log_that_cannot_be_synced_stops_alone(disk: Disk) -> None:
    disk.config.flush_ms = 0
    log, other = disk.start(), disk.partition(index=1)
    append(log, batch())
    append(other, batch())
    assert disk.store.flush_due(NOW_MS)
    sync_file = disk.files.sync_file

    def fail_for_one(path: str) -> None:
        if "/t-0/" in path:
            raise OSError(5, "Input/output error")
        sync_file(path)

    disk.files.sync_file = fail_for_one  # type: ignore[method-assign]
    disk.store.flush(NOW_MS)
    with pytest.raises(KafkaError):
        append(log, batch())
    assert append(other, batch()).base_offset == 1
    disk.stop()
    assert not (disk.path / ".kafka_cleanshutdown").exists()
    assert (disk.path / "recovery-point-offset-checkpoint").read_text() == "0\n2\nt 0 0\nt 1 2\n"


def test_full_disk_at_the_stop_costs_a_recovery_and_nothing_else(disk: Disk) -> None:
    log = disk.start()
    append(log, batch())
    disk.files.write_limit = 0
    with pytest.raises(OSError, match="No space"):
        disk.store.close()
    disk.files.write_limit = None
    assert disk.data_dir is not None
    disk.data_dir.close()
    assert read_all(disk.start()) == [0]


def test_disk_is_synced_for_real(disk: Disk) -> None:
    """Once with the real file system: flush.messages, and a stop that syncs many logs at once."""
    disk.files = FileSystem()  # type: ignore[assignment]
    disk.config.flush_messages = 2
    disk.start()
    for index in range(9):
        for _ in range(3):
            append(disk.partition(index=index), batch())
    disk.stop()
    assert read_all(disk.start()) == [0, 1, 2]
