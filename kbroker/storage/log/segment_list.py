"""The segments of one log in order, and the only place where that order changes."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from kbroker.storage.log.segment import Segment


class SegmentList:
    """Never empty. The last segment is the active one, which is appended to."""

    __slots__ = ("_bases", "_segments", "active")

    def __init__(self, segments: Sequence[Segment]) -> None:
        """Segments by rising base offset."""
        self._segments = list(segments)
        self._bases = [segment.base_offset for segment in self._segments]
        self.active = self._segments[-1]

    def __len__(self) -> int:
        """How many segments there are."""
        return len(self._segments)

    def __getitem__(self, number: int) -> Segment:
        """The segment of that number in the list."""
        return self._segments[number]

    def __iter__(self) -> Iterator[Segment]:
        """Oldest first."""
        return iter(self._segments)

    def number_holding(self, offset: int) -> int:
        """Number of the segment in whose range `offset` lies; the first one for offsets below all."""
        return max(bisect_right(self._bases, offset) - 1, 0)

    def from_offset(self, offset: int) -> Sequence[Segment]:
        """The segment in whose range `offset` lies, and all after it."""
        return self._segments[self.number_holding(offset) :]

    def end_of(self, number: int, log_end: int) -> int:
        """Offset at which the range of a segment ends."""
        return self._bases[number + 1] if number + 1 < len(self._bases) else log_end

    def swap(self, first: int, count: int, replacement: Sequence[Segment]) -> list[Segment]:
        """Put segments in the place of `count` others, from number `first` on; returns the ones taken out."""
        removed = self._segments[first : first + count]
        self._segments[first : first + count] = replacement
        self._bases[first : first + count] = [segment.base_offset for segment in replacement]
        self.active = self._segments[-1]
        return removed

    def append(self, segment: Segment) -> None:
        """Add the new active segment."""
        self.swap(len(self._segments), 0, [segment])
