"""Opening a partition's directory.

Tidy up, trust what the recovery point covers, verify and cut what it does not.

A batch below the recovery point was synced to the disk, and so were the indexes as they were then. Anything
above may be torn: it is kept up to the first batch that is not whole, not in order, or whose CRC does not
hold; the rest of the log goes. With a recovery point at the log's end, as a clean stop leaves it, this reads
a few headers.
"""

import logging
import os
from collections.abc import Sequence

from crc32c import crc32c

from kbroker.config.topic import TopicConfig
from kbroker.storage.interfaces.background import Background
from kbroker.storage.log.batch_scan import BATCHES_A_PAUSE, StoredBatch, read_batch, scan
from kbroker.storage.log.environment import LogEnvironment
from kbroker.storage.log.segment import MAX_RELATIVE_OFFSET, Segment
from kbroker.storage.log.segment_names import (
    CLEANED_SUFFIX,
    DELETED_SUFFIX,
    INDEX_SUFFIX,
    LOG_SUFFIX,
    NAME_DIGITS,
    SUFFIXES,
    SWAP_SUFFIX,
    TIME_INDEX_SUFFIX,
    TXN_INDEX_SUFFIX,
)

_logger = logging.getLogger(__name__)
_CRC_AT, _CRC_FROM = 17, 21
_TEMPORARY_SUFFIX = ".tmp"
_INDEXES = (INDEX_SUFFIX, TIME_INDEX_SUFFIX)
_ALL_INDEXES = (*_INDEXES, TXN_INDEX_SUFFIX)


async def open_segments(  # noqa: PLR0917  all that they are opened with
    directory: str,
    config: TopicConfig,
    environment: LogEnvironment,
    recovery_point: int,
    compacted_to: int,
    background: Background,
) -> tuple[list[Segment], int]:
    """The segments of a directory, verified from `recovery_point` on, and the log's end offset.

    Raises OSError.

    The list is empty when there are no `.log` files; the end offset is then 0. Offsets may be missing between
    segments below `compacted_to`.
    """
    bases = _tidy(directory, environment)
    segments = [Segment.load(directory, base, config, environment) for base in bases]
    if not segments:
        return [], 0
    known = max(recovery_point, compacted_to)
    first = max(0, sum(base <= recovery_point for base in bases) - 1)
    end = segments[first].base_offset
    for number in range(first, len(segments)):
        segment = segments[number]
        end, cut = await _verify(segment, recovery_point, background)
        following = segments[number + 1 :]
        if cut and (segment.size or following or not config.preallocate):  # zeros were to be expected then
            _logger.warning("%s: cut %d bytes after offset %d", segment.path(LOG_SUFFIX), cut, end)
        if following and (cut or _does_not_follow(following[0].base_offset, end, known, config)):
            _drop(directory, following, config, environment)
            del segments[number + 1 :]
            break
        if following:
            segment.seal()
    return segments, end


def _does_not_follow(base_offset: int, end: int, known: int, config: TopicConfig) -> bool:
    """Whether a segment does not belong behind one that ends at `end`.

    A power cut may have taken that one's last batches: a gap, but one such as compaction leaves, too.
    """
    gap = end < base_offset and base_offset > known and "compact" not in config.cleanup_policy
    return gap or base_offset < end


def _drop(
    directory: str, segments: Sequence[Segment], config: TopicConfig, environment: LogEnvironment
) -> None:
    """Segments that don't follow what is there. They must not come back once there are others of their offsets."""
    for segment in segments:
        _logger.warning("%s: dropped, as it does not follow what comes before it", segment.path(LOG_SUFFIX))
        for path in segment.mark_deleted():
            environment.trash.add(path, config.file_delete_delay_ms)
    environment.files.sync_directory(directory)


def _tidy(directory: str, environment: LogEnvironment) -> list[int]:
    """Finish or undo what a crash interrupted; returns the base offsets of the segments there are."""
    names = os.listdir(directory)
    files = environment.files
    logs = {
        name[:NAME_DIGITS] for name in names if name[NAME_DIGITS:] in {LOG_SUFFIX, LOG_SUFFIX + SWAP_SUFFIX}
    }
    swapped = []
    for name in names:
        if name.endswith((DELETED_SUFFIX, CLEANED_SUFFIX, _TEMPORARY_SUFFIX)):
            files.unlink(f"{directory}/{name}")
        elif name.endswith(LOG_SUFFIX + SWAP_SUFFIX):
            swapped.append(name[:NAME_DIGITS])
        elif name[NAME_DIGITS:] in _ALL_INDEXES and name[:NAME_DIGITS] not in logs:
            files.unlink(f"{directory}/{name}")  # a new segment of that offset would take it for its own
    if any(name.endswith(SWAP_SUFFIX) for name in names):
        _finish_swap(directory, swapped, environment)
    return sorted(
        int(name[:NAME_DIGITS])
        for name in os.listdir(directory)
        if name.endswith(LOG_SUFFIX) and len(name) == NAME_DIGITS + len(LOG_SUFFIX)
    )


def _finish_swap(directory: str, swapped: list[str], environment: LogEnvironment) -> None:
    """Compacted segments were taking the place of others: see `cleaned_segment`."""
    files = environment.files
    for number in swapped:
        first, end = int(number), _end_of(f"{directory}/{number}{LOG_SUFFIX}{SWAP_SUFFIX}", int(number))
        names = os.listdir(directory)
        for name in names:
            digits, suffix = name[:NAME_DIGITS], name[NAME_DIGITS:]
            replaced = suffix in SUFFIXES and first < int(digits) < end
            # An old index is not the new segment's; that is rebuilt where its own one has been lost.
            stale = digits == number and suffix in _INDEXES and name + SWAP_SUFFIX not in names
            if replaced or stale:
                files.unlink(f"{directory}/{name}")
    swaps = [name for name in os.listdir(directory) if name.endswith(SWAP_SUFFIX)]
    for name in sorted(swaps, key=lambda name: name.endswith(LOG_SUFFIX + SWAP_SUFFIX)):
        if name[:NAME_DIGITS] in swapped:
            files.rename(f"{directory}/{name}", f"{directory}/{name.removesuffix(SWAP_SUFFIX)}")
        else:
            files.unlink(f"{directory}/{name}")


def _end_of(path: str, base_offset: int) -> int:
    end = base_offset
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        for batch in scan(descriptor, 0, os.fstat(descriptor).st_size):
            end = batch.last_offset + 1
    finally:
        os.close(descriptor)
    return end


async def _verify(segment: Segment, recovery_point: int, background: Background) -> tuple[int, int]:
    """Check a segment from the recovery point on.

    Returns the offset after its last batch, and the bytes cut off.
    """
    end = _clean_end(segment, recovery_point)
    if end is not None:
        return end, 0
    segment.forget_indexes()
    valid, end = 0, segment.base_offset
    most = segment.base_offset + MAX_RELATIVE_OFFSET
    with segment.reading() as descriptor:
        for number, batch in enumerate(scan(descriptor, 0, segment.size), 1):
            if not number % BATCHES_A_PAUSE:
                await background.pause()
            if not end <= batch.base_offset <= batch.last_offset <= most or (
                batch.last_offset >= recovery_point and not _crc_holds(descriptor, batch)
            ):
                break
            segment.note(batch.position, batch.size, batch.last_offset, batch.max_timestamp)
            end = batch.last_offset + 1
            valid = batch.position + batch.size
    cut = segment.size - valid
    if cut:
        segment.truncate(valid)
    return end, cut


def _clean_end(segment: Segment, recovery_point: int) -> int | None:
    """The end offset of a segment that lies wholly below the recovery point.

    None when it is not so, or unsure.
    """
    if not segment.size:
        return segment.base_offset
    indexed, start = segment.indexes[0].last_entry()
    segment.bytes_since_entry = 0
    descriptor = segment.open()
    end, position = segment.base_offset, 0
    for batch in scan(descriptor, start, segment.size):
        if batch.position == start and start and batch.base_offset - segment.base_offset > indexed:
            return None
        if not end <= batch.base_offset <= batch.last_offset <= segment.base_offset + MAX_RELATIVE_OFFSET:
            return None
        segment.note(batch.position, batch.size, batch.last_offset, batch.max_timestamp)
        end, position = batch.last_offset + 1, batch.position + batch.size
    if position != segment.size or end > recovery_point:
        return None
    first = next(scan(descriptor, 0, segment.size), None)
    if first is None:  # damaged, though what the index leads to is not
        return None
    segment.first_timestamp = first.max_timestamp
    return end


def _crc_holds(descriptor: int, batch: StoredBatch) -> bool:
    data = memoryview(read_batch(descriptor, batch))
    return crc32c(data[_CRC_FROM:]) == int.from_bytes(data[_CRC_AT:_CRC_FROM])
