"""One partition's log on local disk: `PartitionStore` over a list of segments."""

from bisect import bisect_right
from struct import Struct

from kbroker.config.topic import TopicConfig
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.protocol.records import BatchHeader
from kbroker.state.producers import Producers, last_sequence_of
from kbroker.storage.interfaces import AppendResult, EpochEndOffset, ReadResult
from kbroker.storage.log.environment import LogEnvironment
from kbroker.storage.log.leader_epochs import LeaderEpochs
from kbroker.storage.log.recovery import open_segments
from kbroker.storage.log.segment import LOG_SUFFIX, Segment
from kbroker.storage.log.segment_search import position_of, read_whole

_BASE_OFFSET = Struct(">q")
_LEADER_EPOCH = Struct(">i")
_LEADER_EPOCH_AT = 12
_TRANSACTIONAL = 0x10
_CONTROL = 0x20
_MAX_SIGNED_64 = 2**63 - 1


class PartitionLog:
    """See `PartitionStore`. Nothing here suspends, so each call is one step to every other task."""

    def __init__(  # noqa: PLR0913, PLR0917
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
    ) -> None:
        """Open the log in `directory`, which must exist. Raises OSError."""
        self.directory = directory
        self.topic = topic
        self.topic_id = topic_id
        self.index = index
        self.config = config
        self._environment = environment
        self._segments, end = open_segments(directory, config, environment, recovery_point)
        if not self._segments:
            end = log_start_offset
            self._segments = [self._new_segment(end)]
        self._bases = [segment.base_offset for segment in self._segments]
        self._active = self._segments[-1]
        self._end = end
        self._log_start = max(log_start_offset, self._bases[0])
        self.recovery_point = min(recovery_point, end)
        self.epochs = LeaderEpochs(directory, environment.files)
        self.epochs.load()
        self.epochs.truncate_end(end + 1)
        self.epochs.assign(max(self.epochs.latest, 0), end)
        self._epoch = self.epochs.latest
        self.producers = Producers()

    def _new_segment(self, base_offset: int) -> Segment:
        environment = self._environment
        segment = Segment(
            self.directory,
            base_offset,
            0,
            environment.clock.now_ms(),
            self.config,
            environment.files,
            environment.open_files,
        )
        segment.forget_indexes()
        segment.open()
        return segment

    @property
    def log_start_offset(self) -> int:
        """First offset that can be read."""
        return self._log_start

    @property
    def high_watermark(self) -> int:
        """The log's end: there is one replica, so what is written is committed."""
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

    async def append(
        self, batch: memoryview, header: BatchHeader, log_append_time_ms: int = -1
    ) -> AppendResult:
        """See `PartitionStore.append`."""
        base = self._end
        last = base + header.last_offset_delta
        producer_id = header.producer_id
        if producer_id >= 0:
            sequence = header.base_sequence
            last_sequence = last_sequence_of(sequence, header.last_offset_delta)
            transactional = bool(header.attributes & _TRANSACTIONAL)
            repeated = self.producers.check(
                producer_id, header.producer_epoch, sequence, last_sequence, transactional
            )
            if repeated is not None:
                return AppendResult(repeated.first_offset, repeated.timestamp, self._log_start, True)
        _BASE_OFFSET.pack_into(batch, 0, base)
        _LEADER_EPOCH.pack_into(batch, _LEADER_EPOCH_AT, self._epoch)
        segment = self._active
        timestamp = header.max_timestamp
        if segment.must_roll(len(batch), last, timestamp, self._environment.clock):
            segment = self._roll()
        try:
            segment.append(batch, last, timestamp)
        except OSError as error:
            raise KafkaError(
                ErrorCode.KAFKA_STORAGE_ERROR, f"{segment.path(LOG_SUFFIX)}: {error.strerror}"
            ) from error
        self._end = last + 1
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
        return AppendResult(base, log_append_time_ms, self._log_start, False)

    def _roll(self) -> Segment:
        """Begin a new segment at the log's end."""
        self._active.seal()
        self._active = self._new_segment(self._end)
        self._segments.append(self._active)
        self._bases.append(self._end)
        return self._active

    async def read(
        self, offset: int, max_bytes: int, *, committed: bool = False, at_least_one: bool = False
    ) -> ReadResult:
        """See `PartitionStore.read`. Gives batches of one segment at most."""
        end = self._end
        if not self._log_start <= offset <= end:
            raise KafkaError(ErrorCode.OFFSET_OUT_OF_RANGE)
        upper = self.last_stable_offset if committed else end
        if offset >= upper:
            return ReadResult(b"", ())
        number = bisect_right(self._bases, offset) - 1
        while True:
            segment = self._segments[number]
            start = position_of(segment, offset)
            if start < segment.size or number + 1 == len(self._segments):
                break
            number += 1
        limit = segment.size if upper == end else position_of(segment, upper)
        return ReadResult(read_whole(segment, start, limit, max_bytes, at_least_one), ())

    async def offset_for_epoch(self, leader_epoch: int) -> EpochEndOffset:
        """See `PartitionStore.offset_for_epoch`."""
        return self.epochs.end_offset(leader_epoch, self._end)

    async def epoch_of(self, offset: int) -> int:
        """See `PartitionStore.epoch_of`."""
        return self._epoch if offset >= self._end else self.epochs.epoch_of(offset)

    async def size_bytes(self) -> int:
        """See `PartitionStore.size_bytes`."""
        return sum(segment.size for segment in self._segments)

    def close(self) -> None:
        """Save the indexes and close the files."""
        self._active.seal()
        for segment in self._segments:
            segment.close_file()
