"""One segment: a `.log` file of batches and the two sparse indexes beside it, named by their first offset."""

import os

from kbroker.clock import Clock
from kbroker.config.topic import TopicConfig
from kbroker.storage.log.batch_scan import scan
from kbroker.storage.log.file_system import FileSystem, replace_file, write_all
from kbroker.storage.log.offset_index import ENTRY_BYTES as OFFSET_ENTRY_BYTES
from kbroker.storage.log.offset_index import OffsetIndex
from kbroker.storage.log.open_files import OpenFiles
from kbroker.storage.log.time_index import ENTRY_BYTES as TIME_ENTRY_BYTES
from kbroker.storage.log.time_index import TimeIndex

LOG_SUFFIX = ".log"
INDEX_SUFFIX = ".index"
TIME_INDEX_SUFFIX = ".timeindex"
TXN_INDEX_SUFFIX = ".txnindex"
DELETED_SUFFIX = ".deleted"
SUFFIXES = (LOG_SUFFIX, INDEX_SUFFIX, TIME_INDEX_SUFFIX, TXN_INDEX_SUFFIX)
MAX_RELATIVE_OFFSET = 2**31 - 1


def file_name(offset: int, suffix: str) -> str:
    """A segment's or snapshot's file name: 20 digits, so that names sort as offsets do."""
    return f"{offset:020d}{suffix}"


class Segment:
    """Offsets are absolute, positions are bytes into the `.log` file, times are ms since the epoch.

    The descriptor is opened when first used and may be closed between any two uses (`OpenFiles`). The indexes are
    loaded when first used. The caller appends to the newest segment only.
    """

    __slots__ = (
        "_indexes", "_open_files", "base_offset", "bytes_since_entry", "config", "created_ms", "descriptor", "directory",
        "files", "first_timestamp", "max_timestamp", "max_timestamp_offset", "recently_used", "roll_jitter_ms",
        "saved_entries", "size",
    )  # fmt: skip

    def __init__(
        self,
        directory: str,
        base_offset: int,
        size: int,
        created_ms: int,
        config: TopicConfig,
        files: FileSystem,
        open_files: OpenFiles,
    ) -> None:
        self.directory = directory
        self.config = config
        self.base_offset = base_offset
        self.size = size
        self.created_ms = created_ms
        self.files = files
        self._open_files = open_files
        self.descriptor = -1
        self.recently_used = False
        self._indexes: tuple[OffsetIndex, TimeIndex] | None = None
        self.saved_entries = (
            -1,
            -1,
        )  # entries of each index that its file already holds; -1: rewrite the file
        self.first_timestamp = -1  # of the first batch, for rolling by time; -1 when not known
        self.max_timestamp = -1
        self.max_timestamp_offset = base_offset
        self.bytes_since_entry = 0
        self.roll_jitter_ms = 0

    def path(self, suffix: str) -> str:
        """Path of one of the segment's files."""
        return f"{self.directory}/{file_name(self.base_offset, suffix)}"

    def open(self) -> int:
        """The descriptor of the `.log` file, opening it if it is closed. Raises OSError."""
        if self.descriptor < 0:
            self.descriptor = self.files.create(self.path(LOG_SUFFIX))
            self._open_files.opened(self)
        self.recently_used = True
        return self.descriptor

    def close_file(self) -> None:
        """Give the descriptor back; the next use opens the file again."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1
            self._open_files.closed(self)

    # Indexes ------------------------------------------------------------------------------------------------------

    @property
    def indexes(self) -> tuple[OffsetIndex, TimeIndex]:
        """Offset index and time index, read from their files the first time, or rebuilt if those cannot be used."""
        if self._indexes is None:
            offsets = OffsetIndex.from_bytes(self._read(INDEX_SUFFIX), self.size)
            times = TimeIndex.from_bytes(self._read(TIME_INDEX_SUFFIX))
            if offsets is None or times is None:
                return self.rebuild_indexes()
            self._indexes = offsets, times
            self.max_timestamp = times.last_timestamp()
            self.max_timestamp_offset = self.base_offset + times.last_offset()
            self.saved_entries = len(offsets), len(times)
        return self._indexes

    def _read(self, suffix: str) -> bytes | None:
        try:
            with open(self.path(suffix), "rb") as file:  # noqa: PTH123
                return file.read()
        except FileNotFoundError:
            return None

    def rebuild_indexes(self) -> tuple[OffsetIndex, TimeIndex]:
        """Make both indexes anew from the log."""
        self.forget_indexes()
        for batch in scan(self.open(), 0, self.size):
            self.note(batch.position, batch.size, batch.last_offset, batch.max_timestamp)
        return self.indexes

    def forget_indexes(self) -> None:
        """Start over with empty indexes; saving them will replace the files."""
        self._indexes = OffsetIndex(), TimeIndex()
        self.saved_entries = (-1, -1)
        self.max_timestamp = -1
        self.max_timestamp_offset = self.base_offset
        self.bytes_since_entry = 0

    def save_indexes(self) -> None:
        """Bring the index files up to what is in memory. Raises OSError."""
        if self._indexes is None:
            return
        offsets, times = self._indexes
        saved_offsets, saved_times = self.saved_entries
        self._save(INDEX_SUFFIX, offsets.to_bytes(max(saved_offsets, 0)), saved_offsets * OFFSET_ENTRY_BYTES)
        self._save(TIME_INDEX_SUFFIX, times.to_bytes(max(saved_times, 0)), saved_times * TIME_ENTRY_BYTES)
        self.saved_entries = len(offsets), len(times)

    def _save(self, suffix: str, data: bytes, position: int) -> None:
        if position < 0:
            replace_file(self.files, self.path(suffix), data, durable=False)
        elif data:
            descriptor = self.files.create(self.path(suffix))
            try:
                write_all(self.files, descriptor, data, position)
            finally:
                os.close(descriptor)

    def seal(self) -> None:
        """No more appends: close the time index with the largest timestamp, as retention reads it, and save both."""
        _, times = self.indexes
        if self.max_timestamp >= 0:
            times.append(self.max_timestamp, self.max_timestamp_offset - self.base_offset)
        self.save_indexes()
        self.trim()

    def trim(self) -> None:
        """Cut what was preallocated and not used."""
        if self.descriptor >= 0 and os.fstat(self.descriptor).st_size > self.size:
            self.files.truncate(self.descriptor, self.size)

    # Appending ----------------------------------------------------------------------------------------------------

    def must_roll(self, size: int, last_offset: int, timestamp: int, clock: Clock) -> bool:
        """Does a batch of `size` bytes, ending at `last_offset`, belong in a new segment?"""
        config = self.config
        if not self.size:
            return last_offset - self.base_offset > MAX_RELATIVE_OFFSET
        if self.size > config.segment_bytes - size or last_offset - self.base_offset > MAX_RELATIVE_OFFSET:
            return True
        waited = (
            timestamp - self.first_timestamp
            if self.first_timestamp >= 0
            else clock.now_ms() - self.created_ms
        )
        if waited > config.segment_ms - self.roll_jitter_ms:
            return True
        offsets, times = self._indexes or self.indexes
        room = config.segment_index_bytes
        return len(offsets) >= room // OFFSET_ENTRY_BYTES or len(times) >= room // TIME_ENTRY_BYTES - 1

    def append(self, batch: memoryview, last_offset: int, timestamp: int) -> None:
        """Write one batch at the end. Raises OSError, the file then being as it was before."""
        position = self.size
        descriptor = self.descriptor if self.descriptor >= 0 else self.open()
        size = len(batch)
        try:
            written = self.files.write_at(descriptor, batch, position)
            if written != size:
                write_all(self.files, descriptor, batch[written:], position + written)
        except OSError:
            self.files.truncate(descriptor, position)
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
