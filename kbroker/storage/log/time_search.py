"""Finding records by timestamp.

Here alone are stored records decoded; ones that don't parse never stop a search.
"""

from collections.abc import Iterable, Iterator

from kbroker.protocol.errors import KafkaError, ProtocolError
from kbroker.protocol.records import records_of
from kbroker.storage.interfaces.logs import OffsetAndTimestamp
from kbroker.storage.log.batch_scan import StoredBatch, read_batch
from kbroker.storage.log.segment import Segment
from kbroker.storage.log.segment_search import batches_from

_LOG_APPEND_TIME = 0x08


def first_at_or_after(
    segments: Iterable[Segment], timestamp: int, start_offset: int
) -> OffsetAndTimestamp | None:
    """The first record from `start_offset` on that is not older than `timestamp`.

    For a batch whose records don't parse before that: its first offset and largest timestamp.
    """
    for segment in segments:
        _, times = segment.indexes
        if segment.max_timestamp < timestamp:
            continue
        near = max(segment.base_offset + times.offset_before(timestamp), start_offset)
        for batch in batches_from(segment, near):
            if batch.max_timestamp < timestamp or batch.last_offset < start_offset:
                continue
            try:
                for offset, recorded in _timestamps(segment, batch):
                    if recorded >= timestamp and offset >= start_offset:
                        return OffsetAndTimestamp(offset, recorded, batch.leader_epoch)
            except _NO_TIMES:
                offset = max(batch.base_offset, start_offset)
                return OffsetAndTimestamp(offset, batch.max_timestamp, batch.leader_epoch)
    return None


def latest(segments: Iterable[Segment]) -> OffsetAndTimestamp | None:
    """The first of the records with the largest timestamp; None when no record has one.

    For a batch whose records don't parse, and under LogAppendTime, as in Apache Kafka: its last offset.
    """
    best: Segment | None = None
    for segment in segments:
        _ = segment.indexes
        if segment.max_timestamp >= 0 and (best is None or segment.max_timestamp > best.max_timestamp):
            best = segment
    if best is None:
        return None
    for batch in batches_from(best, best.max_timestamp_offset):
        if batch.max_timestamp == best.max_timestamp:
            records = _timestamps(best, batch)
            exact = (offset for offset, recorded in records if recorded == batch.max_timestamp)
            try:
                offset = next(exact, batch.last_offset)
            except _NO_TIMES:
                offset = batch.last_offset
            return OffsetAndTimestamp(offset, batch.max_timestamp, batch.leader_epoch)
    return None


def _timestamps(segment: Segment, batch: StoredBatch) -> Iterator[tuple[int, int]]:
    """Offset and timestamp of each record, one by one: a batch of 1 MB may unpack to 30 million of them.

    Raises one of _NO_TIMES if all have the batch's, or when they don't parse.
    """
    if batch.attributes & _LOG_APPEND_TIME:
        raise _BatchTimeError
    for record in records_of(read_batch(segment.open(), batch)):
        yield record.offset, record.timestamp


class _BatchTimeError(Exception):
    """The batch alone has a time."""


_NO_TIMES = (_BatchTimeError, ProtocolError, KafkaError)
