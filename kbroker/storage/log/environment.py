"""What all logs of a broker share."""

from attrs import define, field

from kbroker.clock import Clock
from kbroker.storage.log.file_system import FileSystem
from kbroker.storage.log.open_files import OpenFiles


@define
class LogEnvironment:
    """Passed to everything that opens files. `producer_id_expiration_ms` is the broker config of that name."""

    clock: Clock
    files: FileSystem = field(factory=FileSystem)
    open_files: OpenFiles = field(factory=OpenFiles)
    producer_id_expiration_ms: int = 86_400_000
