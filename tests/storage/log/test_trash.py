from pathlib import Path

import pytest

from kbroker.storage.log.file_system import FileSystem
from kbroker.storage.log.trash import Trash

from .conftest import FixedClock


@pytest.fixture
def clock() -> FixedClock:
    clock = FixedClock()
    clock.now = 0
    return clock


@pytest.fixture
def trash(clock: FixedClock) -> Trash:
    return Trash(FileSystem(), clock)


def test_files_and_directories_go_when_due(tmp_path: Path, trash: Trash) -> None:
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


def test_one_call_removes_no_more_than_is_quick(tmp_path: Path, trash: Trash) -> None:
    for number in range(300):
        (tmp_path / str(number)).write_text("")
        trash.add(str(tmp_path / str(number)))
    trash.remove_due(0)
    assert 0 < len(list(tmp_path.iterdir())) < 300
    trash.remove_due(0)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("added_ms", [5000, 1000], ids=["before", "after"])
def test_a_clock_that_is_set_back_changes_no_delay(
    tmp_path: Path, trash: Trash, clock: FixedClock, added_ms: int
) -> None:
    (tmp_path / "file").write_text("")
    trash.remove_due(5000)
    clock.now = added_ms
    trash.add(str(tmp_path / "file"), 60)
    trash.remove_due(1000)
    trash.remove_due(1059)
    assert (tmp_path / "file").exists()
    trash.remove_due(1060)
    assert list(tmp_path.iterdir()) == []
