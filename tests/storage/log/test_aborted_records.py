from kbroker.protocol.records import BatchHeader, parse_header
from kbroker.storage.log.aborted_records import AbortedRecords
from kbroker.storage.log.txn_index import AbortedEntry

from .conftest import batch

ABORTED = AbortedRecords([AbortedEntry(7, 20, 30, 31), AbortedEntry(7, 2, 9, 10), AbortedEntry(8, 4, 5, 6)])


def at(offset: int, producer_id: int = 7, transactional: bool = True, control: bool = False) -> BatchHeader:
    header = parse_header(batch(producer_id=producer_id, transactional=transactional, control=control))
    header.base_offset = offset
    return header


def test_batches_within_an_aborted_transaction_of_their_producer_are_aborted() -> None:
    inside = [offset for offset in range(40) if at(offset) in ABORTED]
    assert inside == [*range(2, 10), *range(20, 31)]
    assert [offset for offset in range(10) if at(offset, producer_id=8) in ABORTED] == [4, 5]
    assert at(4, producer_id=9) not in ABORTED


def test_markers_and_what_is_in_no_transaction_are_not() -> None:
    assert at(4, control=True) not in ABORTED
    assert at(4, transactional=False) not in ABORTED
