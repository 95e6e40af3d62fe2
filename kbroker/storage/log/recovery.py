"""Opening a partition's directory: tidy up, trust what the recovery point covers, verify and cut what it does not.

A batch below the recovery point was synced to the disk. Anything above may be torn: it is kept up to the first batch
that is not whole, not in order, or whose CRC does not hold; the rest of the log goes. With a recovery point at the log's
end, as a clean stop leaves it, this reads a few headers at most.
"""

import logging
import os

from crc32c import crc32c

from kbroker.config.topic import TopicConfig
from kbroker.storage.log.batch_scan import StoredBatch, read_batch, scan
from kbroker.storage.log.environment import LogEnvironment
from kbroker.storage.log.segment import DELETED_SUFFIX, LOG_SUFFIX, SUFFIXES, Segment

_logger = logging.getLogger(__name__)
_CRC_AT, _CRC_FROM = 17, 21
_NAME_DIGITS = 20


def open_segments(
    directory: str, config: TopicConfig, environment: LogEnvironment, recovery_point: int
) -> tuple[list[Segment], int]:
    """The segments of a directory, verified from `recovery_point` on, and the log's end offset. Raises OSError.

    The list is empty when there are no `.log` files; the end offset is then 0.
    """
    segments = _find_segments(directory, config, environment)
    if not segments:
        return [], 0
    first = max(0, sum(segment.base_offset <= recovery_point for segment in segments) - 1)
    end = segments[first].base_offset
    for number in range(first, len(segments)):
        segment = segments[number]
        end, cut = _verify(segment, recovery_point)
        if cut:
            _logger.warning(
                "%s: cut %d bytes that are no whole batches from %d on", segment.path(LOG_SUFFIX), cut, end
            )
            for lost in segments[number + 1 :]:
                _logger.warning("%s: dropped, it comes after a cut", lost.path(LOG_SUFFIX))
                _unlink_segment(lost, environment)
            del segments[number + 1 :]
            break
    return segments, end


def _find_segments(directory: str, config: TopicConfig, environment: LogEnvironment) -> list[Segment]:
    segments = []
    with os.scandir(directory) as entries:
        for entry in entries:
            name = entry.name
            if name.endswith((DELETED_SUFFIX, ".cleaned", ".tmp")):
                environment.files.unlink(entry.path)
            elif name.endswith(LOG_SUFFIX) and len(name) == _NAME_DIGITS + len(LOG_SUFFIX):
                status = entry.stat()
                segments.append(
                    Segment(
                        directory,
                        int(name[:_NAME_DIGITS]),
                        status.st_size,
                        status.st_mtime_ns // 1_000_000,
                        config,
                        environment.files,
                        environment.open_files,
                    )
                )
    segments.sort(key=lambda segment: segment.base_offset)
    return segments


def _unlink_segment(segment: Segment, environment: LogEnvironment) -> None:
    segment.close_file()
    for suffix in SUFFIXES:
        try:
            environment.files.unlink(segment.path(suffix))
        except FileNotFoundError:
            continue


def _verify(segment: Segment, recovery_point: int) -> tuple[int, int]:
    """Check a segment from the recovery point on and bring its indexes up to date.

    Returns the offset after its last batch, and how many bytes were cut off its end.
    """
    start = _trusted_start(segment, recovery_point)
    descriptor = segment.open()
    valid, end = start, segment.base_offset
    for batch in scan(descriptor, start, segment.size):
        if batch.base_offset < end or (
            batch.last_offset >= recovery_point and not _crc_holds(descriptor, batch)
        ):
            break
        segment.note(batch.position, batch.size, batch.last_offset, batch.max_timestamp)
        end = batch.last_offset + 1
        valid = batch.position + batch.size
    cut = segment.size - valid
    if cut:
        segment.files.truncate(descriptor, valid)
        segment.size = valid
    return end, cut


def _trusted_start(segment: Segment, recovery_point: int) -> int:
    """Position of an indexed batch below the recovery point to begin at, the indexes being cut back to it."""
    offsets, times = segment.indexes
    offsets.truncate(recovery_point - segment.base_offset)
    indexed, position = offsets.last_entry()
    first = next(scan(segment.open(), position, segment.size), None)
    if (
        not position
        or first is None
        or not 0 <= first.base_offset - segment.base_offset <= indexed
        or not len(times)
    ):
        segment.forget_indexes()
        return 0
    times.truncate(indexed + 1)
    segment.max_timestamp = times.last_timestamp()
    segment.max_timestamp_offset = segment.base_offset + times.last_offset()
    segment.saved_entries = (-1, -1)
    return position


def _crc_holds(descriptor: int, batch: StoredBatch) -> bool:
    data = memoryview(read_batch(descriptor, batch))
    return crc32c(data[_CRC_FROM:]) == int.from_bytes(data[_CRC_AT:_CRC_FROM])
