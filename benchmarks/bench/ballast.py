"""Memory that is in use before a broker writes to it.

A virtual machine's free memory may be its host's: the first write to such a page costs 3 s/GiB instead of 0.3, and a
machine that reports what it frees gives it back within seconds. While the page cache is full, a new page comes from an
old one and not from the host, so that no broker pays for that. (In a tmpfs, which keeps no holes, this does nothing.)
"""

import os
import tempfile
from pathlib import Path
from typing import Self

PIECE = 2 << 20  # as large as the largest folio, of which no part can be dropped


class Ballast:
    """A sparse file as large as the memory that is available; it takes no space on the disk. Empty if not wanted."""

    def __init__(self, *, wanted: bool = True) -> None:
        self._file = tempfile.TemporaryFile(prefix="bench-ballast-")  # noqa: SIM115  __exit__ closes it
        self._size = available_bytes() if wanted else 0
        os.ftruncate(self._file.fileno(), self._size)

    def fill(self) -> None:
        """Read it, so that the page cache takes all memory that is free. Takes seconds, the first time a minute.

        What is still there is dropped and read anew: pages that are read again would count as worth more to the kernel
        than a broker's log.
        """
        buffer = bytearray(PIECE)
        for position in range(0, self._size, PIECE):
            os.posix_fadvise(self.fileno(), position, PIECE, os.POSIX_FADV_DONTNEED)
            os.preadv(self.fileno(), [buffer], position)

    def fileno(self) -> int:
        """Its descriptor."""
        return self._file.fileno()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


def available_bytes() -> int:
    """MemAvailable."""
    lines = Path("/proc/meminfo").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable"))
