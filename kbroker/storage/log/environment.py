"""What all logs of a broker share."""

from attrs import define, field

from kbroker.clock import Clock
from kbroker.storage.log.file_system import FileSystem
from kbroker.storage.log.open_files import OpenFiles
from kbroker.storage.log.trash import Trash


@define
class LogEnvironment:
    """Passed to all that opens files. `producer_id_expiration_ms` is the broker config of that name."""

    clock: Clock
    files: FileSystem = field(factory=FileSystem)
    open_files: OpenFiles = field(factory=OpenFiles)
    producer_id_expiration_ms: int = 86_400_000
    trash: Trash = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Removals go through the same file system as everything else."""
        self.trash = Trash(self.files)
