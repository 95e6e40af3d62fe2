"""Partitions' logs, and the store that holds them all."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Protocol

from attrs import define

from kbroker.storage.interfaces.background import AT_ONCE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kbroker.config.topic import TopicConfig
    from kbroker.protocol.records import BatchHeader
    from kbroker.storage.interfaces.background import Background
    from kbroker.storage.interfaces.file_region import FileRegion

Buffer = bytes | bytearray | memoryview
RunBlocking = Callable[[Callable[[], None]], Awaitable[None]]  # has a call made where it keeps nobody waiting


@define
class AppendResult:
    """Where a batch went. For a duplicate of an idempotent producer's batch: where the first one went."""

    base_offset: int
    log_append_time_ms: int  # -1 under CreateTime
    log_start_offset: int
    duplicate: bool


@define
class AbortedTransaction:
    """A transaction whose records in the range read must be hidden from read_committed readers."""

    producer_id: int
    first_offset: int


@define
class ReadResult:
    """Batches as stored: the first, always whole, may begin before the offset asked for, the last may be cut off."""

    records: Buffer | FileRegion
    aborted_transactions: Sequence[AbortedTransaction]


@define
class OffsetAndTimestamp:
    """A record's offset, its timestamp (ms since the epoch) and the leader epoch it was written in."""

    offset: int
    timestamp: int
    leader_epoch: int


@define
class EpochEndOffset:
    """The largest epoch not above the one asked for, and where it ended (KIP-320); both -1 when unknown."""

    leader_epoch: int
    end_offset: int


@define
class ActiveProducer:
    """State of one producer in one partition, as DescribeProducers reports it."""

    producer_id: int
    producer_epoch: int
    last_sequence: int
    last_timestamp: int
    coordinator_epoch: int
    current_txn_start_offset: int  # -1 when no transaction is open


class PartitionStore(Protocol):
    """One partition's log. Offsets are in records, positions never show."""

    topic: str
    index: int

    @property
    def log_start_offset(self) -> int:
        """First offset that can be read."""
        ...

    @property
    def high_watermark(self) -> int:
        """Offset after the last record that read_uncommitted readers see."""
        ...

    @property
    def last_stable_offset(self) -> int:
        """Offset before which no transaction is open: the limit of read_committed readers."""
        ...

    @property
    def leader_epoch(self) -> int:
        """Epoch that new batches are written in."""
        ...

    def check(self) -> None:
        """Raises KafkaError when nothing can be read or written any more."""
        ...

    async def append(
        self,
        batch: memoryview,
        header: BatchHeader,
        log_append_time_ms: int = -1,
        *,
        sequenced: bool = True,
    ) -> AppendResult:
        """Append one validated batch, giving it its offset and leader epoch.

        A coordinator's batch is not `sequenced`: of its producer, only the epoch is checked.
        `batch` may be changed in place (base offset, leader epoch, and for log append time: timestamps and CRC).
        Raises KafkaError: OUT_OF_ORDER_SEQUENCE_NUMBER, INVALID_PRODUCER_EPOCH, KAFKA_STORAGE_ERROR, ...
        """
        ...

    async def append_marker(self, batch: memoryview, transaction_version: int = 0) -> int:
        """Append the control batch that ends a transaction; returns its offset.

        From `transaction_version` 2 on its epoch must be above the one its records were written in (KIP-890).
        Raises KafkaError: INVALID_PRODUCER_EPOCH, TRANSACTION_COORDINATOR_FENCED, KAFKA_STORAGE_ERROR.
        """
        ...

    def begin_verification(
        self, producer_id: int, producer_epoch: int, first_sequence: int, *, from_zero: bool
    ) -> None:
        """A batch is on its way that would open a transaction, should it be found to be part of one (KIP-890).

        Until that is open, no batch of the producer with a later sequence is taken, so that none overtakes one that
        has to be sent again. With `from_zero` a producer that never wrote here must start at 0.
        """
        ...

    def has_open_transaction(self, producer_id: int, producer_epoch: int) -> bool:
        """Whether a producer of this epoch has written to a transaction that has no marker yet."""
        ...

    async def read(
        self, offset: int, max_bytes: int, *, committed: bool = False, at_least_one: bool = False
    ) -> ReadResult:
        """Batches from the one that holds `offset`, up to the high watermark (or last stable offset if `committed`).

        At most `max_bytes`, except that with `at_least_one` the first batch is always whole (KIP-74).
        Raises KafkaError OFFSET_OUT_OF_RANGE.
        """
        ...

    async def read_to_send(
        self,
        offset: int,
        max_bytes: int,
        run_blocking: RunBlocking,
        *,
        committed: bool = False,
        at_least_one: bool = False,
    ) -> ReadResult:
        """As `read`, but many bytes may be a `FileRegion`, and `run_blocking` reads what the disk is waited for."""
        ...

    def read_at_once(
        self, offset: int, max_bytes: int, *, committed: bool = False, at_least_one: bool = False
    ) -> ReadResult | None:
        """As `read_to_send`, without a wait for anything; None where the disk may have to be waited for."""
        ...

    async def available_bytes(self, offset: int, limit: int, *, committed: bool = False) -> int:
        """How many bytes `read` could give from `offset` on, counted up to `limit`: what min_bytes waits for."""
        ...

    async def offset_for_timestamp(
        self, timestamp: int, *, committed: bool = False
    ) -> OffsetAndTimestamp | None:
        """First record at or after `timestamp` (ms)."""
        ...

    async def max_timestamp(self) -> OffsetAndTimestamp | None:
        """The record with the largest timestamp (ListOffsets -3, KIP-734)."""
        ...

    async def offset_for_epoch(self, leader_epoch: int) -> EpochEndOffset:
        """Where an epoch ended (KIP-101, KIP-320)."""
        ...

    async def epoch_of(self, offset: int) -> int:
        """Leader epoch in which `offset` was, or will be, written."""
        ...

    async def delete_records(self, before_offset: int) -> int:
        """Move the log start offset up; returns the new one. Raises KafkaError OFFSET_OUT_OF_RANGE."""
        ...

    async def active_producers(self) -> list[ActiveProducer]:
        """Producers whose state is kept."""
        ...

    async def size_bytes(self) -> int:
        """Bytes of batches held."""
        ...


@define
class KnownPartition:
    """A partition that exists, whether or not its log has been opened. `config` is the topic's shared one."""

    topic: str
    topic_id: bytes
    index: int
    config: TopicConfig


@define
class LogDir:
    """A directory that holds logs: absolute path, id (16 bytes), and what its file system has and leaves, in bytes."""

    path: str
    directory_id: bytes
    total_bytes: int = -1
    usable_bytes: int = -1
    online: bool = True
    cordoned: bool = False  # takes no new partitions (KIP-1066)


@define
class Replica:
    """A partition's log, or the copy of it that is being made in another directory."""

    log_dir: str  # path
    size_bytes: int
    offset_lag: int = 0
    is_future: bool = False


class LogStore(Protocol):
    """All partitions of one broker. Opening is lazy: nothing is opened that nobody asked for."""

    @property
    def was_clean(self) -> bool:
        """Whether the last stop was a clean one, so that logs and other stores have the same."""
        ...

    async def partition(
        self,
        topic: str,
        topic_id: bytes,
        index: int,
        config: TopicConfig,
        background: Background = AT_ONCE,
    ) -> PartitionStore:
        """Open (or create) a partition's log. `config` stays shared: it changes in place when the topic's does.

        To be called by one at a time for a partition: it suspends where a crash left much to be recovered.
        """
        ...

    async def place(self, topic: str, indexes: Iterable[int]) -> None:
        """Decide where partitions are kept that are about to be made.

        Raises KafkaError: INVALID_REPLICATION_FACTOR when no directory takes any, KAFKA_STORAGE_ERROR.
        """
        ...

    def is_offline(self, topic: str, index: int) -> bool:
        """Whether the partition's directory is known to be of no use."""
        ...

    async def log_dirs(self) -> list[LogDir]:
        """Where the logs are, as configured."""
        ...

    async def replicas(self, topic: str, topic_id: bytes, index: int) -> list[Replica]:
        """The partition's log, which is not opened for this, and a copy in the making; none if it is offline.

        One that nothing was written to has 0 bytes.
        """
        ...

    async def move(self, topic: str, index: int, path: str) -> bool:
        """Have an opened partition move to another directory; one that isn't opened shall be made there.

        Returns whether `carry_on_moves` is to be called. Raises KafkaError: LOG_DIR_NOT_FOUND,
        INVALID_REPLICA_ASSIGNMENT when the directory is cordoned, KAFKA_STORAGE_ERROR.
        """
        ...

    def unfinished_moves(self) -> list[tuple[str, int]]:
        """Partitions that were moving when the broker ended: to be opened, and moved with `resume_move`."""
        ...

    async def resume_move(self, topic: str, index: int) -> None:
        """Go on with the move of an opened partition; it begins anew. Raises KafkaError."""
        ...

    async def carry_on_moves(self, background: Background) -> None:
        """Copy what is to be moved, until all is."""
        ...

    async def delete_topic(
        self, topic: str, topic_id: bytes, partitions: int, background: Background = AT_ONCE
    ) -> None:
        """Make the topic's logs disappear; files go in the background after file.delete.delay.ms."""
        ...

    # Housekeeping, called by the broker's timer tasks; nothing here is urgent and each call is idempotent.

    def is_due(self, partition: KnownPartition, now_ms: int) -> bool:
        """Whether retention or compaction may find something in a log that nobody has opened yet."""
        ...

    async def enforce_retention(self, now_ms: int) -> None:
        """Drop what retention.ms, retention.bytes or a raised log start offset let go; expire idle producers.

        Of opened logs; `is_due` tells which others are to be opened for it.
        """
        ...

    async def clean(self, now_ms: int, background: Background) -> None:
        """Compact the opened logs of compacted topics that are due for it, the dirtiest first."""
        ...

    async def remove_deleted(self, now_ms: int) -> None:
        """Unlink files whose file.delete.delay.ms has passed."""
        ...

    def flush_due(self, now_ms: int) -> bool:
        """Whether flush.ms asks for a sync of some log by now."""
        ...

    def flush(self, now_ms: int) -> None:
        """Sync what is due to the disk. Blocks; safe to call from a worker thread beside all other methods."""
        ...
