from kbroker.protocol.records import BatchHeader, ControlType, encode_end_txn, parse_header
from kbroker.storage.log.cleaned_transactions import CleanedTransactions
from kbroker.storage.log.txn_index import AbortedEntry

from .conftest import NOW_MS, batch

ABORTED = [AbortedEntry(7, 4, 9, 10), AbortedEntry(7, 0, 3, 4)]


def records(offset: int, producer_id: int = 7) -> BatchHeader:
    header = parse_header(batch(producer_id=producer_id, transactional=True))
    header.base_offset = offset
    return header


def over(transactions: CleanedTransactions, offset: int, kind: ControlType, producer_id: int = 7) -> bool:
    data = encode_end_txn(
        kind, producer_id=producer_id, producer_epoch=0, coordinator_epoch=0, timestamp=NOW_MS
    )
    header = parse_header(data)
    header.base_offset = offset
    return transactions.is_over(header, bytes(data))


def test_an_abort_is_over_when_none_of_its_batches_was_met() -> None:
    transactions = CleanedTransactions(ABORTED)
    assert over(transactions, 3, ControlType.ABORT)
    assert transactions.is_aborted(records(5))
    assert not over(transactions, 9, ControlType.ABORT)
    assert transactions.still_aborted(ABORTED * 2) == [AbortedEntry(7, 4, 9, 10)]


def test_a_commit_is_over_when_no_batch_of_its_producer_was_met_since_the_last() -> None:
    transactions = CleanedTransactions([])
    assert not transactions.is_aborted(records(0))
    assert over(transactions, 1, ControlType.COMMIT, producer_id=8)
    assert not over(transactions, 2, ControlType.COMMIT)
    assert over(transactions, 3, ControlType.COMMIT)


def test_a_marker_that_lost_its_record_is_over() -> None:
    header = records(3)
    header.record_count = 0
    assert CleanedTransactions(ABORTED).is_over(header, b"")
