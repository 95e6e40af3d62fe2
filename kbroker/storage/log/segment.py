"""One segment: a `.log` file of batches and the indexes beside it, named by their first offset."""

import logging
import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kbroker.config.topic import TopicConfig
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.storage.interfaces.file_region import OpenRegions
from kbroker.storage.log import txn_index
from kbroker.storage.log.batch_scan import scan
from kbroker.storage.log.environment import LogEnvironment
from kbroker.storage.log.file_system import replace_file, write_all
from kbroker.storage.log.offset_index import ENTRY_BYTES as OFFSET_ENTRY_BYTES
from kbroker.storage.log.offset_index import OffsetIndex
from kbroker.storage.log.segment_names import (
    DELETED_SUFFIX,
    INDEX_SUFFIX,
    LOG_SUFFIX,
    SUFFIXES,
    TIME_INDEX_SUFFIX,
    TXN_INDEX_SUFFIX,
    file_name,
)
from kbroker.storage.log.time_index import ENTRY_BYTES as TIME_ENTRY_BYTES
from kbroker.storage.log.time_index import TimeIndex
from kbroker.storage.log.txn_index import AbortedEntry

_logger = logging.getLogger(__name__)
MAX_RELATIVE_OFFSET = 2**31 - 1
_UNSAVED = -1


class BrokenSegmentError(OSError):
    """A write failed, and what it left in the file could not be cut off again."""


class Segment:
    """Offsets are absolute, positions are bytes into the `.log` file, times are ms since the epoch.

    The descriptor is opened when first used and may be closed between any two uses (`OpenFiles`); the indexes
    are read when first used, and written when the segment is flushed or sealed. A crash may cost them, as
    they can be rebuilt. Only the newest segment of a log is appended to.
    """

    __slots__ = (
        "_aborted", "_environment", "_indexes", "_preallocated", "_saved", "_saved_aborted", "_unsynced",
        "base_offset", "bytes_since_entry", "config", "created_ms", "descriptor", "directory", "first_timestamp",
        "max_timestamp", "max_timestamp_offset", "recently_used", "roll_jitter_ms", "size",
    )  # fmt: skip

    def __init__(
        self, directory: str, base_offset: int, config: TopicConfig, environment: LogEnvironment
    ) -> None:
        """A segment without content. `load` and `create` make one from, or with, files."""
        self.directory = directory
        self.base_offset = base_offset
        self.config = config
        self._environment = environment
        self.size = 0
        self.created_ms = 0
        self.descriptor = -1
        self.recently_used = False
        self._indexes: tuple[OffsetIndex, TimeIndex] | None = None
        self._aborted: list[AbortedEntry] | None = None
        self._saved_aborted = 0  # how many of them the file holds
        self._saved = (_UNSAVED, _UNSAVED)  # how many entries of each index its file holds
        self._unsynced: set[str] = set()  # index files written since the last sync
        self._preallocated = False
        self.first_timestamp = -1  # of the first batch, for rolling by time; -1 when not known
        self.max_timestamp = -1
        self.max_timestamp_offset = base_offset
        self.bytes_since_entry = 0
        jitter = min(config.segment_jitter_ms, config.segment_ms)
        self.roll_jitter_ms = random.randrange(jitter) if jitter > 0 else 0  # noqa: S311

    @classmethod
    def load(
        cls, directory: str, base_offset: int, config: TopicConfig, environment: LogEnvironment
    ) -> "Segment":
        """A segment whose files exist. Raises OSError."""
        segment = cls(directory, base_offset, config, environment)
        status = os.stat(segment.path(LOG_SUFFIX))
        segment.size = status.st_size
        segment.created_ms = status.st_mtime_ns // 1_000_000
        return segment

    @classmethod
    def create(
        cls, directory: str, base_offset: int, config: TopicConfig, environment: LogEnvironment
    ) -> "Segment":
        """A new segment, with its files. Raises OSError."""
        segment = cls(directory, base_offset, config, environment)
        segment.created_ms = environment.clock.now_ms()
        segment._indexes = OffsetIndex(), TimeIndex()
        segment._aborted = []
        segment.open()
        if config.preallocate:
            try:
                environment.files.allocate(segment.descriptor, config.segment_bytes)
            except OSError:  # a segment that isn't used must not be found by the next start
                segment.close_file()
                environment.files.unlink(segment.path(LOG_SUFFIX))
                raise
            segment._preallocated = True
        return segment

    def path(self, suffix: str) -> str:
        """Path of one of the segment's files."""
        return f"{self.directory}/{file_name(self.base_offset, suffix)}"

    def open(self) -> int:
        """The descriptor of the `.log` file, opening it if it is closed. Raises OSError."""
        if self.descriptor < 0:
            self.descriptor = self._environment.files.create(self.path(LOG_SUFFIX))
            self._environment.open_files.opened(self)
        self.recently_used = True
        return self.descriptor

    @property
    def open_regions(self) -> OpenRegions:
        """The count of files held open by what is on its way to clients."""
        return self._environment.open_files.regions

    @contextmanager
    def reading(self) -> Iterator[int]:
        """A descriptor for oneself, to be used over a time in which others may close the segment's. Raises OSError."""
        descriptor = os.open(self.path(LOG_SUFFIX), os.O_RDONLY | os.O_CLOEXEC)
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    def close_file(self) -> None:
        """Give the descriptor back; the next use opens the file again."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1
            self._environment.open_files.closed(self)

    # Indexes

    @property
    def indexes(self) -> tuple[OffsetIndex, TimeIndex]:
        """Offset and time index, read from their files the first time, or rebuilt if those cannot be used."""
        if self._indexes is None:
            offset_data, time_data = self._read(INDEX_SUFFIX), self._read(TIME_INDEX_SUFFIX)
            offsets, times = OffsetIndex.from_bytes(offset_data, self.size), TimeIndex.from_bytes(time_data)
            if offsets is None or times is None or (self.size and not len(times)):
                if offset_data and time_data:
                    _logger.warning("%s: its indexes are damaged, and made anew", self.path(LOG_SUFFIX))
                return self.rebuild_indexes()
            self._indexes = offsets, times
            self.max_timestamp = times.last_timestamp()
            self.max_timestamp_offset = self.base_offset + times.last_offset()
            self._saved = (  # a file with padding is to be replaced
                len(offsets) if offset_data == offsets.to_bytes() else _UNSAVED,
                len(times) if time_data == times.to_bytes() else _UNSAVED,
            )
        return self._indexes

    def _read(self, suffix: str) -> bytes | None:
        try:
            return Path(self.path(suffix)).read_bytes()
        except FileNotFoundError:
            return None

    def rebuild_indexes(self) -> tuple[OffsetIndex, TimeIndex]:
        """Make both indexes anew from the log, up to where a damaged offset can't be of this segment."""
        self.forget_indexes()
        for batch in scan(self.open(), 0, self.size):
            if not 0 <= batch.last_offset - self.base_offset <= MAX_RELATIVE_OFFSET:
                break
            self.note(batch.position, batch.size, batch.last_offset, batch.max_timestamp)
        return self.indexes

    def forget_indexes(self) -> None:
        """Start over with empty indexes; saving them will replace the files."""
        self._indexes = OffsetIndex(), TimeIndex()
        self._saved = (_UNSAVED, _UNSAVED)
        self.max_timestamp = -1
        self.max_timestamp_offset = self.base_offset
        self.bytes_since_entry = 0

    @property
    def aborted(self) -> list[AbortedEntry]:
        """Aborted transactions that ended in this segment, in the order of their markers."""
        if self._aborted is None:
            self._aborted = txn_index.parse(self._read(TXN_INDEX_SUFFIX) or b"")
            self._saved_aborted = len(self._aborted)
        return self._aborted

    @aborted.setter
    def aborted(self, entries: list[AbortedEntry]) -> None:
        """Replace them, in the file too. Raises OSError."""
        if entries != self.aborted:
            self._save(TXN_INDEX_SUFFIX, txn_index.serialize(entries), _UNSAVED)
        self._aborted = entries
        self._saved_aborted = len(entries)

    def save_indexes(self) -> None:
        """Bring the index files up to what is in memory. Raises OSError."""
        self._save_aborted()
        if self._indexes is None:
            return
        offsets, times = self._indexes
        saved_offsets, saved_times = self._saved
        # The time index first: entries that it has too many of are cut on opening, missing ones would not be
        # seen.
        if saved_times != len(times):
            self._save(TIME_INDEX_SUFFIX, times.to_bytes(max(saved_times, 0)), saved_times * TIME_ENTRY_BYTES)
        if saved_offsets != len(offsets):
            self._save(
                INDEX_SUFFIX, offsets.to_bytes(max(saved_offsets, 0)), saved_offsets * OFFSET_ENTRY_BYTES
            )
        self._saved = len(offsets), len(times)

    def take_unsynced(self) -> list[str]:
        """Paths of the index files that were written since the last call."""
        paths = sorted(self._unsynced)
        self._unsynced.clear()
        return paths

    def _save(self, suffix: str, data: bytes, position: int) -> None:
        files = self._environment.files
        self._unsynced.add(self.path(suffix))
        if position < 0:
            replace_file(files, self.path(suffix), data, durable=False)
        else:
            descriptor = files.create(self.path(suffix))
            try:
                write_all(files, descriptor, data, position)
            finally:
                os.close(descriptor)

    def seal(self) -> None:
        """No more appends.

        End the time index with the largest timestamp, which retention reads, and save both.

        Raises OSError.
        """
        if self.max_timestamp >= 0:
            self.indexes[1].append(self.max_timestamp, self.max_timestamp_offset - self.base_offset)
        self.trim()
        self.save_indexes()

    def trim(self) -> None:
        """Give back what was allocated and isn't used. Raises OSError."""
        if self._preallocated:
            self._environment.files.truncate(self.open(), self.size)
            self._preallocated = False

    def corrupt(self, position: int) -> KafkaError:
        """What to answer when there is no batch at a position, which is logged."""
        path = self.path(LOG_SUFFIX)
        self._environment.limited_log.warning(
            path, "%s: damaged, there is no batch at position %d", path, position
        )
        return KafkaError(ErrorCode.CORRUPT_MESSAGE, "the log is damaged")

    # Appending

    def must_roll(self, size: int, last_offset: int, timestamp: int) -> bool:
        """Does a batch of `size` bytes that ends at `last_offset` belong in a new segment?"""
        if last_offset - self.base_offset > MAX_RELATIVE_OFFSET:
            return True
        if not self.size:
            return False
        config = self.config
        if self.size > config.segment_bytes - size:
            return True
        if self.first_timestamp >= 0:
            waited_ms = timestamp - self.first_timestamp
        else:
            waited_ms = self._environment.clock.now_ms() - self.created_ms
        longest_ms = config.segment_ms
        if "compact" in config.cleanup_policy:
            longest_ms = min(longest_ms, config.max_compaction_lag_ms)  # only what is complete is compacted
        if waited_ms > longest_ms - self.roll_jitter_ms:
            return True
        offsets, times = self._indexes or self.indexes
        room = config.segment_index_bytes
        # Their arrays', as each append passes here.
        full = len(offsets.offsets) >= room // OFFSET_ENTRY_BYTES
        return full or len(times.offsets) >= room // TIME_ENTRY_BYTES - 1

    def append(self, batch: memoryview, last_offset: int, timestamp: int) -> None:
        """Write one batch at the end. Raises OSError, nothing having changed, or BrokenSegmentError."""
        position = self.size
        descriptor = self.descriptor if self.descriptor >= 0 else self.open()
        files = self._environment.files
        size = len(batch)
        try:
            written = files.write_at(descriptor, batch, position)
            if written != size:
                write_all(files, descriptor, batch[written:], position + written)
        except OSError as error:
            try:
                files.truncate(descriptor, position)
            except OSError as second:
                raise BrokenSegmentError(second.errno, second.strerror) from error
            raise
        self.recently_used = True
        self.size = position + size
        self.note(position, size, last_offset, timestamp)

    def note(self, position: int, size: int, last_offset: int, timestamp: int) -> None:
        """Account for a batch that is in the file: timestamps, and an index entry when one is due."""
        if position == 0:
            self.first_timestamp = timestamp
        if timestamp > self.max_timestamp:
            self.max_timestamp = timestamp
            self.max_timestamp_offset = last_offset
        if self.bytes_since_entry > self.config.index_interval_bytes:
            offsets, times = self.indexes
            offsets.append(last_offset - self.base_offset, position)
            times.append(self.max_timestamp, self.max_timestamp_offset - self.base_offset)
            self.bytes_since_entry = 0
        self.bytes_since_entry += size

    def truncate(self, size: int) -> None:
        """Cut the file to its first `size` bytes; index entries beyond are the caller's. Raises OSError."""
        self._environment.files.truncate(self.open(), size)
        self.size = size

    def append_aborted(self, entry: AbortedEntry) -> None:
        """Add an aborted transaction; it is saved with the indexes. Raises OSError if the file can't be read."""
        self.aborted.append(entry)

    def _save_aborted(self) -> None:
        entries, saved = self._aborted, self._saved_aborted
        if entries is not None and len(entries) > saved:
            self._save(TXN_INDEX_SUFFIX, txn_index.serialize(entries[saved:]), saved * txn_index.ENTRY_BYTES)
            self._saved_aborted = len(entries)

    def largest_timestamp(self) -> int:
        """Largest timestamp of its batches, or when the file last changed if they have none.

        Its age for retention.
        """
        _ = self._indexes or self.indexes
        if self.max_timestamp >= 0:
            return self.max_timestamp
        return os.stat(self.path(LOG_SUFFIX)).st_mtime_ns // 1_000_000

    # Moving and removal

    def moved_to(self, directory: str) -> None:
        """The directory has got another name."""
        self._unsynced = {directory + path.removeprefix(self.directory) for path in self._unsynced}
        self.directory = directory

    def mark_deleted(self) -> Iterator[str]:
        """Rename all files so that no opening finds them, telling the new path of each.

        Raises OSError; called again it goes on.
        """
        self.close_file()
        for suffix in SUFFIXES:
            path = self.path(suffix)
            try:
                self._environment.files.rename(path, path + DELETED_SUFFIX)
            except FileNotFoundError:
                continue
            yield path + DELETED_SUFFIX
