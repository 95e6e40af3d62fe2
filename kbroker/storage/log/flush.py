"""Making a log durable, in two steps, so that the slow one can run in a thread beside appends."""

from collections.abc import Callable

from attrs import define

from kbroker.storage.log.file_system import FileSystem


@define
class FlushJob:
    """Sync `paths`, then `directories`, then tell `done`.

    All below `recovery_point` is on the disk. `failed` hears of an I/O error.
    """

    paths: list[str]
    directories: list[str]  # in which files were made
    recovery_point: int
    files: FileSystem
    done: Callable[[int], None]
    failed: Callable[[OSError], None]

    def run(self) -> None:
        """Blocks. Raises OSError after telling `failed`; what was deleted meanwhile needs no sync."""
        try:
            for path in self.paths:
                try:
                    self.files.sync_file(path)
                except FileNotFoundError:
                    continue
            for directory in self.directories:
                try:
                    self.files.sync_directory(directory)
                except FileNotFoundError:
                    continue
        except OSError as error:
            self.failed(error)
            raise
        self.done(self.recovery_point)
