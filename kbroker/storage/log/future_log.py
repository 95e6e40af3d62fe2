"""The copy of a partition that moves to another directory, until it takes the place of the log (KIP-113).

It is read from the log beside everything that goes on there, and is behind it as a follower would be.
"""

from collections.abc import Callable

from kbroker.protocol.records import iter_batches
from kbroker.storage.interfaces.background import Background
from kbroker.storage.log.environment import LogEnvironment
from kbroker.storage.log.log import Log
from kbroker.storage.log.partition_log import PartitionLog
from kbroker.storage.log.segment_search import read_batches

_CHUNK_BYTES = 1 << 20
_BATCHES_A_PAUSE = 64


class FutureLog:
    """Batches keep their offsets and epochs. What was deleted from the log meanwhile goes when this one takes over."""

    def __init__(self, partition: PartitionLog, log: Log) -> None:
        """Use `open`."""
        self._partition = partition
        self.log = log

    @classmethod
    async def open(
        cls, partition: PartitionLog, directory: str, environment: LogEnvironment, background: Background
    ) -> "FutureLog":
        """Begin a copy in `directory`, in which there are no segments. Raises OSError."""
        log = await Log.open(
            directory,
            partition.config,
            environment,
            recovery_point=0,
            start_offset=partition.log.first_batch_offset(),
            background=background,
        )
        return cls(partition, log)

    @property
    def size_bytes(self) -> int:
        """Bytes of batches copied."""
        return sum(segment.size for segment in self.log.segments)

    @property
    def lag(self) -> int:
        """How many offsets the copy is behind the log."""
        return self._partition.log.end - self.log.end

    async def catch_up(
        self, background: Background, wanted: Callable[[], bool], bytes_per_second: Callable[[], float]
    ) -> None:
        """Copy, and sync what was copied, until hardly anything is missing or `wanted` says no.

        Raises OSError, KafkaError.
        """
        while wanted():
            copied = 0
            while self.lag and wanted():
                size = await self._copy(background)
                copied += size
                await background.throttle(size, bytes_per_second())
            await background.run_blocking(self.log.prepare_flush().run)
            if copied <= _CHUNK_BYTES:
                return

    async def _copy(self, background: Background) -> int:
        """Copy up to a chunk; returns its size."""
        data = self._read()
        for number, (header, batch) in enumerate(iter_batches(data), 1):
            self.log.copy(batch, header)
            if not number % _BATCHES_A_PAUSE:
                await background.pause()
        await background.pause()
        return len(data)

    def copy_rest(self) -> None:
        """Copy what is missing in one go. Raises OSError, KafkaError."""
        while self.lag:
            for header, batch in iter_batches(self._read()):
                self.log.copy(batch, header)

    def _read(self) -> bytes:
        source, log = self._partition.log, self.log
        if source.failure is not None:
            raise source.stopped()
        if log.end < source.start:  # deleted before it was copied
            log.start_over(source.first_batch_offset())
        if not self.lag:
            return b""
        segment, position, limit = source.find(max(log.end, source.start), source.end)
        data = read_batches(segment, position, limit, _CHUNK_BYTES, at_least_one=True)
        if not data:  # compacted away up to the end
            log.start_over(source.end)
        return data
