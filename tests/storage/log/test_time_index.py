import pytest

from kbroker.storage.log.time_index import TimeIndex


def index_of(*entries: tuple[int, int]) -> TimeIndex:
    index = TimeIndex()
    for entry in entries:
        index.append(*entry)
    return index


def test_file_is_big_endian_timestamp_and_offset() -> None:
    data = bytes.fromhex("0000000000000100 00000005 0000000000000200 00000007")
    assert index_of((256, 5), (512, 7)).to_bytes() == data
    assert index_of((256, 5), (512, 7)).to_bytes(1) == data[12:]
    read = TimeIndex.from_bytes(data)
    assert read is not None
    assert read.to_bytes() == data


def test_only_later_timestamps_are_added() -> None:
    index = index_of((100, 1), (100, 2), (90, 3), (101, 4))
    assert (len(index), index.last_timestamp(), index.last_offset()) == (2, 101, 4)


def test_search_starts_at_the_entry_at_or_before() -> None:
    index = index_of((100, 5), (200, 9))
    assert [index.offset_before(timestamp) for timestamp in (0, 99, 100, 199, 200, 999)] == [0, 0, 5, 5, 9, 9]


def test_truncating_drops_entries_from_an_offset_on() -> None:
    index = index_of((100, 5), (200, 9))
    index.truncate(9)
    assert (index.last_timestamp(), len(index)) == (100, 1)


def test_zeros_after_the_entries_are_preallocated_space() -> None:
    read = TimeIndex.from_bytes(index_of((100, 5)).to_bytes() + bytes(120))
    assert read is not None
    assert len(read) == 1
    empty = TimeIndex.from_bytes(bytes(120))
    assert empty is not None
    assert len(empty) == 0


@pytest.mark.parametrize("second", [(100, 6), (99, 6), (101, 4)])
def test_entries_that_cannot_be_make_the_file_corrupt(second: tuple[int, int]) -> None:
    data = index_of((100, 5)).to_bytes() + index_of(second).to_bytes()
    assert TimeIndex.from_bytes(data) is None


def test_file_of_odd_length_is_corrupt_and_none_is_missing() -> None:
    assert TimeIndex.from_bytes(b"123") is None
    assert TimeIndex.from_bytes(None) is None
