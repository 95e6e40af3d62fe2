"""What all logs of a directory share."""

from __future__ import annotations

import errno
import logging
from typing import TYPE_CHECKING

from attrs import define, field

from kbroker.config.broker_config import BrokerConfig
from kbroker.limited_log import LimitedLog
from kbroker.storage.log.file_system import FileSystem
from kbroker.storage.log.open_files import OpenFiles
from kbroker.storage.log.trash import Trash

if TYPE_CHECKING:
    from collections.abc import Callable

    from kbroker.clock import Clock
    from kbroker.config.typed_values import TypedValues

_logger = logging.getLogger(__name__)

# Errors that tell nothing about the disk being broken: they may pass, or are one file's.
_PASSING = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOENT}
)


@define
class LogEnvironment:
    """Passed to all that opens files. `settings` are the broker's, which may change at any time."""

    clock: Clock
    files: FileSystem = field(factory=FileSystem)
    open_files: OpenFiles = field(factory=OpenFiles)
    settings: TypedValues = field(factory=BrokerConfig.of)
    on_failure: Callable[[OSError], None] | None = None  # hears of I/O errors, where there is something to do
    limited_log: LimitedLog = field(factory=lambda: LimitedLog(_logger))  # what clients meet at each request
    trash: Trash = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Removals go through the same file system as everything else."""
        self.trash = Trash(self.files, self.clock)

    def failed(self, error: OSError) -> None:
        """The disk could not be read or written. What may pass is no reason to give a directory up."""
        if self.on_failure is not None and error.errno not in _PASSING:
            self.on_failure(error)

    @property
    def producer_id_expiration_ms(self) -> int:
        """How long a producer that writes nothing is remembered."""
        return self.settings.int("producer.id.expiration.ms")

    @property
    def cleaner_bytes_per_second(self) -> float:
        """How fast compaction may read; what it writes is less."""
        return self.settings.float("log.cleaner.io.max.bytes.per.second")

    @property
    def dedupe_buffer_bytes(self) -> int:
        """Memory that compaction may use for keys."""
        return self.settings.int("log.cleaner.dedupe.buffer.size")
