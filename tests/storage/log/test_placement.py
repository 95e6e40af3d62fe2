import pytest

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.storage.log.placement import Placement

from .several import MemoryIds

A, B, C = (bytes([number]) * 16 for number in range(3))


def test_new_partitions_go_where_the_fewest_are_the_first_of_equals() -> None:
    placement = Placement(MemoryIds())
    placement.place([("t", index) for index in range(7)], [A, B, C])
    assert [placement.home(("t", index)) for index in range(7)] == [A, B, C, A, B, C, A]
    placement.place([("u", index) for index in range(2)], [A, B, C])
    assert [placement.home(("u", index)) for index in range(2)] == [B, C]


def test_a_preferred_directory_is_taken_once_and_if_it_is_there() -> None:
    placement = Placement(MemoryIds())
    for index in (0, 1):
        placement.prefer(("t", index), C)
    placement.place([("t", 0)], [A, B, C])
    placement.place([("t", 1)], [A, B])
    assert [placement.home(("t", index)) for index in range(2)] == [C, A]


def test_it_is_remembered_until_the_topic_is_gone() -> None:
    ids = MemoryIds()
    Placement(ids).place([("t", 0), ("u", 0)], [A, B])
    again = Placement(ids)
    assert (again.home(("t", 0)), again.home(("u", 0))) == (A, B)
    again.forget("t", range(1))
    assert again.home(("t", 0)) is None
    assert ids.homes == {("u", 0): B}


def test_no_directory_takes_any() -> None:
    with pytest.raises(KafkaError) as caught:
        Placement(MemoryIds()).place([("t", 0)], [])
    assert caught.value.code == ErrorCode.INVALID_REPLICATION_FACTOR
