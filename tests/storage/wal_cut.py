"""What a power cut may leave of SQLite's write-ahead log: any beginning of it, its last frame torn.

Frames are written in order and carry a running checksum, so that SQLite takes the log up to the first that isn't whole,
and of those up to the last that ended a transaction. https://www.sqlite.org/fileformat2.html#walformat
"""

from collections.abc import Iterator
from pathlib import Path

_HEADER_BYTES, _FRAME_HEADER_BYTES = 32, 24
WAL_SUFFIX = "-wal"


def whole(database: Path) -> bytes:
    """All of a database file's log."""
    return Path(f"{database}{WAL_SUFFIX}").read_bytes()


def beginnings(database: Path) -> Iterator[bytes]:
    """A database file's log up to each frame, and amid it, the file having grown by zeros or not."""
    wal = whole(database)
    frame_bytes = _FRAME_HEADER_BYTES + int.from_bytes(wal[8:12], "big")
    yield b""
    for number, end in enumerate(range(_HEADER_BYTES, len(wal), frame_bytes)):
        half = wal[: end + frame_bytes // 2]
        yield wal[:end]
        yield half.ljust(end + frame_bytes, b"\0") if number % 2 else half
    yield wal
