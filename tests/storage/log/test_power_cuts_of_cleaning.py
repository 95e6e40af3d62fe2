"""The power goes while retention or compaction is at work."""

import pickle
import shutil
from itertools import count
from pathlib import Path

import pytest

from ..power_loss import Left, PowerLossFileSystem, some_cuts, write
from .conftest import Disk, UnsyncedFileSystem
from .test_crash_points_of_cleaning import CASES

SEEDS = 1


@pytest.mark.parametrize("case", CASES)
def test_retention_and_compaction_take_nothing_that_they_should_not(tmp_path: Path, case: str) -> None:
    """Before a cut everything had been synced, and afterwards a reader sees what was there before, or after."""
    prepare, work, seen_by, is_right, _ = CASES[case]
    disk = Disk(tmp_path / "live")
    disk.files = UnsyncedFileSystem()  # type: ignore[assignment]
    prepare(disk)
    before = seen_by(disk.partition())
    disk.stop()
    files = PowerLossFileSystem(disk.path)
    disk.files = files  # type: ignore[assignment]
    left: list[tuple[str, Left]] = []
    moments = count()
    log = disk.start()
    files.moment = lambda: left.extend((cut.name, files.left(cut)) for cut in some_cuts(next(moments), SEEDS))
    work(disk, log)
    after = seen_by(log)
    disk.stop()
    assert len(left) > 100
    states = {pickle.dumps(state): (name, state) for name, state in left}
    for number, (name, state) in enumerate(states.values()):
        write(state, tmp_path / str(number))
        found = Disk(tmp_path / str(number))
        found.settings, found.config = disk.settings, disk.config
        found.files = UnsyncedFileSystem()  # type: ignore[assignment]
        assert is_right(before, seen_by(found.start()), after), name
        found.kill()
        shutil.rmtree(found.path)
