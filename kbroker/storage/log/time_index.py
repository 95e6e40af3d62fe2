"""The `.timeindex` file: up to which offset timestamps are below a given one.

An entry is (timestamp in ms: int64, offset relative to the segment's base: int32), big endian: no batch
before that offset has a later timestamp. Timestamps rise strictly, offsets never fall.
"""

from array import array
from bisect import bisect_left, bisect_right
from struct import Struct

_ENTRY = Struct(">qi")
ENTRY_BYTES = _ENTRY.size


class TimeIndex:
    """Entries in memory; the file is written when the segment is flushed, rolled or closed."""

    __slots__ = ("_timestamps", "offsets")

    def __init__(self) -> None:
        """An index without entries."""
        self._timestamps = array("q")
        self.offsets = array("i")

    def __len__(self) -> int:
        """How many entries there are."""
        return len(self.offsets)

    @classmethod
    def from_bytes(cls, data: bytes | None) -> "TimeIndex | None":
        """Read a file; None if it is missing or corrupt. Zeros may follow, after a broker was killed."""
        if data is None or len(data) % ENTRY_BYTES:
            return None
        index = cls()
        last_timestamp, last_offset = -1, 0
        for timestamp, offset in _ENTRY.iter_unpack(data):
            if timestamp <= last_timestamp or offset < last_offset or not (timestamp or offset):
                break
            index._timestamps.append(timestamp)
            index.offsets.append(offset)
            last_timestamp, last_offset = timestamp, offset
        return None if any(data[len(index) * ENTRY_BYTES :]) else index

    def to_bytes(self, start: int = 0) -> bytes:
        """The file's content from entry `start` on."""
        pack = _ENTRY.pack
        return b"".join(map(pack, self._timestamps[start:], self.offsets[start:]))

    def append(self, timestamp: int, relative_offset: int) -> None:
        """Add an entry unless it tells nothing new: the timestamp must be above the last one."""
        if timestamp > self.last_timestamp():
            self._timestamps.append(timestamp)
            self.offsets.append(relative_offset)

    def last_timestamp(self) -> int:
        """Largest timestamp indexed; -1 without entries."""
        return self._timestamps[-1] if self._timestamps else -1

    def last_offset(self) -> int:
        """Relative offset of the last entry; 0 without entries."""
        return self.offsets[-1] if self.offsets else 0

    def offset_before(self, timestamp: int) -> int:
        """Relative offset from which a search for the first record at or after `timestamp` may start."""
        slot = bisect_right(self._timestamps, timestamp)
        return self.offsets[slot - 1] if slot else 0

    def truncate(self, relative_offset: int) -> None:
        """Drop entries for offsets at or after `relative_offset`."""
        count = bisect_left(self.offsets, relative_offset)
        del self.offsets[count:]
        del self._timestamps[count:]
