"""Which transactions still have batches in a log, so that the markers of those that have none may go (KIP-534)."""

from collections.abc import Iterable

from kbroker.protocol.records import BatchHeader
from kbroker.storage.log.aborted_records import AbortedRecords
from kbroker.storage.log.replay import read_marker
from kbroker.storage.log.txn_index import AbortedEntry


class CleanedTransactions:
    """Is told of each batch of a log in the order of their offsets, whatever then becomes of it.

    So a marker outlives its transaction's last batch by one cleaning at least.
    """

    def __init__(self, entries: Iterable[AbortedEntry]) -> None:
        """The entries of all of the log's transaction indexes, in any order."""
        self.aborted = AbortedRecords(entries)
        self._met_aborted: set[tuple[int, int]] = set()  # producer id, offset of the marker
        self._met_committed: set[int] = set()  # producer ids, up to the marker

    def is_aborted(self, header: BatchHeader) -> bool:
        """A batch of records comes next: were they aborted?"""
        if not header.is_transactional:
            return False
        marker_offset = self.aborted.marker_of(header)
        if marker_offset is None:
            self._met_committed.add(header.producer_id)
            return False
        self._met_aborted.add((header.producer_id, marker_offset))
        return True

    def is_over(self, header: BatchHeader, batch: bytes) -> bool:
        """A control batch comes next: does it end a transaction of which no batch is there?"""
        if not header.record_count:
            return True  # has been cleaned away before
        marker = read_marker(batch)
        if marker is None:
            return False
        aborted, _ = marker
        if aborted:
            return (header.producer_id, header.base_offset) not in self._met_aborted
        met = header.producer_id in self._met_committed
        self._met_committed.discard(header.producer_id)
        return not met

    def still_aborted(self, entries: Iterable[AbortedEntry]) -> list[AbortedEntry]:
        """Of entries whose markers have come, those that hide something; each once, in the order of the markers."""
        met = {each for each in entries if (each.producer_id, each.last_offset) in self._met_aborted}
        return sorted(met, key=lambda each: each.last_offset)
