"""Which batches of a log belong to transactions that were aborted, so that compaction may drop them."""

from bisect import bisect_right
from collections.abc import Iterable

from kbroker.protocol.records import BatchHeader
from kbroker.storage.log.txn_index import AbortedEntry


class AbortedRecords:
    """Made from the entries of all of a log's transaction indexes. One producer's transactions don't overlap."""

    def __init__(self, entries: Iterable[AbortedEntry]) -> None:
        """Entries in any order."""
        self._ranges: dict[int, list[tuple[int, int]]] = {}
        for entry in sorted(entries, key=lambda entry: entry.first_offset):
            ranges = self._ranges.setdefault(entry.producer_id, [])
            ranges.append((entry.first_offset, entry.last_offset))

    def __contains__(self, batch: BatchHeader) -> bool:
        """Whether the batch's records were aborted."""
        return self.marker_of(batch) is not None

    def marker_of(self, batch: BatchHeader) -> int | None:
        """Offset of the marker that aborted the batch's records; None if none did."""
        if not batch.is_transactional or batch.is_control:
            return None
        ranges = self._ranges.get(batch.producer_id, [])
        slot = bisect_right(ranges, batch.base_offset, key=lambda each: each[0])
        return ranges[slot - 1][1] if slot and batch.base_offset <= ranges[slot - 1][1] else None
