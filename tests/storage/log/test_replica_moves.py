"""A partition moves between directories beside everything else, and a crash at any point leaves one whole log."""

import errno
import os
from pathlib import Path

import pytest

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.protocol.records import ControlType

from .compacting import Inline
from .conftest import (
    FaultyFileSystem,
    UnsyncedFileSystem,
    append,
    batch,
    idempotent,
    marker,
    now,
    read_all,
    transactional,
)
from .several import Several
from .test_crash_points import Killed, MortalFileSystem


@pytest.fixture
def several(tmp_path: Path) -> Several:
    several = Several(tmp_path)
    several.config.segment_bytes = 400
    several.config.index_interval_bytes = 100
    several.start()
    return several


def fill(several: Several, count: int = 10) -> None:
    for _ in range(count):
        append(several.partition(), batch(size=100))


def moved(several: Several, to: int) -> None:
    assert [home for home, _, _, future in several.sizes() if not future] == [f"d{to}"]
    assert {name for name, found in several.homes().items() if found} == {f"d{to}"}


def test_all_that_a_log_holds_moves(several: Several) -> None:
    log = several.partition()
    fill(several)
    append(log, idempotent(0))
    append(log, transactional(0, 8))
    append(log, marker(8, ControlType.ABORT))
    append(log, transactional(0, 9))
    now(log.delete_records(3))
    before = read_all(log), read_all(log, committed=True), log.last_stable_offset, now(log.size_bytes())
    several.move(0, 2)
    moved(several, 2)
    assert several.partition() is log
    assert log.log_start_offset == 3
    for end in (None, several.kill, several.stop):
        if end is not None:
            end()
            several.start()
            log = several.partition()
        assert (read_all(log), read_all(log, committed=True), log.last_stable_offset) == before[:3]
        assert [
            each.producer_id for each in now(log.read(11, 10_000, committed=True)).aborted_transactions
        ] == [8]
        assert append(log, idempotent(0)).duplicate
    now(several.store.remove_deleted(2**62))
    assert not list(several.paths[0].glob("t-0*"))
    several.stop()


def test_it_is_read_and_written_while_it_moves(several: Several) -> None:
    fill(several)
    log = several.partition()
    written = 10
    seen = set()

    def others() -> None:
        nonlocal written
        seen.add(len(several.sizes()))
        if written < 40:
            append(log, batch(size=100))
            written += 1
        assert read_all(log) == [*range(written)]

    several.move(0, 1, Inline(others))
    moved(several, 1)
    assert written == 40
    assert seen == {2}
    assert read_all(log) == [*range(written)]
    several.stop()


def test_the_copy_is_described_as_what_it_is(several: Several) -> None:
    fill(several)
    assert now(several.store.move("t", 0, str(several.paths[1])))
    assert several.sizes() == [("d0", 1000, 0, False), ("d1", 0, 10, True)]
    now(several.store.carry_on_moves(Inline()))
    assert several.sizes() == [("d1", 1000, 0, False)]
    several.stop()


def test_records_deleted_meanwhile_are_not_copied(several: Several) -> None:
    fill(several)
    log = several.partition()
    deleted: list[int] = []

    def delete() -> None:
        if not deleted and len(several.sizes()) == 2 and several.sizes()[1][1]:
            deleted.append(now(log.delete_records(9)))

    several.move(0, 1, Inline(delete))
    assert deleted == [9]
    assert read_all(log) == [9]
    several.kill()
    several.start()
    assert (several.partition().log_start_offset, read_all(several.partition())) == (9, [9])
    several.stop()


def test_to_where_it_is_gives_a_move_up(several: Several) -> None:
    fill(several)
    now(several.store.move("t", 0, str(several.paths[1])))
    now(several.store.move("t", 0, str(several.paths[0])))
    assert several.sizes() == [("d0", 1000, 0, False)]
    now(several.store.carry_on_moves(Inline()))
    moved(several, 0)
    now(several.store.move("t", 0, str(several.paths[1])))
    several.move(0, 2)
    moved(several, 2)
    now(several.store.remove_deleted(2**62))
    assert not list(several.paths[1].glob("t-0*"))
    several.stop()


def test_a_topic_that_is_deleted_moves_no_further(several: Several) -> None:
    fill(several)

    def delete() -> None:
        if now(several.store.replicas("t", bytes(range(16)), 0))[1:]:
            now(several.store.delete_topic("t", bytes(range(16)), 1))

    several.move(0, 1, Inline(delete))
    now(several.store.remove_deleted(2**62))
    assert [list(path.glob("t-0*")) for path in several.paths] == [[], [], []]
    several.stop()


def test_a_disk_that_refuses_the_copy(several: Several, caplog: pytest.LogCaptureFixture) -> None:
    fill(several)
    files = several.files
    assert isinstance(files, FaultyFileSystem)
    now(several.store.move("t", 0, str(several.paths[1])))
    files.write_limit = 150
    now(several.store.carry_on_moves(Inline()))
    files.write_limit = None
    assert "not moved" in caplog.text
    assert several.sizes() == [("d0", 1000, 0, False)]
    assert read_all(several.partition()) == [*range(10)]
    several.stop()


def test_a_move_that_cannot_be_synced_is_undone(several: Several, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(several)
    now(several.store.move("t", 0, str(several.paths[1])))

    def full(path: str) -> None:
        if "t-0" in os.listdir(path):
            raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(several.files, "sync_directory", full)
        now(several.store.carry_on_moves(Inline()))
    moved(several, 0)
    assert read_all(several.partition()) == [*range(10)]
    now(several.store.remove_deleted(2**62))
    assert not list(several.paths[1].glob("t-0*"))
    several.move(0, 1)
    moved(several, 1)
    several.stop()


def test_refusals(several: Several) -> None:
    fill(several)

    def refused(path: str) -> ErrorCode:
        with pytest.raises(KafkaError) as caught:
            now(several.store.move("t", 0, path))
        return caught.value.code

    assert refused("/nowhere") == ErrorCode.LOG_DIR_NOT_FOUND
    several.settings.set_dynamic("0", {"cordoned.log.dirs": str(several.paths[1])})
    assert refused(str(several.paths[1])) == ErrorCode.INVALID_REPLICA_ASSIGNMENT
    several.stop()
    several.start(offline=(2,))
    several.partition()
    several.settings.set_dynamic("0", {})
    assert refused(str(several.paths[2])) == ErrorCode.KAFKA_STORAGE_ERROR
    assert refused(str(several.paths[1])) == ErrorCode.KAFKA_STORAGE_ERROR  # as long as one is missing
    several.stop()


def test_a_partition_that_is_not_there_yet_is_made_where_it_shall_be(several: Several) -> None:
    assert not now(several.store.move("t", 0, str(several.paths[2])))
    fill(several)
    moved(several, 2)
    several.stop()


def move_and_die(path: Path, last_call: int) -> tuple[Several, int]:
    """Ten batches, a move, one batch more; the process dies at that call. Returns how many were acknowledged."""
    several = Several(path, 2)
    several.config.segment_bytes = 400
    several.start()
    fill(several)
    several.kill()
    several.files = MortalFileSystem(last_call)  # type: ignore[assignment]
    acknowledged = 10
    try:
        several.start()
        several.partition()
        several.move(0, 1)
        append(several.partition(), batch(size=100))
        acknowledged = 11
        now(several.store.remove_deleted(2**62))
    except Killed:
        for log in several.store.opened():
            log.detach()
    several._let_go()
    return several, acknowledged


def test_every_crash_point_of_a_move(tmp_path: Path) -> None:
    whole, acknowledged = move_and_die(tmp_path / "whole", 1_000_000)
    assert acknowledged == 11
    total = 1_000_000 - whole.files.calls_left  # type: ignore[attr-defined]
    assert total > 60
    for last_call in range(total):
        path = tmp_path / str(last_call)
        several, acknowledged = move_and_die(path, last_call)
        several.files = UnsyncedFileSystem()  # type: ignore[assignment]
        several.start()
        log = several.partition()
        assert read_all(log) in ([*range(acknowledged)], [*range(acknowledged + 1)]), last_call
        for topic, index in several.store.unfinished_moves():
            now(several.store.resume_move(topic, index))
        now(several.store.carry_on_moves(Inline()))
        end = append(log, batch()).base_offset
        assert read_all(log) == [*range(end + 1)], last_call
        now(several.store.remove_deleted(2**62))
        assert len([each for found in several.homes().values() for each in found]) == 1, last_call
        assert [each for home in several.paths for each in home.glob("t-0.*")] == [], last_call
        several.kill()
