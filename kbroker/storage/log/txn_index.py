"""The `.txnindex` file.

The aborted transactions whose markers are in a segment. Only segments that have some have one.
"""

from struct import Struct
from typing import NamedTuple

_ENTRY = Struct(">hqqqq")
ENTRY_BYTES = _ENTRY.size
_VERSION = 0


class AbortedEntry(NamedTuple):
    """A transaction's first offset, its ABORT marker's, and the last stable offset after that."""

    producer_id: int
    first_offset: int
    last_offset: int
    last_stable_offset: int


def parse(data: bytes) -> list[AbortedEntry]:
    """Entries of a file, up to the first that is cut short or of a version unknown."""
    entries = []
    for start in range(0, len(data) - ENTRY_BYTES + 1, ENTRY_BYTES):
        version, *fields = _ENTRY.unpack_from(data, start)
        if version != _VERSION:
            break
        entries.append(AbortedEntry(*fields))
    return entries


def serialize(entries: list[AbortedEntry]) -> bytes:
    """A file's content."""
    return b"".join(_ENTRY.pack(_VERSION, *entry) for entry in entries)
