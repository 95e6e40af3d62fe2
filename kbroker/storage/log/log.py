"""One log on disk: its segments, what is in them, and how they come and go. Knows nothing of requests."""

import logging
import os
from collections.abc import Sequence

from kbroker.config.topic import TopicConfig
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.protocol.records import BatchHeader, set_offset_and_epoch
from kbroker.state.producers import Producers
from kbroker.storage.interfaces.background import Background
from kbroker.storage.log import producer_snapshot
from kbroker.storage.log.cleaned_segment import CleanedSegment
from kbroker.storage.log.environment import LogEnvironment
from kbroker.storage.log.file_system import replace_file
from kbroker.storage.log.flush import FlushJob
from kbroker.storage.log.page_cache import ColdRange, end_of_folio, is_cached
from kbroker.storage.log.recovery import open_segments
from kbroker.storage.log.replay import aborted_entry, load_producers, replay, snapshot_offsets
from kbroker.storage.log.retention import deletable, unreadable
from kbroker.storage.log.segment import BrokenSegmentError, Segment
from kbroker.storage.log.segment_list import SegmentList
from kbroker.storage.log.segment_names import LOG_SUFFIX, file_name
from kbroker.storage.log.segment_search import batch_holding, position_of

_logger = logging.getLogger(__name__)
_POSITIONS_KEPT = 1024
_IN_MEMORY = 1024 * 1024  # bytes written last, which the kernel will hardly have dropped


class Log:
    """Batches in the order of their offsets, from `start` up to `end`, and the producers that wrote them.

    A write that fails is cut off again, and the log goes on; if not even that works, or a sync fails,
    `failure` is set and the log is of no use until it is opened anew, as nobody can tell what is on the disk.
    """

    def __init__(
        self,
        directory: str,
        config: TopicConfig,
        environment: LogEnvironment,
        segments: Sequence[Segment],
        end: int,
    ) -> None:
        """Segments, of which there is one at least, and the offset after the last batch in them. See `open`."""
        self.directory = directory
        self.config = config
        self.environment = environment
        self.failure: tuple[ErrorCode, str | None] | None = None  # why nothing is served any more
        self._positions: dict[int, int] = {}  # of the newest batches in the active segment, by base offset
        self._changed_directories: list[str] = []  # to be synced with the log
        self.segments = SegmentList(segments)
        self.start = segments[0].base_offset
        self.end = end
        self.recovery_point = 0  # what lies below is synced
        self._flushed_ms = environment.clock.now_ms()
        self.producers = Producers()

    @classmethod
    async def open(
        cls,
        directory: str,
        config: TopicConfig,
        environment: LogEnvironment,
        *,
        recovery_point: int,
        start_offset: int,
        compacted_to: int = 0,
        background: Background,
    ) -> "Log":
        """Open the log in `directory`, which must exist, recovering what an unclean stop left.

        Suspends only where that takes long. Raises OSError.
        """
        segments, end = await open_segments(
            directory, config, environment, recovery_point, compacted_to, background
        )
        discarded: Sequence[Segment] = ()
        if end < start_offset:  # all that is there has been deleted by clients, or what followed was lost
            discarded, segments = segments, []
        created = not segments
        if created:
            end = start_offset
        if discarded:
            discard(discarded, config, environment)
        if created:
            segments = [Segment.create(directory, end, config, environment)]
        log = cls(directory, config, environment, segments, end)
        if created:
            log._changed_directories = [directory, os.path.dirname(directory)]
        log.start = max(start_offset, log.start)
        log.recovery_point = min(recovery_point, end)
        log.producers = await load_producers(
            directory, log.segments, log.recovery_point, end, environment, background
        )
        log._remove_snapshots()
        return log

    def write(self, batch: memoryview, last_offset: int, timestamp: int, leader_epoch: int) -> None:
        """Give a batch the offset at the end and its epoch, and write it.

        Raises KafkaError, nothing having changed.
        """
        base = self.end
        set_offset_and_epoch(batch, base, leader_epoch)
        segment = self.segments.active
        try:
            if segment.must_roll(len(batch), last_offset, timestamp):
                segment = self.roll()
            position = segment.size
            segment.append(batch, last_offset, timestamp)
        except BrokenSegmentError as error:
            raise self.fail(error) from error
        except OSError as error:
            raise self.storage_error(error) from error
        self.end = last_offset + 1
        positions = self._positions
        if len(positions) >= _POSITIONS_KEPT:
            positions.clear()
        positions[base] = position

    def copy(self, batch: memoryview, header: BatchHeader) -> None:
        """Append a batch of the same log elsewhere, as it is there. Raises OSError."""
        last_offset, timestamp = header.last_offset, header.max_timestamp
        segment = self.segments.active
        if segment.must_roll(len(batch), last_offset, timestamp):
            segment = self.roll()
        segment.append(batch, last_offset, timestamp)
        self.end = last_offset + 1
        if header.producer_id >= 0:
            ended = replay(header, batch, self.producers)
            if ended is not None and ended.aborted:
                segment.append_aborted(aborted_entry(ended))

    def start_over(self, offset: int) -> None:
        """Drop all there is, and go on at `offset`. Raises OSError."""
        self.end = offset
        self.roll()
        self._drop(len(self.segments) - 1)

    def first_batch_offset(self) -> int:
        """Where the batch begins that holds the start offset; the end offset if there is none. Raises OSError."""
        if self.start >= self.end:
            return self.end
        batch = batch_holding(self.find(self.start, self.end)[0], self.start)
        return self.end if batch is None else min(batch.base_offset, self.start)

    def moved_to(self, directory: str) -> None:
        """The directory has got another name."""
        self.directory = directory
        for segment in self.segments:
            segment.moved_to(directory)

    def roll(self) -> Segment:
        """Begin a new segment at the log's end. Raises OSError, the active segment then staying."""
        old = self.segments.active
        old.trim()
        new = Segment.create(self.directory, self.end, self.config, self.environment)
        self.segments.append(new)
        self._positions.clear()
        self._changed_directories.append(self.directory)
        try:
            old.seal()
            self.save_snapshot()
        except OSError as error:  # both can be made again from the log, and the next flush writes the indexes
            self.recovery_point = min(self.recovery_point, old.base_offset)
            _logger.warning("%s: %s", self.directory, error)
        return new

    def storage_error(self, error: OSError) -> KafkaError:
        """What a client is told when the disk fails, which is logged."""
        self.environment.failed(error)
        cause = f"{self.directory}: {error.strerror}"
        self.environment.limited_log.warning(cause, "%s", cause)
        return KafkaError(ErrorCode.KAFKA_STORAGE_ERROR, error.strerror)

    def fail(self, error: OSError) -> KafkaError:
        """Serve nothing from now on; returns what to answer."""
        self.environment.failed(error)
        _logger.error("%s: stopped, an error leaves its state unknown: %s", self.directory, error)
        self.failure = ErrorCode.KAFKA_STORAGE_ERROR, error.strerror
        return self.stopped()

    def stopped(self) -> KafkaError:
        """What to answer when `failure` is set: a new exception each time, as raising leaves traces in it."""
        code, message = self.failure or (ErrorCode.NONE, None)
        return KafkaError(code, message)

    def find(self, offset: int, upper: int) -> tuple[Segment, int, int]:
        """Where the batch that holds `offset` is: segment and position; and where in that segment `upper` is.

        `offset` is below `upper`, and that not above the end. Raises OSError.
        """
        segments = self.segments
        segment = segments.active
        start = self._positions.get(offset, -1)
        if start < 0:
            number = segments.number_holding(offset)
            segment = segments[number]
            start = position_of(segment, offset)
            while start >= segment.size and number + 1 < len(segments):  # what followed was compacted away
                number += 1
                segment = segments[number]
                start = 0
        return segment, start, self._limit(segment, upper)

    def cold_range(self, offset: int, max_bytes: int) -> ColdRange | None:
        """What of the log a read of `max_bytes` from `offset` on needs, if the disk must be waited for; else None.

        What was written last is not looked at, as it is in memory. Raises OSError.
        """
        segment = self.segments.active
        position = latest = self._positions.get(offset, -1)
        if position < 0:
            segment = self.segments[self.segments.number_holding(offset)]
            position, latest = segment.indexes[0].span(offset - segment.base_offset, segment.size)
        elif segment.size - position <= _IN_MEMORY:
            return None
        size = min(latest + max_bytes, segment.size) - position
        end = min(end_of_folio(position + size), segment.size)
        if is_cached(segment.open(), position, size, end):
            return None
        return ColdRange(segment.path(LOG_SUFFIX), position, end - position)

    def _limit(self, segment: Segment, upper: int) -> int:
        if upper == self.end:
            return segment.size
        if segment is self.segments.active and upper in self._positions:
            return self._positions[upper]
        return position_of(segment, upper)

    def bytes_between(self, offset: int, upper: int, enough: int) -> int:
        """Bytes of the batches from the one that holds `offset` up to `upper`, counted up to `enough`."""
        segment, start, limit = self.find(offset, upper)
        available = limit - start
        if segment is not self.segments.active:
            for following in self.segments.from_offset(segment.base_offset)[1:]:
                if available >= enough or following.base_offset >= upper:
                    break
                available += self._limit(following, upper)
        return min(available, enough)

    # Deleting

    def enforce_retention(self, now_ms: int) -> bool:
        """Let go of the segments that config and start offset allow.

        Returns whether there were any. Raises OSError.
        """
        return self._drop(deletable(self.segments, self.start, self.end, now_ms))

    def drop_unreadable(self) -> None:
        """Let go of the segments that lie below the start offset. Raises OSError."""
        self._drop(unreadable(self.segments, self.start, self.end))

    def _drop(self, count: int) -> bool:
        if not count:
            return False
        if count == len(self.segments):
            self.roll()
        for _ in range(count):
            self.start = max(self.start, self.segments[1].base_offset)
            discard([self.segments[0]], self.config, self.environment)
            self.segments.swap(0, 1, [])  # what could not be renamed stays for the next retention
        self._remove_snapshots()
        return True

    def replace(self, number: int, count: int, cleaned: CleanedSegment) -> None:
        """Put a compacted segment in the place of the `count` that it was made from, the first being `number`.

        Raises OSError, nothing having changed, or KafkaError, the log having failed: opening it completes this.
        """
        old = [self.segments[number + at] for at in range(count)]
        cleaned.prepare_swap()
        try:
            discard(old, self.config, self.environment)
            cleaned.swap()
            new = Segment.load(self.directory, old[0].base_offset, self.config, self.environment)
            self.segments.swap(number, count, [new])
            self._changed_directories.append(self.directory)
            self._remove_snapshots()
        except OSError as error:
            raise self.fail(error) from error

    # Snapshots and syncing

    def save_snapshot(self) -> None:
        """Write the producers down as they are at the log's end. Raises OSError."""
        path = f"{self.directory}/{file_name(self.end, producer_snapshot.SUFFIX)}"
        data = producer_snapshot.serialize(list(self.producers))
        replace_file(self.environment.files, path, data, durable=False)

    def _remove_snapshots(self) -> None:
        """Keep the newest snapshot, and those at the start of a segment."""
        bases = {segment.base_offset for segment in self.segments}
        for offset in snapshot_offsets(self.directory)[:-1]:
            if offset not in bases:
                path = f"{self.directory}/{file_name(offset, producer_snapshot.SUFFIX)}"
                self.environment.files.unlink(path)

    def flush_due(self, now_ms: int) -> bool:
        """Does flush.ms ask for a sync by now, or was a segment completed and not synced yet?"""
        if self.recovery_point >= self.end or self.failure is not None:
            return False
        since_ms = now_ms - self._flushed_ms  # below 0 if the clock was set back
        overdue = not 0 <= since_ms < self.config.flush_ms
        return overdue or self.recovery_point < self.segments.active.base_offset

    def prepare_flush(self) -> FlushJob:
        """Write the indexes out and say what is to be synced. Raises OSError."""
        segments = self.segments.from_offset(self.recovery_point)
        for segment in segments:
            segment.save_indexes()
        # Nothing raises from here on: what is taken now would be missing in the next job.
        paths = []
        for segment in segments:
            paths.append(segment.path(LOG_SUFFIX))
            paths.extend(segment.take_unsynced())
        directories = list(dict.fromkeys(self._changed_directories))
        self._changed_directories = []
        return FlushJob(
            paths, directories, self.end, self.environment.files, self._flushed, self._sync_failed
        )

    def _flushed(self, recovery_point: int) -> None:
        self.recovery_point = max(self.recovery_point, recovery_point)
        self._flushed_ms = self.environment.clock.now_ms()

    def _sync_failed(self, error: OSError) -> None:
        self.fail(error)

    def close(self) -> FlushJob | None:
        """Leave the files as a clean stop does, and close them.

        What is left to do is to sync. Raises OSError.
        """
        job = None
        if self.failure is None:
            self.segments.active.seal()
            if self.end > max([self.start, *snapshot_offsets(self.directory)]):
                self.save_snapshot()
            if self.recovery_point < self.end or self._changed_directories:
                job = self.prepare_flush()
        self.close_files()
        return job

    def close_files(self) -> None:
        """Give all descriptors back."""
        for segment in self.segments:
            segment.close_file()


def discard(segments: Sequence[Segment], config: TopicConfig, environment: LogEnvironment) -> None:
    """Rename at once, unlink later; the oldest first, so that a crash in between leaves no hole. Raises OSError."""
    for segment in segments:
        for path in segment.mark_deleted():
            environment.trash.add(path, config.file_delete_delay_ms)
