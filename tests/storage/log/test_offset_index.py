import pytest

from kbroker.storage.log.offset_index import OffsetIndex


def index_of(*entries: tuple[int, int]) -> OffsetIndex:
    index = OffsetIndex()
    for entry in entries:
        index.append(*entry)
    return index


def test_file_is_big_endian_pairs() -> None:
    data = bytes.fromhex("00000005 00000100 00000300 00010000")
    assert index_of((5, 256), (768, 65536)).to_bytes() == data
    assert index_of((5, 256), (768, 65536)).to_bytes(1) == data[8:]
    read = OffsetIndex.from_bytes(data, 100_000)
    assert read is not None
    assert read.to_bytes() == data


def test_lookups_find_the_entry_at_or_before() -> None:
    index = index_of((5, 100), (9, 200))
    assert [index.entry_before(offset) for offset in (0, 4, 5, 8, 9, 99)] == [
        (0, 0), (0, 0), (5, 100), (5, 100), (9, 200), (9, 200),
    ]  # fmt: skip
    assert index.last_entry() == (9, 200)
    assert OffsetIndex().last_entry() == (0, 0)


def test_it_tells_between_which_positions_a_batch_begins() -> None:
    """An entry has the last offset of the batch at its position."""
    index = index_of((5, 100), (9, 200))
    assert [index.span(offset, 300) for offset in (0, 4, 5, 6, 8, 9, 10)] == [
        (0, 100), (0, 100), (100, 100), (100, 200), (100, 200), (200, 200), (200, 300),
    ]  # fmt: skip
    assert OffsetIndex().span(3, 300) == (0, 300)


def test_truncating_drops_entries_from_an_offset_on() -> None:
    index = index_of((5, 100), (9, 200), (12, 300))
    index.truncate(9)
    assert (len(index), index.last_entry()) == (1, (5, 100))


def test_zeros_after_the_entries_are_preallocated_space() -> None:
    data = index_of((5, 100)).to_bytes()
    read = OffsetIndex.from_bytes(data + bytes(800), 1000)
    assert read is not None
    assert len(read) == 1


@pytest.mark.parametrize(
    "entries", [((5, 100), (5, 200)), ((5, 100), (6, 100)), ((5, 1000),), ((-5, 100),), ((5, 100), (6, 50))]
)
def test_entries_that_cannot_be_make_the_file_corrupt(entries: tuple[tuple[int, int], ...]) -> None:
    assert OffsetIndex.from_bytes(index_of(*entries).to_bytes(), 1000) is None


def test_file_of_odd_length_is_corrupt_and_none_is_missing() -> None:
    assert OffsetIndex.from_bytes(b"123", 1000) is None
    assert OffsetIndex.from_bytes(None, 1000) is None
