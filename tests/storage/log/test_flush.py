"""The slow half of making a log durable."""

from collections.abc import Callable

import pytest

from kbroker.storage.log.file_system import FileSystem
from kbroker.storage.log.flush import FlushJob


class Files(FileSystem):
    """Writes down what is synced; the paths in `errors` raise."""

    def __init__(self, **errors: OSError) -> None:
        self.errors = errors
        self.synced: list[str] = []

    def sync_file(self, path: str) -> None:
        if path in self.errors:
            raise self.errors[path]
        self.synced.append(path)

    sync_directory = sync_file


@pytest.fixture
def told() -> list[object]:
    return []


@pytest.fixture
def job(told: list[object]) -> Callable[[Files], FlushJob]:
    return lambda files: FlushJob(["a", "b"], ["d", "e"], 7, files, told.append, told.append)


def test_files_then_their_directory_are_synced_before_it_is_told(
    job: Callable[[Files], FlushJob], told: list[object]
) -> None:
    files = Files()
    job(files).run()
    assert (files.synced, told) == (["a", "b", "d", "e"], [7])


@pytest.mark.parametrize("gone", ["a", "b", "d", "e"])
def test_what_was_deleted_meanwhile_needs_no_sync(
    job: Callable[[Files], FlushJob], told: list[object], gone: str
) -> None:
    files = Files(**{gone: FileNotFoundError(2, "gone")})
    job(files).run()
    assert files.synced == [name for name in "abde" if name != gone]
    assert told == [7]


@pytest.mark.parametrize("broken", ["a", "b", "d", "e"])
def test_an_error_is_told_and_raised_and_nothing_counts_as_synced(
    job: Callable[[Files], FlushJob], told: list[object], broken: str
) -> None:
    error = OSError(5, "Input/output error")
    with pytest.raises(OSError, match="Input/output"):
        job(Files(**{broken: error})).run()
    assert told == [error]


def test_a_directory_in_which_nothing_was_made_is_left_alone(told: list[object]) -> None:
    files = Files()
    FlushJob(["a"], [], 7, files, told.append, told.append).run()
    assert files.synced == ["a"]
