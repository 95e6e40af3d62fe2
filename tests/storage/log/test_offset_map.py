from kbroker.storage.log.offset_map import OffsetMap


def test_the_latest_offset_of_a_key_counts() -> None:
    offsets = OffsetMap(1000, 0)
    for key, offset in ((b"a", 1), (b"b", 2), (b"a", 3)):
        offsets.put(key, offset)
    assert not offsets.is_latest(b"a", 1)
    assert offsets.is_latest(b"a", 3)
    assert offsets.is_latest(b"never seen", 0)
    assert len(offsets) == 2


def test_keys_of_any_length_are_told_apart_in_little_memory() -> None:
    offsets = OffsetMap(2000, 0)
    for length in (0, 31, 32, 33, 34, 1_000_000):
        offsets.put(b"k" * length, length)
    assert len(offsets) == 6
    assert not offsets.full
    assert not offsets.is_latest(b"k" * 1_000_000, 999_999)
    assert offsets.is_latest(b"k" * 999_999 + b"x", 0)


def test_it_is_full_when_its_memory_is_used_up() -> None:
    offsets = OffsetMap(1000, 0)
    for number in range(10):
        offsets.put(b"same", number)
    assert not offsets.full
    for number in range(10):
        offsets.put(b"%d" % number, number)
    assert offsets.full
