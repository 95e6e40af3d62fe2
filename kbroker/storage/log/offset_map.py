"""The latest offset of each key in the part of a log that has not been compacted yet."""

from hashlib import blake2b

_LONGEST_KEY = (
    32  # bytes; of longer keys a digest is kept, which is one byte longer and so never equals a key
)
_ENTRY_BYTES = 160  # about what an entry takes beside its key: objects, and its share of the hash table


class OffsetMap:
    """Bounded by memory: whoever fills it asks `full` between two batches."""

    __slots__ = ("_max_bytes", "_offsets", "_size_bytes", "end", "start")

    def __init__(self, max_bytes: int, end: int) -> None:
        """An empty map. Batches have been put in from `start` up to `end`."""
        self.start = self.end = end
        self._max_bytes = max_bytes
        self._offsets: dict[bytes, int] = {}
        self._size_bytes = 0

    def __len__(self) -> int:
        """How many keys there are."""
        return len(self._offsets)

    @property
    def full(self) -> bool:
        """Whether the keys take up as much memory as they may."""
        return self._size_bytes >= self._max_bytes

    def put(self, key: bytes, offset: int) -> None:
        """A later record of that key has been found."""
        stored = _stored(key)
        if stored not in self._offsets:
            self._size_bytes += len(stored) + _ENTRY_BYTES
        self._offsets[stored] = offset

    def is_latest(self, key: bytes, offset: int) -> bool:
        """Whether no later record of that key is known."""
        return offset >= self._offsets.get(_stored(key), -1)


def _stored(key: bytes) -> bytes:
    return key if len(key) <= _LONGEST_KEY else blake2b(key, digest_size=_LONGEST_KEY + 1).digest()
