"""The rules by which a partition tells new batches from repeated, late and lost ones."""

import pytest

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.producers import (
    MAX_SEQUENCE,
    EndedTransaction,
    Producer,
    Producers,
    WrittenBatch,
    first_sequence_of,
    last_sequence_of,
)


class Partition:
    """Gives batches their offsets, as a log does."""

    def __init__(self) -> None:
        self.producers = Producers()
        self.end = 0

    def send(
        self,
        sequence: int,
        count: int = 1,
        *,
        producer_id: int = 1,
        epoch: int = 0,
        transactional: bool = False,
    ) -> int:
        """Append a batch; returns the offset that is answered."""
        last = last_sequence_of(sequence, count - 1)
        repeated = self.producers.check(producer_id, epoch, sequence, last, transactional)
        if repeated is not None:
            return repeated.first_offset
        offset, self.end = self.end, self.end + count
        self.producers.record(
            producer_id, epoch, sequence, last, offset, self.end - 1, 1000 + offset, transactional
        )
        return offset

    def end_transaction(
        self, *, producer_id: int = 1, epoch: int = 0, aborted: bool = False
    ) -> EndedTransaction | None:
        offset, self.end = self.end, self.end + 1
        return self.producers.record_marker(producer_id, epoch, 3, offset, 5000, aborted)


@pytest.fixture
def partition() -> Partition:
    return Partition()


def refused(partition: Partition, sequence: int, count: int = 1, **how: int) -> ErrorCode:
    with pytest.raises(KafkaError) as caught:
        partition.send(sequence, count, **how)  # type: ignore[arg-type]
    return caught.value.code


def test_each_of_the_last_five_batches_may_be_repeated(partition: Partition) -> None:
    offsets = [partition.send(3 * number, 3) for number in range(6)]
    assert [partition.send(3 * number, 3) for number in range(1, 6)] == offsets[1:]
    assert refused(partition, 0, 3) == ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
    assert partition.end == 18


def test_only_the_same_range_is_a_repetition(partition: Partition) -> None:
    partition.send(0, 3)
    assert refused(partition, 0, 2) == ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
    assert refused(partition, 1, 2) == ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER


def test_gap_is_refused(partition: Partition) -> None:
    partition.send(0, 3)
    assert refused(partition, 4) == ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
    assert partition.send(3) == 3


def test_unknown_producer_may_start_anywhere(partition: Partition) -> None:
    assert partition.send(41) == 0
    assert refused(partition, 0) == ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
    assert partition.send(42) == 1


def test_producers_do_not_know_each_other(partition: Partition) -> None:
    partition.send(0, 3)
    assert partition.send(0, 3, producer_id=2) == 3
    assert len(partition.producers) == 2


def test_sequences_wrap_around(partition: Partition) -> None:
    partition.send(MAX_SEQUENCE - 1)
    assert partition.send(MAX_SEQUENCE) == 1
    assert partition.send(0) == 2
    assert partition.send(MAX_SEQUENCE) == 1


def test_batch_may_span_the_wrap(partition: Partition) -> None:
    partition.send(MAX_SEQUENCE, 3)
    assert partition.send(MAX_SEQUENCE, 3) == 0
    assert partition.send(2) == 3
    assert last_sequence_of(MAX_SEQUENCE, 2) == 1
    assert first_sequence_of(1, 2) == MAX_SEQUENCE
    assert last_sequence_of(-1, 2) == first_sequence_of(-1, 2) == -1


def test_newer_epoch_starts_at_zero(partition: Partition) -> None:
    partition.send(0, 3)
    assert refused(partition, 3, epoch=1) == ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
    assert partition.send(0, epoch=1) == 3
    assert partition.send(1, epoch=1) == 4


def test_older_epoch_is_fenced(partition: Partition) -> None:
    partition.send(0, epoch=1)
    assert refused(partition, 0, epoch=0) == ErrorCode.INVALID_PRODUCER_EPOCH
    assert refused(partition, 1, epoch=0) == ErrorCode.INVALID_PRODUCER_EPOCH


def test_batches_of_an_older_epoch_are_no_repetitions(partition: Partition) -> None:
    partition.send(0, 3)
    assert partition.send(0, 3, epoch=1) == 3


def test_failed_write_leaves_no_trace(partition: Partition) -> None:
    partition.send(0)
    for _ in range(2):
        assert partition.producers.check(1, 0, 1, 1, False) is None


def test_open_transactions_hold_the_stable_offset(partition: Partition) -> None:
    partition.send(0, producer_id=9)
    partition.send(0, transactional=True)
    partition.send(0, producer_id=2, transactional=True)
    partition.send(1, transactional=True)
    assert partition.producers.first_unstable_offset == 1
    assert partition.end_transaction(aborted=True) == EndedTransaction(1, 1, 4, 2, aborted=True)
    assert partition.producers.first_unstable_offset == 2
    assert partition.end_transaction(producer_id=2) == EndedTransaction(2, 2, 5, 6, aborted=False)
    assert partition.producers.first_unstable_offset == -1


def test_a_transaction_is_open_from_its_first_batch_on_wherever_that_is(partition: Partition) -> None:
    for sequence in range(2):
        partition.send(sequence, transactional=True)
    assert partition.producers.first_unstable_offset == 0
    partition.end_transaction()
    assert partition.producers.first_unstable_offset == -1


def test_who_wrote_nothing_begins_its_transaction_at_zero_where_it_has_to(partition: Partition) -> None:
    partition.producers.begin_verification(1, 0, first_sequence=1, now_ms=1000, from_zero=True)
    assert refused(partition, 1, transactional=True) is ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
    partition.send(0)
    partition.send(1, transactional=True)


def test_a_verification_is_remembered_for_as_long_as_a_producer(partition: Partition) -> None:
    partition.producers.begin_verification(1, 0, first_sequence=0, now_ms=1000, from_zero=False)
    partition.producers.expire(1999, 1000)
    assert refused(partition, 1, transactional=True) is ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
    partition.producers.expire(2000, 1000)
    partition.send(1, transactional=True)


def test_transaction_that_began_later_may_end_first(partition: Partition) -> None:
    partition.send(0, transactional=True)
    partition.send(0, producer_id=2, transactional=True)
    assert partition.end_transaction(producer_id=2, aborted=True) == EndedTransaction(
        2, 1, 2, 0, aborted=True
    )
    assert partition.producers.first_unstable_offset == 0


def test_marker_without_a_transaction_ends_nothing(partition: Partition) -> None:
    assert partition.end_transaction() is None
    partition.send(0, epoch=0)
    assert partition.end_transaction() is None


def test_sequences_go_on_after_a_marker_of_the_same_epoch(partition: Partition) -> None:
    partition.send(0, transactional=True)
    partition.end_transaction()
    assert refused(partition, 0, 2) == ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
    assert partition.send(1, transactional=True) == 2


def test_sequences_start_anew_after_a_marker_of_a_newer_epoch(partition: Partition) -> None:
    """Transaction version 2: the coordinator raises the epoch with each marker (KIP-890)."""
    partition.send(0, transactional=True)
    partition.end_transaction(epoch=1)
    assert refused(partition, 1, epoch=1) == ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
    assert refused(partition, 1, epoch=0) == ErrorCode.INVALID_PRODUCER_EPOCH
    assert partition.send(0, epoch=1) == 2


def test_plain_batch_within_a_transaction_is_refused(partition: Partition) -> None:
    partition.send(0, transactional=True)
    assert refused(partition, 1) == ErrorCode.INVALID_TXN_STATE


@pytest.mark.parametrize(
    ("epoch", "coordinator_epoch", "strict", "code"),
    [
        (4, 3, False, ErrorCode.INVALID_PRODUCER_EPOCH),
        (5, 3, True, ErrorCode.INVALID_PRODUCER_EPOCH),
        (5, 2, False, ErrorCode.TRANSACTION_COORDINATOR_FENCED),
    ],
)
def test_late_markers_are_refused(
    partition: Partition, epoch: int, coordinator_epoch: int, strict: bool, code: ErrorCode
) -> None:
    partition.end_transaction(epoch=5)
    partition.send(0, epoch=5, transactional=True)
    with pytest.raises(KafkaError) as caught:
        partition.producers.check_marker(1, epoch, coordinator_epoch, strict=strict)
    assert caught.value.code == code


def test_markers_in_time_are_let_through(partition: Partition) -> None:
    check = partition.producers.check_marker
    check(1, 0, 0)
    partition.send(0, epoch=5, transactional=True)
    check(1, 5, 3)
    check(1, 6, 3, strict=True)
    partition.end_transaction(epoch=6)
    check(1, 6, 3, strict=True)  # repeats the one that ended the transaction


def test_idle_producers_expire_unless_a_transaction_is_open(partition: Partition) -> None:
    partition.send(0)
    partition.send(0, producer_id=2, transactional=True)
    partition.producers.expire(1099, 100)
    assert len(partition.producers) == 2
    partition.producers.expire(1100, 100)
    partition.producers.expire(10_000, 100)
    assert [producer.producer_id for producer in partition.producers] == [2]
    assert partition.producers.get(1) is None


def test_loaded_state_is_the_state_that_was_saved(partition: Partition) -> None:
    for producer_id in (3, 1, 2):
        partition.send(0, producer_id=producer_id, transactional=True)
    partition.end_transaction(producer_id=1)
    loaded = Producers()
    loaded.load(list(partition.producers))
    assert loaded.first_unstable_offset == 0
    loaded.record_marker(3, 0, 3, 10, 5000, False)
    assert loaded.first_unstable_offset == 2
    assert loaded.check(2, 0, 0, 0, True) == WrittenBatch(0, 0, 2, 2, 1002)


def test_state_reports_the_last_sequence(partition: Partition) -> None:
    partition.send(0, 3)
    producer = partition.producers.get(1)
    assert producer is not None
    assert (producer.last_sequence, producer.last_timestamp) == (2, 1000)
    assert Producer(1).last_sequence == -1


def test_a_coordinator_only_has_to_have_the_newest_epoch(partition: Partition) -> None:
    partition.producers.check_epoch(1, 0)
    partition.send(0, epoch=2)
    partition.producers.check_epoch(1, 2)
    partition.producers.check_epoch(1, 3)
    with pytest.raises(KafkaError) as caught:
        partition.producers.check_epoch(1, 1)
    assert caught.value.code is ErrorCode.INVALID_PRODUCER_EPOCH
