"""Compacting one log: find the latest offset of each key, then rewrite the segments by that.

Everything may happen to the log at each pause; what was made is put in place only if the segments that it was
made from are still there. They are read through descriptors of their own, as retention may remove the files.
"""

import os
from collections.abc import Iterator, Sequence
from functools import partial

from kbroker.protocol.batch import parse_header
from kbroker.protocol.errors import KafkaError, ProtocolError
from kbroker.storage.interfaces.background import Background
from kbroker.storage.log.aborted_records import AbortedRecords
from kbroker.storage.log.batch_scan import read_batch, scan
from kbroker.storage.log.cleanable import CleanableRange
from kbroker.storage.log.cleaned_segment import CleanedSegment
from kbroker.storage.log.cleaned_transactions import CleanedTransactions
from kbroker.storage.log.compaction import Compaction, LastRecord, keys_of
from kbroker.storage.log.log import Log
from kbroker.storage.log.offset_map import OffsetMap
from kbroker.storage.log.partition_log import PartitionLog
from kbroker.storage.log.segment import MAX_RELATIVE_OFFSET, Segment
from kbroker.storage.log.segment_names import LOG_SUFFIX


class UncleanableLogError(Exception):
    """A segment holds what is no batch, so that rewriting it would lose what follows."""


async def clean_log(
    partition: PartitionLog,
    cleanable: CleanableRange,
    now_ms: int,
    max_map_bytes: int,
    background: Background,
) -> tuple[int, int] | None:
    """Compact the log up to the end of the range, or as far as the map's memory allows.

    Returns the offset up to which it now is compacted, and the number of unreadable batches that were kept.
    None when the log has changed meanwhile. Raises OSError, UncleanableLogError, KafkaError.
    """
    log = partition.log
    segments = list(log.segments)
    transactions = CleanedTransactions(entry for segment in segments for entry in segment.aborted)
    latest = OffsetMap(max_map_bytes, cleanable.first_dirty)
    for segment in (each for each in segments if each.base_offset < cleanable.end):
        await _map(log, segment, latest, transactions.aborted, background)
    end = cleanable.end if not latest.full else latest.end
    producers = {
        each.producer_id: LastRecord(each.batches[-1].last_offset if each.batches else -1, each.epoch)
        for each in log.producers
    }
    compaction = Compaction(latest, transactions, producers, now_ms, partition.config.delete_retention_ms)
    for group in _groups(
        [each for each in segments if each.base_offset < end], partition.config.segment_bytes
    ):
        if not await _rewrite(log, group, compaction, background):
            return None
    return end, compaction.unreadable


async def _map(
    log: Log,
    segment: Segment,
    latest: OffsetMap,
    aborted: AbortedRecords,
    background: Background,
) -> None:
    """Put the keys of a segment's dirty records into the map, until that is full."""
    with segment.reading() as descriptor:
        for batch in _batches(segment, descriptor, latest.end):
            await background.pause()
            await background.throttle(len(batch), log.environment.cleaner_bytes_per_second)
            if latest.full:
                return
            header = parse_header(batch)
            if not header.is_control and header not in aborted:
                try:
                    keys = await keys_of(batch, background)
                except (ProtocolError, KafkaError):
                    keys = []
                for key, offset in keys:
                    if offset >= latest.start:
                        latest.put(key, offset)
            latest.end = header.last_offset + 1


async def _rewrite(
    log: Log, group: Sequence[Segment], compaction: Compaction, background: Background
) -> bool:
    """Replace segments by a compacted one; False when the log has changed meanwhile."""
    cleaned = CleanedSegment(group[0], log.environment)
    changed = len(group) > 1
    try:
        for segment in group:
            with segment.reading() as descriptor:
                modified_ns = os.fstat(descriptor).st_mtime_ns
                for batch in _batches(segment, descriptor):
                    await background.pause()
                    await background.throttle(len(batch), log.environment.cleaner_bytes_per_second)
                    compacted = await compaction.apply(batch, background)
                    changed |= compacted is not batch
                    if compacted:
                        cleaned.append(compacted)
        if not changed:
            return True
        aborted = compaction.transactions.still_aborted(
            entry for segment in group for entry in segment.aborted
        )
        await background.run_blocking(partial(cleaned.finish, aborted, modified_ns))
        number = _number_of(group, log)
        if number is None:
            return False
        log.replace(number, len(group), cleaned)
        await background.run_blocking(partial(_sync_directory, log))
        return True
    finally:
        cleaned.discard()


def _groups(segments: Sequence[Segment], max_bytes: int) -> Iterator[list[Segment]]:
    """Neighbours that fit into one segment, by their bytes before compaction and by the range of offsets."""
    group: list[Segment] = []
    size = 0
    for number, segment in enumerate(segments):
        following = segments[number + 1 :][:1]
        span = (following[0].base_offset if following else segment.base_offset + 1) - 1
        if group and (size + segment.size > max_bytes or span - group[0].base_offset > MAX_RELATIVE_OFFSET):
            yield group
            group, size = [], 0
        group.append(segment)
        size += segment.size
    if group:
        yield group


def _number_of(group: Sequence[Segment], log: Log) -> int | None:
    """Where a group is in the log; None when it has changed, or is no longer to be compacted."""
    if log.failure is not None or "compact" not in log.config.cleanup_policy:
        return None
    segments = list(log.segments)
    if group[0] not in segments:
        return None
    number = segments.index(group[0])
    return number if segments[number : number + len(group)] == list(group) else None


def _batches(segment: Segment, descriptor: int, start_offset: int = 0) -> Iterator[bytes]:
    """Whole batches that don't end before `start_offset`. Raises UncleanableLogError."""
    position = 0
    for batch in scan(descriptor, 0, segment.size):
        position = batch.position + batch.size
        if batch.last_offset >= start_offset:
            yield read_batch(descriptor, batch)
    if position != segment.size:
        raise UncleanableLogError(f"{segment.path(LOG_SUFFIX)} holds no batch at position {position}")


def _sync_directory(log: Log) -> None:
    try:
        log.environment.files.sync_directory(log.directory)
    except FileNotFoundError:  # the topic has been deleted
        return
