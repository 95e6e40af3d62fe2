"""Making a log durable, in two steps, so that the slow one can run in a thread beside appends."""

from collections.abc import Callable

from attrs import define

from kbroker.storage.log.file_system import FileSystem


@define
class FlushJob:
    """Sync `paths`, then tell `done`.

    All below `recovery_point` is on the disk. `failed` hears of an I/O error.
    """

    paths: list[str]
    directory: str | None  # to be synced too, when files were made in it
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
            if self.directory is not None:
                self.files.sync_directory(self.directory)
        except FileNotFoundError:
            pass
        except OSError as error:
            self.failed(error)
            raise
        self.done(self.recovery_point)
