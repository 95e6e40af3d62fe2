"""Segments in their order."""

from typing import cast

import pytest
from attrs import define

from kbroker.storage.log.segment import Segment
from kbroker.storage.log.segment_list import SegmentList


@define
class Named:
    """All that the list looks at."""

    base_offset: int


def segments(*bases: int) -> list[Segment]:
    return [cast("Segment", Named(base)) for base in bases]


def bases(found: object) -> list[int]:
    return [segment.base_offset for segment in cast("list[Segment]", found)]


@pytest.fixture
def three() -> SegmentList:
    return SegmentList(segments(10, 20, 35))


@pytest.mark.parametrize(
    ("offset", "number"), [(0, 0), (10, 0), (19, 0), (20, 1), (34, 1), (35, 2), (999, 2)]
)
def test_the_segment_in_whose_range_an_offset_lies(three: SegmentList, offset: int, number: int) -> None:
    assert three.number_holding(offset) == number
    assert bases(three.from_offset(offset)) == [10, 20, 35][number:]


def test_a_range_ends_where_the_next_begins_or_at_the_logs_end(three: SegmentList) -> None:
    assert [three.end_of(number, 50) for number in range(3)] == [20, 35, 50]


def test_the_last_one_is_active(three: SegmentList) -> None:
    assert three.active is three[2]
    (new,) = segments(50)
    three.append(new)
    assert three.active is new
    assert (len(three), bases(three), three.number_holding(50)) == (4, [10, 20, 35, 50], 3)


def test_some_are_put_in_the_place_of_others(three: SegmentList) -> None:
    assert bases(three.swap(0, 2, segments(10))) == [10, 20]
    assert (bases(three), three.number_holding(34), three.end_of(0, 50)) == ([10, 35], 0, 35)
    assert bases(three.swap(0, 1, [])) == [10]
    assert (bases(three), three.number_holding(5)) == ([35], 0)


def test_the_active_one_follows_when_all_are_replaced(three: SegmentList) -> None:
    three.swap(0, 3, segments(60))
    assert three.active.base_offset == 60
