"""Which logs are compacted, in which order, and how far each has been: Kafka's cleaner-offset-checkpoint."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING

from kbroker.protocol.errors import KafkaError
from kbroker.storage.log.checkpoints import CLEANER_OFFSETS, read_offsets, write_offsets

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kbroker.storage.interfaces.background import Background
    from kbroker.storage.log.cleanable import CleanableRange
    from kbroker.storage.log.environment import LogEnvironment
    from kbroker.storage.log.partition_log import PartitionLog

_logger = logging.getLogger(__name__)

Key = tuple[str, int]


class Cleaner:
    """Compacts the logs of one data directory, one at a time."""

    def __init__(self, path: str, environment: LogEnvironment) -> None:
        """Read how far each log had been compacted. Raises OSError."""
        self._path = f"{path}/{CLEANER_OFFSETS}"
        self._environment = environment
        self._offsets = read_offsets(self._path)
        self._stale = False  # the file does not say what is known here
        self._warned: set[Key] = set()

    def compacted_to(self, key: Key) -> int:
        """Offset up to which a log is compacted."""
        return self._offsets.get(key, 0)

    def set_compacted_to(self, key: Key, offset: int) -> None:
        """A log has come here that was compacted elsewhere."""
        self._offsets[key] = offset
        self._stale = True

    def forget(self, key: Key) -> None:
        """The log is gone, and another one may come by its name."""
        self._warned.discard(key)
        if self._offsets.pop(key, None) is not None:
            self._stale = True  # written by `clean` alone, which does so in a thread

    async def clean(
        self, partitions: Mapping[Key, PartitionLog], now_ms: int, background: Background
    ) -> None:
        """Compact the logs that are due, the dirtiest first. Raises OSError."""
        if self._stale:
            await self._save(background)
        due = []
        for key, partition in list(partitions.items()):
            await background.pause()
            cleanable = self._due(key, partition, now_ms)
            if cleanable is not None:
                due.append((cleanable.dirty_ratio, key, partition))
        due.sort(key=lambda each: each[0], reverse=True)
        for _, key, partition in due:
            while cleanable := self._due(key, partition, now_ms):
                if not await self._clean(key, partition, cleanable, now_ms, background):
                    break

    def _due(self, key: Key, partition: PartitionLog, now_ms: int) -> CleanableRange | None:
        if partition.log.failure is not None or "compact" not in partition.config.cleanup_policy:
            return None
        from kbroker.storage.log.cleanable import cleanable_range

        try:
            cleanable = cleanable_range(partition, self._offsets.get(key), now_ms)
        except OSError as error:
            self._environment.failed(error)
            self._warn(key, error)
            return None
        return cleanable if cleanable is not None and cleanable.due else None

    async def _clean(
        self,
        key: Key,
        partition: PartitionLog,
        cleanable: CleanableRange,
        now_ms: int,
        background: Background,
    ) -> bool:
        """Returns whether the log is compacted further than before."""
        from kbroker.storage.log.log_cleaning import UncleanableLogError, clean_log

        max_map_bytes = self._environment.dedupe_buffer_bytes
        try:
            cleaned = await clean_log(partition, cleanable, now_ms, max_map_bytes, background)
            if cleaned is None or partition.log.failure is not None:
                return False
            self._offsets[key], unreadable = cleaned
            if unreadable:
                self._warn(key, f"kept {unreadable} batches whose records cannot be read")
            await self._save(background)
        except FileNotFoundError:  # deleted meanwhile
            return False
        except (OSError, UncleanableLogError, KafkaError) as error:
            if isinstance(error, OSError):
                self._environment.failed(error)
            self._warn(key, error)
            return False
        return True

    async def _save(self, background: Background) -> None:
        self._stale = False
        offsets = dict(self._offsets)
        try:
            await background.run_blocking(
                partial(write_offsets, self._environment.files, self._path, offsets)
            )
        except BaseException:
            self._stale = True
            raise

    def _warn(self, key: Key, cause: object) -> None:
        """Log it once for each log: what cannot be compacted is met again at each try."""
        if key not in self._warned:
            self._warned.add(key)
            _logger.warning("%s-%d: compacting: %s", *key, cause)
