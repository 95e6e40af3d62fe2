"""A partition on local disk: `PartitionStore` over a `Log`."""

from collections.abc import Callable, Sequence
from functools import partial

from kbroker.config.topic import TopicConfig
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.protocol.records import BatchHeader, parse_header, set_log_append_time
from kbroker.state.producers import Producers, last_sequence_of
from kbroker.storage.interfaces.background import AT_ONCE, Background
from kbroker.storage.interfaces.file_region import FileRegion
from kbroker.storage.interfaces.logs import (
    AbortedTransaction,
    ActiveProducer,
    AppendResult,
    EpochEndOffset,
    OffsetAndTimestamp,
    ReadResult,
    RunBlocking,
)
from kbroker.storage.log import time_search
from kbroker.storage.log.batch_scan import BATCHES_A_PAUSE, scan
from kbroker.storage.log.environment import LogEnvironment
from kbroker.storage.log.flush import FlushJob
from kbroker.storage.log.leader_epochs import LeaderEpochs
from kbroker.storage.log.log import Log
from kbroker.storage.log.page_cache import ColdRange
from kbroker.storage.log.replay import aborted_between, aborted_entry, read_marker
from kbroker.storage.log.segment import Segment
from kbroker.storage.log.segment_search import batches_to_send, first_offset_from, read_batches

_LOG_APPEND_TIME, _TRANSACTIONAL = 0x08, 0x10
_STRICT_MARKERS_SINCE = 2  # transaction version
_HIGH_WATERMARK = -1  # in place of the offset to delete records before

ReadBatches = Callable[[Segment, int, int, int, bool], bytes | FileRegion]


class PartitionLog:
    """See `PartitionStore`. Each call is one step to every other task: nothing suspends but opening, and `read_to_send`
    before it begins.

    There is one replica, so that the high watermark is the log's end. An append is in the kernel's hands
    before it is acknowledged, and on the disk if `flush.messages` asks for that.
    """

    def __init__(  # noqa: PLR0917  all that a partition is
        self,
        topic: str,
        topic_id: bytes,
        index: int,
        config: TopicConfig,
        log: Log,
        epochs: LeaderEpochs,
        log_start_moved: Callable[[], None],
    ) -> None:
        """See `open`."""
        self.topic = topic
        self.topic_id = topic_id
        self.index = index
        self.config = config
        self.log = log
        self.epochs = epochs
        self._epoch = epochs.latest
        self._log_start_moved = log_start_moved

    @classmethod
    async def open(  # noqa: PLR0917  all that a partition is opened with
        cls,
        directory: str,
        topic: str,
        topic_id: bytes,
        index: int,
        config: TopicConfig,
        environment: LogEnvironment,
        *,
        recovery_point: int = 0,
        log_start_offset: int = 0,
        compacted_to: int = 0,
        log_start_moved: Callable[[], None] = lambda: None,
        background: Background = AT_ONCE,
    ) -> "PartitionLog":
        """Open the log in `directory`, which must exist. `log_start_moved` has to persist `log_start_offset`.

        Raises OSError.
        """
        log = await Log.open(
            directory,
            config,
            environment,
            recovery_point=recovery_point,
            start_offset=log_start_offset,
            compacted_to=compacted_to,
            background=background,
        )
        epochs = await _load_epochs(log, background)
        return cls(topic, topic_id, index, config, log, epochs, log_start_moved)

    def move(self, log: Log, epochs: LeaderEpochs, log_start_moved: Callable[[], None]) -> None:
        """The copy `log` takes the place of the log that it equals."""
        self.detach(ErrorCode.KAFKA_STORAGE_ERROR)
        self.log, self.epochs, self._log_start_moved = log, epochs, log_start_moved

    @property
    def log_start_offset(self) -> int:
        """First offset that can be read."""
        return self.log.start

    @property
    def high_watermark(self) -> int:
        """Offset after the last record."""
        return self.log.end

    @property
    def last_stable_offset(self) -> int:
        """First offset of the oldest open transaction, or the high watermark."""
        unstable = self.log.producers.first_unstable_offset
        return self.log.end if unstable < 0 else unstable

    @property
    def leader_epoch(self) -> int:
        """Epoch that new batches are written in."""
        return self._epoch

    @property
    def producers(self) -> Producers:
        """Idempotent and transactional producers, and the transactions they have open."""
        return self.log.producers

    def check(self) -> None:
        """See `PartitionStore.check`."""
        if self.log.failure is not None:
            raise self.log.stopped()

    # Appending

    async def append(
        self,
        batch: memoryview,
        header: BatchHeader,
        log_append_time_ms: int = -1,
        *,
        sequenced: bool = True,
    ) -> AppendResult:
        """See `PartitionStore.append`."""
        log = self.log
        if log.failure is not None:
            raise log.stopped()
        base = log.end
        last = base + header.last_offset_delta
        timestamp = header.max_timestamp
        if len(batch) > self.config.segment_bytes:
            raise KafkaError(ErrorCode.RECORD_LIST_TOO_LARGE, "the record batch is larger than segment.bytes")
        if log_append_time_ms >= 0:
            if timestamp != log_append_time_ms or not header.attributes & _LOG_APPEND_TIME:
                set_log_append_time(batch, log_append_time_ms)
            timestamp = log_append_time_ms
        if header.producer_id < 0:
            log.write(batch, last, timestamp, self._epoch)
        else:
            sequence = header.base_sequence
            producer = header.producer_id, header.producer_epoch
            last_sequence = last_sequence_of(sequence, header.last_offset_delta)
            transactional = bool(header.attributes & _TRANSACTIONAL)
            repeated = None
            if sequenced:
                repeated = log.producers.check(*producer, sequence, last_sequence, transactional)
            else:
                log.producers.check_epoch(*producer)
            if repeated is not None:
                # The time is the first one's under CreateTime too, as in Apache Kafka.
                return AppendResult(repeated.first_offset, repeated.timestamp, log.start, True)
            log.write(batch, last, timestamp, self._epoch)
            log.producers.record(*producer, sequence, last_sequence, base, last, timestamp, transactional)
        if log.end - log.recovery_point >= self.config.flush_messages:
            self._flush()
        return AppendResult(base, log_append_time_ms, log.start, False)

    async def append_marker(self, batch: memoryview, transaction_version: int = 0) -> int:
        """See `PartitionStore.append_marker`."""
        log = self.log
        if log.failure is not None:
            raise log.stopped()
        header, marker = parse_header(batch), read_marker(batch)
        if marker is None:
            raise KafkaError(ErrorCode.INVALID_RECORD, "a control batch that ends no transaction")
        aborted, coordinator_epoch = marker
        strict = transaction_version >= _STRICT_MARKERS_SINCE
        log.producers.check_marker(
            header.producer_id, header.producer_epoch, coordinator_epoch, strict=strict
        )
        base = log.end
        log.write(batch, base + header.last_offset_delta, header.max_timestamp, self._epoch)
        ended = log.producers.record_marker(
            header.producer_id, header.producer_epoch, coordinator_epoch, base, header.max_timestamp, aborted
        )
        if ended is not None and ended.aborted:
            try:
                log.segments.active.append_aborted(aborted_entry(ended))
            except OSError as error:
                raise log.fail(error) from error
        if log.end - log.recovery_point >= self.config.flush_messages:
            self._flush()
        return base

    def begin_verification(
        self, producer_id: int, producer_epoch: int, first_sequence: int, *, from_zero: bool
    ) -> None:
        """See `PartitionStore.begin_verification`."""
        now_ms = self.log.environment.clock.now_ms()
        self.log.producers.begin_verification(
            producer_id, producer_epoch, first_sequence, now_ms, from_zero=from_zero
        )

    def has_open_transaction(self, producer_id: int, producer_epoch: int) -> bool:
        """See `PartitionStore.has_open_transaction`."""
        producer = self.log.producers.get(producer_id)
        return producer is not None and producer.txn_first_offset >= 0 and producer.epoch == producer_epoch

    def _flush(self) -> None:
        try:
            self.log.prepare_flush().run()
        except OSError as error:
            raise self.log.storage_error(error) from error

    # Reading

    async def read(
        self, offset: int, max_bytes: int, *, committed: bool = False, at_least_one: bool = False
    ) -> ReadResult:
        """See `PartitionStore.read`. Gives batches of one segment at most."""
        return self._read(read_batches, offset, max_bytes, committed, at_least_one)

    async def read_to_send(
        self,
        offset: int,
        max_bytes: int,
        run_blocking: RunBlocking,
        *,
        committed: bool = False,
        at_least_one: bool = False,
    ) -> ReadResult:
        """See `PartitionStore.read_to_send`. Gives batches of one segment at most."""
        if (cold := self._cold_range(offset, max_bytes, committed)) is not None:
            await run_blocking(cold.load)
        return self._read_to_send(offset, max_bytes, committed, at_least_one)

    def read_at_once(
        self, offset: int, max_bytes: int, *, committed: bool = False, at_least_one: bool = False
    ) -> ReadResult | None:
        """See `PartitionStore.read_at_once`. Gives batches of one segment at most."""
        if self._cold_range(offset, max_bytes, committed) is not None:
            return None
        return self._read_to_send(offset, max_bytes, committed, at_least_one)

    def _read_to_send(self, offset: int, max_bytes: int, committed: bool, at_least_one: bool) -> ReadResult:
        read = partial(batches_to_send, failed=self.log.storage_error)
        return self._read(read, offset, max_bytes, committed, at_least_one)

    def _read(
        self, read: ReadBatches, offset: int, max_bytes: int, committed: bool, at_least_one: bool
    ) -> ReadResult:
        log = self.log
        if log.failure is not None:
            raise log.stopped()
        if not log.start <= offset <= log.end:
            raise KafkaError(ErrorCode.OFFSET_OUT_OF_RANGE)
        upper = self.last_stable_offset if committed else log.end
        if offset >= upper or not (max_bytes or at_least_one or committed):
            return ReadResult(b"", ())
        try:
            segment, start, limit = log.find(offset, upper)
            records = read(segment, start, limit, max_bytes, at_least_one)
            if not committed:
                return ReadResult(records, ())
            return ReadResult(records, self._aborted(offset, upper, segment, start + len(records)))
        except OSError as error:
            raise log.storage_error(error) from error

    def _cold_range(self, offset: int, max_bytes: int, committed: bool) -> ColdRange | None:
        log = self.log
        upper = self.last_stable_offset if committed else log.end
        if not max_bytes or log.failure is not None or not log.start <= offset < upper:
            return None
        try:
            return log.cold_range(offset, max_bytes)
        except OSError as error:
            raise log.storage_error(error) from error

    def _aborted(self, offset: int, upper: int, segment: Segment, end: int) -> Sequence[AbortedTransaction]:
        """Aborted transactions with records from `offset` to position `end` of a segment, or to `upper`."""
        segments = self.log.segments
        number = segments.number_holding(segment.base_offset)
        following = segments.from_offset(segment.base_offset)
        upper = min(upper, segments.end_of(number, upper))
        found = aborted_between(following, offset, upper)
        # Where the bytes read end takes reading, so it is looked at only now.
        if found and end < segment.size:
            found = aborted_between(following, offset, min(upper, first_offset_from(segment, end, upper)))
        return [AbortedTransaction(entry.producer_id, entry.first_offset) for entry in found]

    async def available_bytes(self, offset: int, limit: int, *, committed: bool = False) -> int:
        """See `PartitionStore.available_bytes`. Offsets that cannot be read give 0."""
        log = self.log
        upper = self.last_stable_offset if committed else log.end
        if log.failure is not None or not log.start <= offset < upper:
            return 0
        try:
            return log.bytes_between(offset, upper, limit)
        except OSError as error:
            raise log.storage_error(error) from error

    async def offset_for_timestamp(
        self, timestamp: int, *, committed: bool = False
    ) -> OffsetAndTimestamp | None:
        """See `PartitionStore.offset_for_timestamp`."""
        found = self._search(
            lambda segments: time_search.first_at_or_after(segments, timestamp, self.log.start)
        )
        upper = self.last_stable_offset if committed else self.log.end
        return found if found is not None and found.offset < upper else None

    async def max_timestamp(self) -> OffsetAndTimestamp | None:
        """See `PartitionStore.max_timestamp`."""
        return self._search(time_search.latest)

    def _search(
        self, search: Callable[[Sequence[Segment]], OffsetAndTimestamp | None]
    ) -> OffsetAndTimestamp | None:
        log = self.log
        if log.failure is not None:
            raise log.stopped()
        try:
            return search(log.segments.from_offset(log.start))
        except OSError as error:
            raise log.storage_error(error) from error

    async def offset_for_epoch(self, leader_epoch: int) -> EpochEndOffset:
        """See `PartitionStore.offset_for_epoch`."""
        self.check()
        return self.epochs.end_offset(leader_epoch, self.log.end)

    async def epoch_of(self, offset: int) -> int:
        """See `PartitionStore.epoch_of`."""
        return self._epoch if offset >= self.log.end else self.epochs.epoch_of(offset)

    async def active_producers(self) -> list[ActiveProducer]:
        """See `PartitionStore.active_producers`."""
        return [
            ActiveProducer(
                producer_id=producer.producer_id,
                producer_epoch=producer.epoch,
                last_sequence=producer.last_sequence,
                last_timestamp=producer.last_timestamp,
                coordinator_epoch=producer.coordinator_epoch,
                current_txn_start_offset=producer.txn_first_offset,
            )
            for producer in self.log.producers
        ]

    async def size_bytes(self) -> int:
        """See `PartitionStore.size_bytes`."""
        return sum(segment.size for segment in self.log.segments)

    # Deleting and closing

    async def delete_records(self, before_offset: int) -> int:
        """See `PartitionStore.delete_records`; -1 is the high watermark."""
        log = self.log
        if log.failure is not None:
            raise log.stopped()
        if before_offset == _HIGH_WATERMARK:
            before_offset = log.end
        if not 0 <= before_offset <= log.end:
            raise KafkaError(ErrorCode.OFFSET_OUT_OF_RANGE)
        if before_offset > log.start:
            before, log.start = log.start, before_offset
            try:
                self._log_start_moved()
            except OSError as error:
                log.start = before
                raise log.storage_error(error) from error
            try:
                self.epochs.truncate_start(before_offset)
                log.drop_unreadable()
            except OSError as error:  # deleted they are; the next retention removes what is left
                log.environment.failed(error)
                log.environment.limited_log.warning(log.directory, "%s: %s", log.directory, error)
        return log.start

    def enforce_retention(self, now_ms: int) -> None:
        """Drop what retention lets go; forget idle producers. Raises OSError."""
        log = self.log
        log.producers.expire(now_ms, log.environment.producer_id_expiration_ms)
        if log.failure is None and log.enforce_retention(now_ms):
            self.epochs.truncate_start(log.start)

    def detach(self, code: ErrorCode = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION) -> None:
        """Close the files, and answer with an error from now on: the topic is gone."""
        self.log.failure = code, None
        self.log.close_files()

    def close(self) -> FlushJob | None:
        """Stop serving and leave the files as a clean stop does.

        Returns what is to be synced. Raises OSError.
        """
        job = self.log.close()
        self.log.failure = ErrorCode.KAFKA_STORAGE_ERROR, "the log is closed"
        return job


async def _load_epochs(log: Log, background: Background) -> LeaderEpochs:
    """Leader epochs from their file, or from the batches if it is lost; new batches go on in the latest."""
    epochs = LeaderEpochs(log.directory, log.environment.files)
    epochs.load()
    if epochs.latest < 0:
        for segment in log.segments:
            with segment.reading() as descriptor:
                for number, batch in enumerate(scan(descriptor, 0, segment.size), 1):
                    if not number % BATCHES_A_PAUSE:
                        await background.pause()
                    epochs.assign(batch.leader_epoch, batch.base_offset)
    latest = epochs.latest
    epochs.truncate_end(log.end + 1)
    epochs.assign(max(latest, 0), log.end)
    return epochs
