"""What is known of a transactional id: its producer, and the transaction it has open or had last."""

from enum import Enum, IntEnum
from typing import Any, Final

from attrs import evolve, frozen

from kbroker.state.offsets import TopicPartition

NO_PRODUCER_ID: Final = -1
NO_EPOCH: Final = -1
NO_TIMESTAMP: Final = -1
MAX_EPOCH: Final = 2**15 - 1
EPOCH_BUMP_SINCE: Final = (
    2  # the transaction version (KIP-890) in which each end of a transaction raises the epoch
)


class TransactionState(Enum):
    """Where a transactional id stands. The value is the name that admin clients are told."""

    EMPTY = "Empty"
    ONGOING = "Ongoing"
    PREPARE_COMMIT = "PrepareCommit"
    PREPARE_ABORT = "PrepareAbort"
    COMPLETE_COMMIT = "CompleteCommit"
    COMPLETE_ABORT = "CompleteAbort"
    DEAD = "Dead"
    PREPARE_EPOCH_FENCE = "PrepareEpochFence"

    @property
    def stored(self) -> int:
        """The number by which Kafka stores it."""
        return StoredState[self.name].value


class StoredState(IntEnum):
    """Kafka's numbers for the states, in stored records."""

    EMPTY = 0
    ONGOING = 1
    PREPARE_COMMIT = 2
    PREPARE_ABORT = 3
    COMPLETE_COMMIT = 4
    COMPLETE_ABORT = 5
    DEAD = 6
    PREPARE_EPOCH_FENCE = 7


PREPARED: Final = frozenset({TransactionState.PREPARE_COMMIT, TransactionState.PREPARE_ABORT})
COMPLETE: Final = frozenset({TransactionState.COMPLETE_COMMIT, TransactionState.COMPLETE_ABORT})
IDLE: Final = COMPLETE | {TransactionState.EMPTY}  # no transaction is open


@frozen
class Transaction:
    """One transactional id. Times are ms since the epoch, -1 where there is none yet."""

    transactional_id: str
    producer_id: int
    producer_epoch: int = NO_EPOCH
    timeout_ms: int = 0
    state: TransactionState = TransactionState.EMPTY
    partitions: frozenset[TopicPartition] = frozenset()
    start_ms: int = NO_TIMESTAMP
    update_ms: int = NO_TIMESTAMP
    previous_producer_id: int = NO_PRODUCER_ID
    next_producer_id: int = (
        NO_PRODUCER_ID  # the one to go on with once an exhausted epoch's transaction has ended
    )
    last_producer_epoch: int = NO_EPOCH  # the epoch before, for a producer that asks twice (KIP-360)
    client_version: int = 0  # transaction version that its client speaks

    @property
    def epoch_exhausted(self) -> bool:
        """Whether the producer needs another id before its epoch can be raised again."""
        return is_exhausted(self.producer_epoch)

    @property
    def commits(self) -> bool:
        """How a prepared transaction ends."""
        return self.state is TransactionState.PREPARE_COMMIT

    def to(self, state: TransactionState, now_ms: int, **changes: Any) -> "Transaction":
        """The next state. The producer id becomes the previous one, whether or not there is another."""
        return evolve(self, state=state, update_ms=now_ms, previous_producer_id=self.producer_id, **changes)


def is_exhausted(epoch: int) -> bool:
    """Whether an epoch cannot be raised: the one above is kept for fencing."""
    return epoch >= MAX_EPOCH - 1
