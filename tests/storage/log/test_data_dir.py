"""Whose a data directory is, and what refuses to start on it."""

import os
import shutil
from pathlib import Path

import pytest

from kbroker.storage.log import data_dir as module
from kbroker.storage.log.data_dir import CLEAN_SHUTDOWN, DataDir
from kbroker.storage.log.errors import StorageError
from kbroker.storage.log.file_system import FileSystem

from ..power_loss import PowerLossFileSystem, cuts


def test_new_directory_gets_ids_that_stay(tmp_path: Path) -> None:
    first = DataDir(tmp_path / "a" / "b")
    cluster_id = first.identify(3)
    assert len(cluster_id) == 22
    first.close()
    again = DataDir(tmp_path / "a" / "b")
    assert again.identify(3) == cluster_id
    text = (tmp_path / "a" / "b" / "meta.properties").read_text()
    assert f"cluster.id={cluster_id}\n" in text
    assert "node.id=3\nversion=1\n" in text
    again.close()


def test_a_directory_keeps_its_own_id(tmp_path: Path) -> None:
    """And one that was made without is given one."""
    data_dir = DataDir(tmp_path)
    data_dir.identify(3)
    made = data_dir.directory_id
    assert any(made)
    data_dir.close()
    data_dir = DataDir(tmp_path)
    data_dir.identify(3)
    assert data_dir.directory_id == made
    data_dir.close()

    properties = tmp_path / "meta.properties"
    without = [line for line in properties.read_text().splitlines() if "directory.id" not in line]
    properties.write_text("\n".join(without))
    found = []
    for _ in range(2):
        data_dir = DataDir(tmp_path)
        data_dir.identify(3)
        found.append(data_dir.directory_id)
        data_dir.close()
    assert found[0] == found[1] != made


@pytest.mark.parametrize("directory_id", ["short", "x" * 40, "%%%"])
def test_a_directory_id_that_is_none_is_refused(tmp_path: Path, directory_id: str) -> None:
    (tmp_path / "meta.properties").write_text(f"cluster.id=c\nnode.id=3\ndirectory.id={directory_id}\n")
    data_dir = DataDir(tmp_path)
    with pytest.raises(StorageError, match=r"is no directory\.id"):
        data_dir.identify(3)
    data_dir.close()


def test_two_brokers_cannot_hold_one_directory(tmp_path: Path) -> None:
    first = DataDir(tmp_path)
    with pytest.raises(StorageError, match="in use by another broker"):
        DataDir(tmp_path)
    first.close()
    DataDir(tmp_path).close()


def test_lock_of_a_process_that_died_is_free(tmp_path: Path) -> None:
    child = os.fork()
    if not child:
        DataDir(tmp_path)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    DataDir(tmp_path).close()


def test_lock_of_another_process_holds(tmp_path: Path) -> None:
    ready, tell = os.pipe()
    wait, finish = os.pipe()
    child = os.fork()
    if not child:
        DataDir(tmp_path)
        os.write(tell, b"x")
        os.read(wait, 1)
        os._exit(0)
    os.read(ready, 1)
    with pytest.raises(StorageError, match="in use by another broker"):
        DataDir(tmp_path)
    os.write(finish, b"x")
    os.waitpid(child, 0)
    for descriptor in (ready, tell, wait, finish):
        os.close(descriptor)


def test_another_nodes_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"belongs to node.id 1, and this broker's is 2"):
        identify_twice(tmp_path, (1, None), (2, None))


def test_another_clusters_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="belongs to cluster one, not to two"):
        identify_twice(tmp_path, (1, "one"), (1, "two"))


def identify_twice(path: Path, first: tuple[int, str | None], second: tuple[int, str | None]) -> None:
    data_dir = DataDir(path)
    try:
        data_dir.identify(*first)
        data_dir.identify(*second)
    finally:
        data_dir.close()


def test_newer_format_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "kbroker.format").write_text("2\n")
    (tmp_path / ".kafka_cleanshutdown").write_text("")
    with pytest.raises(StorageError, match=r"format version 2, written by a newer kbroker; .* up to 1"):
        DataDir(tmp_path)
    assert (tmp_path / ".kafka_cleanshutdown").exists()
    with pytest.raises(StorageError, match="format version 2"):
        DataDir(tmp_path)  # and the lock was given back


@pytest.mark.parametrize("content", ["", "one", "-1", "0"])
def test_format_that_makes_no_sense_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "kbroker.format").write_text(content)
    with pytest.raises(StorageError, match="format version"):
        DataDir(tmp_path)


def test_older_formats_are_migrated_step_by_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = []
    monkeypatch.setattr(module, "FORMAT_VERSION", 3)
    monkeypatch.setattr(module, "MIGRATIONS", {1: lambda _: steps.append(1), 2: lambda _: steps.append(2)})
    (tmp_path / "kbroker.format").write_text("1\n")
    DataDir(tmp_path).close()
    assert steps == [1, 2]
    assert (tmp_path / "kbroker.format").read_text() == "3\n"


def test_migration_goes_on_where_it_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "FORMAT_VERSION", 3)
    monkeypatch.setattr(module, "MIGRATIONS", {1: lambda _: None, 2: fail})
    (tmp_path / "kbroker.format").write_text("1\n")
    with pytest.raises(StorageError, match="No space left"):
        DataDir(tmp_path)
    assert (tmp_path / "kbroker.format").read_text() == "2\n"


def test_directory_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="is a file"):
        DataDir(tmp_path / "file")


@pytest.mark.skipif(os.geteuid() == 0 and not shutil.which("setpriv"), reason="root may write everywhere")
def test_directory_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    """In a child process without root's right to write everywhere."""
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o555)
    tmp_path.chmod(0o755)
    for parent in tmp_path.parents:
        if parent.stat().st_uid == os.geteuid() and parent != Path("/"):
            parent.chmod(parent.stat().st_mode | 0o055)
    child = os.fork()
    if not child:
        if os.geteuid() == 0:
            os.setuid(65534)
        try:
            DataDir(locked)
        except StorageError as error:
            os._exit(0 if "cannot be written" in str(error) else 2)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_clean_marker_is_seen_once(tmp_path: Path) -> None:
    data_dir = DataDir(tmp_path)
    assert not data_dir.clean
    data_dir.mark_clean()
    data_dir.close()
    data_dir = DataDir(tmp_path)
    assert data_dir.clean
    data_dir.close()
    data_dir = DataDir(tmp_path)
    assert not data_dir.clean
    data_dir.close()


def test_a_new_directory_is_there_after_a_power_cut(tmp_path: Path) -> None:
    synced: list[str] = []
    files = FileSystem()
    files.sync_directory = synced.append  # type: ignore[method-assign]
    DataDir(tmp_path / "a" / "b", files).close()
    assert synced[:2] == [str(tmp_path / "a"), str(tmp_path)]


def test_a_power_cut_does_not_bring_the_clean_marker_back(tmp_path: Path) -> None:
    directory = DataDir(tmp_path)
    directory.mark_clean()
    directory.close()
    files = PowerLossFileSystem(tmp_path)
    DataDir(tmp_path, files).close()
    assert all(CLEAN_SHUTDOWN not in files.left(cut) for cut in cuts(1))
