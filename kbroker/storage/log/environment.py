"""What all logs of a broker share."""

from attrs import define, field

from kbroker.clock import Clock
from kbroker.config.broker_config import BrokerConfig
from kbroker.config.typed_values import TypedValues
from kbroker.storage.log.file_system import FileSystem
from kbroker.storage.log.open_files import OpenFiles
from kbroker.storage.log.trash import Trash


@define
class LogEnvironment:
    """Passed to all that opens files. `settings` are the broker's, which may change at any time."""

    clock: Clock
    files: FileSystem = field(factory=FileSystem)
    open_files: OpenFiles = field(factory=OpenFiles)
    settings: TypedValues = field(factory=BrokerConfig.of)
    trash: Trash = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Removals go through the same file system as everything else."""
        self.trash = Trash(self.files)

    @property
    def producer_id_expiration_ms(self) -> int:
        """How long a producer that writes nothing is remembered."""
        return self.settings.int("producer.id.expiration.ms")

    @property
    def dedupe_buffer_bytes(self) -> int:
        """Memory that compaction may use for keys."""
        return self.settings.int("log.cleaner.dedupe.buffer.size")
