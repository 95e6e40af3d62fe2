"""A segment that compaction makes, under another name until it takes the place of those it was made from.

Its files are `.cleaned` while they are written. Made durable, they are renamed to `.swap`, the `.log` file last:
from then on a crash does not undo the change, opening the log completes it (`recovery`). Then the old files make
room, and the new ones get their names, `.log` last again, so that as long as there is a `.log.swap` the others
belong to it.
"""

import os
from collections.abc import Sequence

from kbroker.protocol.records import parse_header
from kbroker.storage.interfaces.logs import Buffer
from kbroker.storage.log import txn_index
from kbroker.storage.log.environment import LogEnvironment
from kbroker.storage.log.file_system import write_all
from kbroker.storage.log.segment import Segment
from kbroker.storage.log.segment_names import (
    CLEANED_SUFFIX,
    INDEX_SUFFIX,
    LOG_SUFFIX,
    SWAP_SUFFIX,
    TIME_INDEX_SUFFIX,
    TXN_INDEX_SUFFIX,
)
from kbroker.storage.log.txn_index import AbortedEntry


class CleanedSegment:
    """Appended to batch by batch, then `finish`, then `prepare_swap` and `swap`, or `discard`."""

    def __init__(self, first: Segment, environment: LogEnvironment) -> None:
        """Begin a segment at the base offset of `first`. Raises OSError."""
        self._files = environment.files
        self._segment = Segment(first.directory, first.base_offset, first.config, environment)
        self._segment.forget_indexes()
        self._suffixes: list[str] = [LOG_SUFFIX]
        self._descriptor = self._create(LOG_SUFFIX)

    def _create(self, suffix: str) -> int:
        descriptor = self._files.create(self._segment.path(suffix) + CLEANED_SUFFIX)
        self._files.truncate(descriptor, 0)
        return descriptor

    def append(self, batch: Buffer) -> None:
        """Add a batch, indexing it. Raises OSError."""
        segment = self._segment
        header = parse_header(batch)
        write_all(self._files, self._descriptor, batch, segment.size)
        segment.note(segment.size, len(batch), header.last_offset, header.max_timestamp)
        segment.size += len(batch)

    def finish(self, aborted: Sequence[AbortedEntry], modified_ns: int) -> None:
        """Write the indexes, and make it all durable. Blocks; nothing else is changed meanwhile. Raises OSError.

        `modified_ns`: retention goes by a segment's file where records have no timestamps.
        """
        segment = self._segment
        offsets, times = segment.indexes
        if segment.max_timestamp >= 0:
            times.append(segment.max_timestamp, segment.max_timestamp_offset - segment.base_offset)
        self._write(INDEX_SUFFIX, offsets.to_bytes())
        self._write(TIME_INDEX_SUFFIX, times.to_bytes())
        if aborted:
            self._write(TXN_INDEX_SUFFIX, txn_index.serialize(list(aborted)))
        self._files.sync(self._descriptor)
        self._files.set_times(self._descriptor, ns=(modified_ns, modified_ns))

    def _write(self, suffix: str, data: bytes) -> None:
        self._suffixes.insert(-1, suffix)
        descriptor = self._create(suffix)
        try:
            write_all(self._files, descriptor, data, 0)
            self._files.sync(descriptor)
        finally:
            os.close(descriptor)

    def prepare_swap(self) -> None:
        """From here on the old segments are history. Raises OSError."""
        self._rename(CLEANED_SUFFIX, SWAP_SUFFIX)

    def swap(self) -> None:
        """Take the names of the old segments' files, which are out of the way. Raises OSError."""
        self._rename(SWAP_SUFFIX, "")

    def _rename(self, old: str, new: str) -> None:
        for suffix in self._suffixes:
            path = self._segment.path(suffix)
            self._files.rename(path + old, path + new)

    def discard(self) -> None:
        """Remove what has not become part of the log, and close the file. Raises OSError."""
        os.close(self._descriptor)
        for suffix in self._suffixes:
            try:
                self._files.unlink(self._segment.path(suffix) + CLEANED_SUFFIX)
            except FileNotFoundError:
                continue
