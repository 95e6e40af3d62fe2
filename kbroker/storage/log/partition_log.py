"""One partition's log on local disk: `PartitionStore` over a list of segments."""

import logging
from collections.abc import Callable

from kbroker.config.topic import TopicConfig
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.protocol.records import BatchHeader, set_log_append_time, set_offset_and_epoch
from kbroker.state.producers import last_sequence_of
from kbroker.storage.interfaces import (
    AbortedTransaction,
    ActiveProducer,
    AppendResult,
    EpochEndOffset,
    OffsetAndTimestamp,
    ReadResult,
)
from kbroker.storage.log import producer_snapshot, time_search
from kbroker.storage.log.environment import LogEnvironment
from kbroker.storage.log.file_system import replace_file
from kbroker.storage.log.flush import FlushJob
from kbroker.storage.log.leader_epochs import LeaderEpochs
from kbroker.storage.log.recovery import open_segments
from kbroker.storage.log.replay import (
    aborted_between,
    aborted_entry,
    load_producers,
    read_marker,
    snapshot_offsets,
)
from kbroker.storage.log.retention import deletable
from kbroker.storage.log.segment import LOG_SUFFIX, BrokenSegmentError, Segment, file_name
from kbroker.storage.log.segment_list import SegmentList
from kbroker.storage.log.segment_search import batch_holding, batches_from, position_of, read_whole

_logger = logging.getLogger(__name__)
_TRANSACTIONAL = 0x10
_CONTROL = 0x20
_LOG_APPEND_TIME = 0x08
_POSITIONS_KEPT = 1024


class PartitionLog:
    """See `PartitionStore`. Nothing here suspends, so that each call is one step to every other task.

    An append is in the kernel's hands before it is acknowledged; what `flush.messages` and `flush.ms` ask for is synced.
    A write that fails is cut off again and answered KAFKA_STORAGE_ERROR; if not even that works, or a sync fails, the
    log serves nothing until it is opened anew, as nobody can tell what is on the disk.
    """

    def __init__(  # noqa: PLR0913 - all that a log is opened with
        self,
        directory: str,
        topic: str,
        topic_id: bytes,
        index: int,
        config: TopicConfig,
        environment: LogEnvironment,
        *,
        recovery_point: int = 0,
        log_start_offset: int = 0,
        log_start_moved: Callable[[], None] = lambda: None,
    ) -> None:
        """Open the log in `directory`, which must exist. `log_start_moved` is to persist `log_start_offset`.

        Raises OSError.
        """
        self.directory = directory
        self.topic = topic
        self.topic_id = topic_id
        self.index = index
        self.config = config
        self._environment = environment
        self._log_start_moved = log_start_moved
        self._failure: KafkaError | None = None
        self._positions: dict[int, int] = {}  # of the newest batches in the active segment, by base offset
        self._directory_changed = False

        segments, end = open_segments(directory, config, environment, recovery_point)
        if end < log_start_offset:  # all that could be read has been deleted, or lost
            for segment in segments:
                self._discard(segment)
            segments = []
        if not segments:
            end = log_start_offset
            segments = [Segment.create(directory, end, config, environment)]
            self._directory_changed = True
        self.segments = SegmentList(segments)
        self._end = end
        self._log_start = max(log_start_offset, segments[0].base_offset)
        self.recovery_point = min(recovery_point, end)
        self._flushed_ms = environment.clock.now_ms()
        self.producers = load_producers(directory, self.segments, self.recovery_point, end, environment)
        self._remove_snapshots()
        self.epochs = self._load_epochs()
        self._epoch = self.epochs.latest

    def _load_epochs(self) -> LeaderEpochs:
        epochs = LeaderEpochs(self.directory, self._environment.files)
        epochs.load()
        if epochs.latest < 0:
            for segment in self.segments:
                for batch in batches_from(segment, segment.base_offset):
                    epochs.assign(batch.leader_epoch, batch.base_offset)
        latest = epochs.latest
        epochs.truncate_end(self._end + 1)
        epochs.assign(max(latest, 0), self._end)
        return epochs

    # What is where ------------------------------------------------------------------------------------------------

    @property
    def log_start_offset(self) -> int:
        """First offset that can be read."""
        return self._log_start

    @property
    def high_watermark(self) -> int:
        """The log's end: there is one replica, so that what is written is committed."""
        return self._end

    @property
    def last_stable_offset(self) -> int:
        """First offset of the oldest open transaction, or the log's end."""
        unstable = self.producers.first_unstable_offset
        return self._end if unstable < 0 else unstable

    @property
    def leader_epoch(self) -> int:
        """Epoch that new batches are written in."""
        return self._epoch

    # Appending ----------------------------------------------------------------------------------------------------

    async def append(
        self, batch: memoryview, header: BatchHeader, log_append_time_ms: int = -1
    ) -> AppendResult:
        """See `PartitionStore.append`. A control batch is a transaction's marker."""
        if self._failure is not None:
            raise self._failure
        base = self._end
        delta = header.last_offset_delta
        last = base + delta
        producer_id = header.producer_id
        if producer_id >= 0:
            if header.attributes & _CONTROL:
                return self._append_marker(batch, header)
            sequence = header.base_sequence
            last_sequence = last_sequence_of(sequence, delta)
            transactional = bool(header.attributes & _TRANSACTIONAL)
            repeated = self.producers.check(
                producer_id, header.producer_epoch, sequence, last_sequence, transactional
            )
            if repeated is not None:
                return AppendResult(repeated.first_offset, repeated.timestamp, self._log_start, True)
        timestamp = header.max_timestamp
        if log_append_time_ms >= 0:
            if timestamp != log_append_time_ms or not header.attributes & _LOG_APPEND_TIME:
                set_log_append_time(batch, log_append_time_ms)
            timestamp = log_append_time_ms
        self._write(batch, last, timestamp)
        if producer_id >= 0:
            self.producers.record(
                producer_id,
                header.producer_epoch,
                sequence,
                last_sequence,
                base,
                last,
                timestamp,
                transactional,
            )
        if last + 1 - self.recovery_point >= self.config.flush_messages:
            self._flush_now()
        return AppendResult(base, log_append_time_ms, self._log_start, False)

    def _append_marker(self, batch: memoryview, header: BatchHeader) -> AppendResult:
        marker = read_marker(batch)
        if marker is None:
            raise KafkaError(ErrorCode.INVALID_RECORD, "control batch that ends no transaction")
        aborted, coordinator_epoch = marker
        self.producers.check_marker(header.producer_id, header.producer_epoch, coordinator_epoch)
        base = self._end
        self._write(batch, base + header.last_offset_delta, header.max_timestamp)
        ended = self.producers.record_marker(
            header.producer_id, header.producer_epoch, coordinator_epoch, base, header.max_timestamp, aborted
        )
        if ended is not None and ended.aborted:
            try:
                self.segments.active.append_aborted(aborted_entry(ended))
            except OSError as error:
                self._fail(error)
        if self._end - self.recovery_point >= self.config.flush_messages:
            self._flush_now()
        return AppendResult(base, -1, self._log_start, False)

    def _write(self, batch: memoryview, last_offset: int, timestamp: int) -> None:
        """Give a batch its offset and epoch, and write it. Raises KafkaError, the log then being as before."""
        base = self._end
        set_offset_and_epoch(batch, base, self._epoch)
        segment = self.segments.active
        size = len(batch)
        try:
            if segment.must_roll(size, last_offset, timestamp):
                segment = self.roll()
            position = segment.size
            segment.append(batch, last_offset, timestamp)
        except BrokenSegmentError as error:
            raise self._fail(error) from error
        except OSError as error:
            _logger.error("%s: %s", segment.path(LOG_SUFFIX), error.strerror)  # noqa: TRY400 - no trace is needed
            raise _storage_error(error) from error
        self._end = last_offset + 1
        positions = self._positions
        if len(positions) >= _POSITIONS_KEPT:
            positions.clear()
        positions[base] = position

    def roll(self) -> Segment:
        """Begin a new segment at the log's end. Raises OSError, the active segment then staying."""
        new = Segment.create(self.directory, self._end, self.config, self._environment)
        old = self.segments.active
        self.segments.append(new)
        self._positions.clear()
        self._directory_changed = True
        try:
            old.seal()
            self._save_snapshot()
        except OSError as error:  # both can be made again from the log
            _logger.warning("%s: %s", self.directory, error)
        return new

    def _fail(self, error: OSError) -> KafkaError:
        """Serve nothing from now on."""
        _logger.error("%s: closed after an error that leaves its state unknown: %s", self.directory, error)
        self._failure = _storage_error(error)
        return self._failure

    # Reading ------------------------------------------------------------------------------------------------------

    async def read(
        self, offset: int, max_bytes: int, *, committed: bool = False, at_least_one: bool = False
    ) -> ReadResult:
        """See `PartitionStore.read`. Gives batches of one segment at most."""
        if self._failure is not None:
            raise self._failure
        end = self._end
        if not self._log_start <= offset <= end:
            raise KafkaError(ErrorCode.OFFSET_OUT_OF_RANGE)
        upper = self.last_stable_offset if committed else end
        if offset >= upper:
            return ReadResult(b"", ())
        try:
            segment, start, limit = self._range(offset, upper)
            records = read_whole(segment, start, limit, max_bytes, at_least_one)
            aborted = (
                self._aborted(offset, upper, segment, start + len(records)) if committed and records else ()
            )
        except OSError as error:
            raise _storage_error(error) from error
        return ReadResult(records, aborted)

    def _range(self, offset: int, upper: int) -> tuple[Segment, int, int]:
        """Segment and position of the batch that holds `offset`, and where in that segment `upper` is."""
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
        if upper == self._end:
            limit = segment.size
        else:
            limit = self._positions.get(upper, -1) if segment is segments.active else -1
            if limit < 0:
                limit = position_of(segment, upper)
        return segment, start, limit

    def _aborted(
        self, offset: int, upper: int, segment: Segment, end_position: int
    ) -> list[AbortedTransaction]:
        """Aborted transactions among the offsets from `offset` up to what ends at a position of a segment."""
        following = self.segments.from_offset(segment.base_offset)
        if end_position < segment.size:
            upper = min(upper, self._offset_at(segment, offset, end_position))
        return [
            AbortedTransaction(entry.producer_id, entry.first_offset)
            for entry in aborted_between(following, offset, upper)
        ]

    def _offset_at(self, segment: Segment, offset: int, position: int) -> int:
        return next(
            (batch.base_offset for batch in batches_from(segment, offset) if batch.position >= position),
            self._end,
        )

    async def available_bytes(self, offset: int, limit: int, *, committed: bool = False) -> int:
        """See `PartitionStore.available_bytes`. Offsets that cannot be read give 0."""
        upper = self.last_stable_offset if committed else self._end
        if self._failure is not None or not self._log_start <= offset < upper:
            return 0
        try:
            segment, start, end = self._range(offset, upper)
            available = end - start
            if segment is not self.segments.active:
                for following in self.segments.from_offset(segment.base_offset)[1:]:
                    if available >= limit or following.base_offset >= upper:
                        break
                    available += following.size if upper == self._end else position_of(following, upper)
        except OSError as error:
            raise _storage_error(error) from error
        return min(available, limit)

    async def offset_for_timestamp(
        self, timestamp: int, *, committed: bool = False
    ) -> OffsetAndTimestamp | None:
        """See `PartitionStore.offset_for_timestamp`."""
        self._check()
        try:
            found = time_search.first_at_or_after(
                self.segments.from_offset(self._log_start), timestamp, self._log_start
            )
        except OSError as error:
            raise _storage_error(error) from error
        upper = self.last_stable_offset if committed else self._end
        return found if found is not None and found.offset < upper else None

    async def max_timestamp(self) -> OffsetAndTimestamp | None:
        """See `PartitionStore.max_timestamp`."""
        self._check()
        try:
            return time_search.latest(self.segments.from_offset(self._log_start))
        except OSError as error:
            raise _storage_error(error) from error

    async def offset_for_epoch(self, leader_epoch: int) -> EpochEndOffset:
        """See `PartitionStore.offset_for_epoch`."""
        return self.epochs.end_offset(leader_epoch, self._end)

    async def epoch_of(self, offset: int) -> int:
        """See `PartitionStore.epoch_of`."""
        return self._epoch if offset >= self._end else self.epochs.epoch_of(offset)

    async def active_producers(self) -> list[ActiveProducer]:
        """See `PartitionStore.active_producers`."""
        return [
            ActiveProducer(
                producer.producer_id,
                producer.epoch,
                producer.last_sequence,
                producer.last_timestamp,
                producer.coordinator_epoch,
                producer.txn_first_offset,
            )
            for producer in self.producers
        ]

    async def size_bytes(self) -> int:
        """See `PartitionStore.size_bytes`."""
        return sum(segment.size for segment in self.segments)

    def _check(self) -> None:
        if self._failure is not None:
            raise self._failure

    # Deleting -----------------------------------------------------------------------------------------------------

    async def delete_records(self, before_offset: int) -> int:
        """See `PartitionStore.delete_records`; -1 is the high watermark."""
        self._check()
        if before_offset == -1:
            before_offset = self._end
        if not 0 <= before_offset <= self._end:
            raise KafkaError(ErrorCode.OFFSET_OUT_OF_RANGE)
        if before_offset > self._log_start:
            self._log_start = before_offset
            self.epochs.truncate_start(before_offset)
            self._log_start_moved()
            self.enforce_retention(self._environment.clock.now_ms())
        return self._log_start

    def enforce_retention(self, now_ms: int) -> None:
        """Let go of what the config and the log start offset allow; forget idle producers. Raises OSError."""
        self.producers.expire(now_ms, self._environment.producer_id_expiration_ms)
        if self._failure is not None:
            return
        count = deletable(self.segments, self._log_start, self._end, now_ms)
        if not count:
            return
        if count == len(self.segments):
            self.roll()
        for segment in self.segments.swap(0, count, []):  # the oldest first: a crash leaves no hole
            self._discard(segment)
        self._log_start = max(self._log_start, self.segments[0].base_offset)
        self.epochs.truncate_start(self._log_start)
        self._remove_snapshots()

    def _discard(self, segment: Segment) -> None:
        due_ms = self._environment.clock.now_ms() + self.config.file_delete_delay_ms
        for path in segment.mark_deleted():
            self._environment.trash.add(path, due_ms)

    def detach(self) -> None:
        """The topic is gone: close the files and answer UNKNOWN_TOPIC_OR_PARTITION from now on."""
        self._failure = KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
        for segment in self.segments:
            segment.close_file()

    # Snapshots and syncing ----------------------------------------------------------------------------------------

    def _save_snapshot(self) -> None:
        """Write the producers down as they are at the log's end. Raises OSError."""
        path = f"{self.directory}/{file_name(self._end, producer_snapshot.SUFFIX)}"
        data = producer_snapshot.serialize(list(self.producers))
        replace_file(self._environment.files, path, data, durable=False)

    def _remove_snapshots(self) -> None:
        """Keep the newest snapshot, and those at the start of a segment."""
        bases = {segment.base_offset for segment in self.segments}
        for offset in snapshot_offsets(self.directory)[:-1]:
            if offset not in bases:
                self._environment.files.unlink(
                    f"{self.directory}/{file_name(offset, producer_snapshot.SUFFIX)}"
                )

    def flush_due(self, now_ms: int) -> bool:
        """Is there something that flush.ms asks to sync, or a segment that was completed and not synced yet?"""
        if self.recovery_point >= self._end or self._failure is not None:
            return False
        return (
            now_ms - self._flushed_ms >= self.config.flush_ms
            or self.recovery_point < self.segments.active.base_offset
        )

    def prepare_flush(self) -> FlushJob:
        """Write the indexes out and say what is to be synced. Raises OSError."""
        paths = []
        for segment in self.segments.from_offset(self.recovery_point):
            paths.append(segment.path(LOG_SUFFIX))
            paths.extend(segment.take_unsynced())
        directory = self.directory if self._directory_changed else None
        self._directory_changed = False
        return FlushJob(
            paths, directory, self._end, self._environment.files, self._flushed, self._sync_failed
        )

    def _flushed(self, recovery_point: int) -> None:
        self.recovery_point = max(self.recovery_point, recovery_point)
        self._flushed_ms = self._environment.clock.now_ms()

    def _sync_failed(self, error: OSError) -> None:
        self._fail(error)

    def _flush_now(self) -> None:
        try:
            self.prepare_flush().run()
        except OSError as error:
            raise _storage_error(error) from error

    def close(self) -> FlushJob | None:
        """Leave everything as a clean stop does, and close the files; what is left to do is to sync. Raises OSError."""
        job = None
        if self._failure is None:
            self.segments.active.seal()
            if self._end > max([self._log_start, *snapshot_offsets(self.directory)]):
                self._save_snapshot()
            if self.recovery_point < self._end or self._directory_changed:
                job = self.prepare_flush()
        self._failure = KafkaError(ErrorCode.KAFKA_STORAGE_ERROR, "the log is closed")
        for segment in self.segments:
            segment.close_file()
        return job


def _storage_error(error: OSError) -> KafkaError:
    return KafkaError(ErrorCode.KAFKA_STORAGE_ERROR, error.strerror)
