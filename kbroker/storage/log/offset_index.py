"""The `.index` file: which byte of the segment an offset is near.

An entry is (offset relative to the segment's base: int32, position: int32), big endian, both rising. The
offset is the last one of the batch that starts at the position. One entry is kept for every
`index.interval.bytes` of log.
"""

import sys
from array import array
from bisect import bisect_left, bisect_right

ENTRY_BYTES = 8


class OffsetIndex:
    """Entries in memory; the file is written when the segment is flushed, rolled or closed."""

    __slots__ = ("_positions", "offsets")

    def __init__(self) -> None:
        """An index without entries."""
        self.offsets = array("i")  # relative to the segment's base
        self._positions = array("i")

    def __len__(self) -> int:
        """How many entries there are."""
        return len(self.offsets)

    @classmethod
    def from_bytes(cls, data: bytes | None, log_size: int) -> "OffsetIndex | None":
        """Read a file; None if it is missing or corrupt. Zeros may follow, after a broker was killed."""
        if data is None or len(data) % ENTRY_BYTES:
            return None
        entries = array("i", data)
        if sys.byteorder == "little":
            entries.byteswap()
        index = cls()
        offsets, positions = entries[0::2], entries[1::2]
        last_offset, last_position = -1, 0
        count = 0
        for offset, position in zip(offsets, positions, strict=True):
            if offset <= last_offset or position <= last_position or position >= log_size:
                break
            last_offset, last_position = offset, position
            count += 1
        if any(data[count * ENTRY_BYTES :]):
            return None
        index.offsets, index._positions = offsets[:count], positions[:count]
        return index

    def to_bytes(self, start: int = 0) -> bytes:
        """The file's content from entry `start` on."""
        entries = array("i", bytes((len(self.offsets) - start) * ENTRY_BYTES))
        entries[0::2] = self.offsets[start:]
        entries[1::2] = self._positions[start:]
        if sys.byteorder == "little":
            entries.byteswap()
        return entries.tobytes()

    def append(self, relative_offset: int, position: int) -> None:
        """Add an entry; both numbers must be above the last entry's."""
        self.offsets.append(relative_offset)
        self._positions.append(position)

    def entry_before(self, relative_offset: int) -> tuple[int, int]:
        """The last entry that is not above the offset; (0, 0), the segment's start, when there is none."""
        slot = bisect_right(self.offsets, relative_offset)
        return (self.offsets[slot - 1], self._positions[slot - 1]) if slot else (0, 0)

    def span(self, relative_offset: int, end: int) -> tuple[int, int]:
        """Between which positions the batch begins that holds the offset; `end` is the segment's."""
        slot = bisect_right(self.offsets, relative_offset)
        first = self._positions[slot - 1] if slot else 0
        if slot and self.offsets[slot - 1] == relative_offset:
            return first, first
        return first, self._positions[slot] if slot < len(self._positions) else end

    def entry_at(self, position: int) -> int:
        """Relative offset of the last entry that is not behind the position; 0 when there is none."""
        slot = bisect_right(self._positions, position)
        return self.offsets[slot - 1] if slot else 0

    def truncate(self, relative_offset: int) -> None:
        """Drop entries for offsets at or after `relative_offset`."""
        count = bisect_left(self.offsets, relative_offset)
        del self.offsets[count:]
        del self._positions[count:]

    def last_entry(self) -> tuple[int, int]:
        """Offset and position of the last entry; (0, 0) without entries."""
        return (self.offsets[-1], self._positions[-1]) if self.offsets else (0, 0)
