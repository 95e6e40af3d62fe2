"""Idempotent and transactional producers of one partition (KIP-98, KIP-360).

Who wrote last, and what is still open.

Rules kept here:
- A batch equal in producer, epoch and sequence range to one of the last five is a duplicate: it is answered
  with the first one's offset and not written again.
- A known producer's batch must follow its last sequence; the sequence after 2^31-1 is 0. A producer that the
  partition does not know may start anywhere (its state may have expired).
- A newer epoch must start at sequence 0; an older one is fenced.
- A transaction begins with its first batch and ends with a marker. Records at and after the first open one
  are unstable.

The machine is told of batches in two steps, `check` before the write and `record` after it, so that a failed
write leaves no trace.
"""

from collections import deque
from collections.abc import Iterable, Iterator

from attrs import define, field

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError

BATCHES_KEPT = 5
MAX_SEQUENCE = 2**31 - 1
MAX_EPOCH = 2**15 - 1
NO_EPOCH = -1
NO_OFFSET = -1
NO_SEQUENCE = -1


@define
class WrittenBatch:
    """One of a producer's last batches: its sequence range, offset range and largest timestamp (ms)."""

    first_sequence: int
    last_sequence: int
    first_offset: int
    last_offset: int
    timestamp: int


@define
class Producer:
    """What a partition knows of one producer id."""

    producer_id: int
    epoch: int = NO_EPOCH
    coordinator_epoch: int = -1
    last_timestamp: int = -1
    txn_first_offset: int = NO_OFFSET  # -1 when no transaction is open
    batches: deque[WrittenBatch] = field(factory=lambda: deque(maxlen=BATCHES_KEPT))

    @property
    def last_sequence(self) -> int:
        """Sequence of the last record; -1 when no batch of this epoch is remembered."""
        return self.batches[-1].last_sequence if self.batches else NO_SEQUENCE


@define
class Verification:
    """A producer's batches that are found to be part of a transaction, or not: the lowest sequence among them."""

    epoch: int
    lowest_sequence: int
    from_zero: bool
    since_ms: int


@define
class EndedTransaction:
    """A transaction that a marker ended.

    Its first record, the marker's offset, and the stable offset after it.
    """

    producer_id: int
    first_offset: int
    last_offset: int
    last_stable_offset: int
    aborted: bool


def last_sequence_of(base_sequence: int, last_offset_delta: int) -> int:
    """Sequence of a batch's last record; sequences wrap from 2^31-1 to 0."""
    if base_sequence == NO_SEQUENCE:
        return NO_SEQUENCE
    last = base_sequence + last_offset_delta
    return last if last <= MAX_SEQUENCE else last - MAX_SEQUENCE - 1


def first_sequence_of(last_sequence: int, last_offset_delta: int) -> int:
    """Sequence of a batch's first record, given its last."""
    if last_sequence == NO_SEQUENCE:
        return NO_SEQUENCE
    first = last_sequence - last_offset_delta
    return first if first >= 0 else first + MAX_SEQUENCE + 1


class Producers:
    """All producers of one partition. Timestamps and the present are ms since the epoch."""

    __slots__ = ("_open", "_producers", "_verifying")

    def __init__(self) -> None:
        """Nobody is known."""
        self._producers: dict[int, Producer] = {}
        self._open: dict[int, int] = {}  # first offset of each open transaction, rising, to its producer id
        self._verifying: dict[int, Verification] = {}  # by producer id

    def __iter__(self) -> Iterator[Producer]:
        """Every producer, in no order."""
        return iter(self._producers.values())

    def __len__(self) -> int:
        """How many producers are known."""
        return len(self._producers)

    def get(self, producer_id: int) -> Producer | None:
        """What is known of a producer."""
        return self._producers.get(producer_id)

    def load(self, producers: Iterable[Producer]) -> None:
        """Take over what a snapshot holds."""
        for producer in producers:
            self._producers[producer.producer_id] = producer
        self._open = dict(
            sorted((p.txn_first_offset, p.producer_id) for p in self if p.txn_first_offset >= 0)
        )

    @property
    def first_unstable_offset(self) -> int:
        """First record of the oldest open transaction; -1 when none is open."""
        return next(iter(self._open), NO_OFFSET)

    def begin_verification(
        self, producer_id: int, epoch: int, first_sequence: int, now_ms: int, *, from_zero: bool
    ) -> None:
        """See `PartitionStore.begin_verification`."""
        known = self._verifying.get(producer_id)
        if known is None or known.epoch < epoch:
            self._verifying[producer_id] = Verification(epoch, first_sequence, from_zero, now_ms)
        elif known.epoch == epoch:
            known.lowest_sequence = min(known.lowest_sequence, first_sequence)

    def _check_verification(self, producer_id: int, first_sequence: int) -> None:
        """Raise KafkaError OUT_OF_ORDER_SEQUENCE_NUMBER for a batch that has overtaken another."""
        verification = self._verifying.get(producer_id)
        if verification is None:
            return
        producer = self._producers.get(producer_id)
        wrote_nothing = producer is None or not producer.batches
        if (verification.from_zero and first_sequence != 0 and wrote_nothing) or (
            first_sequence > verification.lowest_sequence
        ):
            raise KafkaError(
                ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
                f"producer {producer_id} sent sequence {first_sequence} before an earlier one of its transaction",
            )

    def check(
        self, producer_id: int, epoch: int, first_sequence: int, last_sequence: int, transactional: bool
    ) -> WrittenBatch | None:
        """May a data batch be appended? Returns the batch it repeats, or None when it is new.

        Raises KafkaError INVALID_PRODUCER_EPOCH, OUT_OF_ORDER_SEQUENCE_NUMBER or INVALID_TXN_STATE.
        """
        if self._verifying and transactional:
            self._check_verification(producer_id, first_sequence)
        producer = self._producers.get(producer_id)
        if producer is None:
            return None
        if epoch == producer.epoch:
            for batch in producer.batches:
                if batch.first_sequence == first_sequence and batch.last_sequence == last_sequence:
                    return batch
            if producer.batches:
                expected = 0 if producer.last_sequence == MAX_SEQUENCE else producer.last_sequence + 1
            else:
                expected = 0
            if first_sequence != expected:
                raise KafkaError(
                    ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
                    f"producer {producer_id} sent sequence {first_sequence} where {expected} is next",
                )
        elif epoch < producer.epoch:
            raise KafkaError(
                ErrorCode.INVALID_PRODUCER_EPOCH,
                f"producer {producer_id} has epoch {producer.epoch}, and {epoch} is older",
            )
        elif first_sequence != 0 and producer.epoch != NO_EPOCH:
            raise KafkaError(
                ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
                f"producer {producer_id} began epoch {epoch} at sequence {first_sequence}, not 0",
            )
        if producer.txn_first_offset >= 0 and not transactional:
            raise KafkaError(
                ErrorCode.INVALID_TXN_STATE,
                f"producer {producer_id} has a transaction open and sent a batch outside of it",
            )
        return None

    def check_epoch(self, producer_id: int, epoch: int) -> None:
        """May a coordinator append for a producer? Raises KafkaError INVALID_PRODUCER_EPOCH."""
        producer = self._producers.get(producer_id)
        if producer is not None and epoch < producer.epoch:
            raise KafkaError(
                ErrorCode.INVALID_PRODUCER_EPOCH,
                f"producer {producer_id} has epoch {producer.epoch}, and {epoch} is older",
            )

    def record(  # noqa: PLR0917  what a batch header says; positional, as each batch passes here
        self,
        producer_id: int,
        epoch: int,
        first_sequence: int,
        last_sequence: int,
        first_offset: int,
        last_offset: int,
        timestamp: int,
        transactional: bool,
    ) -> None:
        """A data batch is in the log. Never refuses: what the log holds is true."""
        producer = self._producers.get(producer_id)
        if producer is None:
            producer = self._producers[producer_id] = Producer(producer_id, epoch)
        elif producer.epoch != epoch:
            producer.epoch = epoch
            producer.batches.clear()
        producer.batches.append(
            WrittenBatch(first_sequence, last_sequence, first_offset, last_offset, timestamp)
        )
        producer.last_timestamp = timestamp
        if transactional and producer.txn_first_offset < 0:
            producer.txn_first_offset = first_offset
            self._open[first_offset] = producer_id
            self._verifying.pop(producer_id, None)

    def check_marker(
        self, producer_id: int, epoch: int, coordinator_epoch: int, *, strict: bool = False
    ) -> None:
        """May a transaction marker be appended? `strict` is the rule of transaction version 2 (KIP-890).

        There each end of a transaction raises the epoch, so a marker of the known epoch is late, unless it
        repeats the one that ended the last transaction. Raises KafkaError INVALID_PRODUCER_EPOCH or
        TRANSACTION_COORDINATOR_FENCED.
        """
        producer = self._producers.get(producer_id)
        if producer is None:
            return
        # The last epoch of all cannot be raised, so its markers have the epoch of their records.
        late = epoch == producer.epoch < MAX_EPOCH and strict and producer.txn_first_offset >= 0
        if epoch < producer.epoch or late:
            raise KafkaError(
                ErrorCode.INVALID_PRODUCER_EPOCH,
                f"producer {producer_id} has epoch {producer.epoch}; a marker of epoch {epoch} is late",
            )
        if coordinator_epoch < producer.coordinator_epoch:
            raise KafkaError(
                ErrorCode.TRANSACTION_COORDINATOR_FENCED,
                f"coordinator epoch {coordinator_epoch} is older than {producer.coordinator_epoch}",
            )

    def record_marker(  # noqa: PLR0917  what a marker says
        self, producer_id: int, epoch: int, coordinator_epoch: int, offset: int, timestamp: int, aborted: bool
    ) -> EndedTransaction | None:
        """A transaction marker is in the log. Returns what it ended, None when nothing was open."""
        producer = self._producers.get(producer_id)
        if producer is None:
            producer = self._producers[producer_id] = Producer(producer_id)
        if producer.epoch != epoch:
            producer.epoch = epoch
            producer.batches.clear()
        producer.coordinator_epoch = coordinator_epoch
        producer.last_timestamp = timestamp
        self._verifying.pop(producer_id, None)
        first_offset, producer.txn_first_offset = producer.txn_first_offset, NO_OFFSET
        if first_offset < 0:
            return None
        del self._open[first_offset]
        stable = next(iter(self._open), offset + 1)
        return EndedTransaction(producer_id, first_offset, offset, stable, aborted)

    def expire(self, now_ms: int, expiration_ms: int) -> None:
        """Forget producers that wrote nothing for `expiration_ms` and have no transaction open."""
        gone = [
            p.producer_id
            for p in self
            if p.txn_first_offset < 0 and now_ms - p.last_timestamp >= expiration_ms
        ]
        for producer_id in gone:
            del self._producers[producer_id]
        self._verifying = {
            producer_id: each
            for producer_id, each in self._verifying.items()
            if now_ms - each.since_ms < expiration_ms
        }
