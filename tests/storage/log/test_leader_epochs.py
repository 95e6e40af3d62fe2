from pathlib import Path

import pytest

from kbroker.storage.interfaces.logs import EpochEndOffset
from kbroker.storage.log.file_system import FileSystem
from kbroker.storage.log.leader_epochs import LeaderEpochs


@pytest.fixture
def epochs(tmp_path: Path) -> LeaderEpochs:
    epochs = LeaderEpochs(str(tmp_path), FileSystem())
    for epoch, start in ((0, 0), (2, 10), (5, 20)):
        epochs.assign(epoch, start)
    return epochs


def test_file_is_kafkas_and_is_read_again(epochs: LeaderEpochs, tmp_path: Path) -> None:
    assert (tmp_path / "leader-epoch-checkpoint").read_text() == "0\n3\n0 0\n2 10\n5 20\n"
    again = LeaderEpochs(str(tmp_path), FileSystem())
    again.load()
    assert again.latest == 5
    assert again.epoch_of(15) == 2


@pytest.mark.parametrize(
    "content",
    [
        "",
        "0\n1\n",
        "1\n0\n",
        "0\n1\nx y\n",
        "0\n1\n99999999999 0\n",
        "0\n1\n1 -1\n",
        "0\n2\n1 5\n0 9\n",
        "0\n2\n0 5\n1 5\n",
    ],
)
def test_damaged_file_counts_as_empty(tmp_path: Path, content: str) -> None:
    (tmp_path / "leader-epoch-checkpoint").write_text(content)
    epochs = LeaderEpochs(str(tmp_path), FileSystem())
    epochs.load()
    assert epochs.latest == -1


@pytest.mark.parametrize(
    ("asked", "answer"),
    [(-1, (-1, -1)), (0, (0, 10)), (1, (0, 10)), (2, (2, 20)), (4, (2, 20)), (5, (5, 33)), (6, (-1, -1))],
)
def test_end_of_an_epoch(epochs: LeaderEpochs, asked: int, answer: tuple[int, int]) -> None:
    assert epochs.end_offset(asked, 33) == EpochEndOffset(*answer)


def test_epoch_before_the_first_ends_where_the_first_begins(epochs: LeaderEpochs) -> None:
    epochs.truncate_start(12)
    assert epochs.end_offset(1, 33) == EpochEndOffset(1, 12)


def test_epochs_that_are_not_newer_change_nothing(epochs: LeaderEpochs) -> None:
    epochs.assign(5, 30)
    epochs.assign(3, 30)
    assert epochs.epoch_of(30) == 5
    assert epochs.epoch_of(19) == 2


def test_epoch_that_replaces_empty_ones(epochs: LeaderEpochs) -> None:
    epochs.assign(7, 20)
    assert epochs.end_offset(5, 33) == EpochEndOffset(2, 20)


def test_truncating_both_ends(epochs: LeaderEpochs, tmp_path: Path) -> None:
    epochs.truncate_end(20)
    epochs.truncate_start(4)
    assert (tmp_path / "leader-epoch-checkpoint").read_text() == "0\n2\n0 4\n2 10\n"
    epochs.truncate_start(10)
    assert (tmp_path / "leader-epoch-checkpoint").read_text() == "0\n1\n2 10\n"
