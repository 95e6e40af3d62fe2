from pathlib import Path

from kbroker.storage.log.file_system import FileSystem
from kbroker.storage.log.trash import Trash


def test_files_and_directories_go_when_due(tmp_path: Path) -> None:
    trash = Trash(FileSystem())
    (tmp_path / "directory").mkdir()
    (tmp_path / "directory" / "file").write_text("")
    (tmp_path / "file").write_text("")
    trash.add(str(tmp_path / "directory"), 20)
    trash.add(str(tmp_path / "file"), 10)
    trash.add(str(tmp_path / "gone"), 5)
    trash.remove_due(9)
    assert (tmp_path / "file").exists()
    trash.remove_due(10)
    assert [path.name for path in tmp_path.iterdir()] == ["directory"]
    trash.remove_due(20)
    assert list(tmp_path.iterdir()) == []
    assert len(trash) == 0


def test_one_call_removes_no_more_than_is_quick(tmp_path: Path) -> None:
    trash = Trash(FileSystem())
    for number in range(300):
        (tmp_path / str(number)).write_text("")
        trash.add(str(tmp_path / str(number)), 0)
    trash.remove_due(0)
    assert 0 < len(list(tmp_path.iterdir())) < 300
    trash.remove_due(0)
    assert list(tmp_path.iterdir()) == []


def test_a_clock_that_is_set_back_keeps_nothing_for_longer(tmp_path: Path) -> None:
    trash = Trash(FileSystem())
    (tmp_path / "file").write_text("")
    trash.remove_due(5000)
    trash.add(str(tmp_path / "file"), 5060)
    trash.remove_due(1000)
    trash.remove_due(1059)
    assert (tmp_path / "file").exists()
    trash.remove_due(1060)
    assert list(tmp_path.iterdir()) == []
