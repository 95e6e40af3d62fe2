"""A part of a file on its way to a client: the kernel can send it without a copy in this process."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from kbroker.storage.interfaces.logs import Buffer

# Elsewhere a send that is broken off doesn't tell how much went out.
SENDS_FILES: Final = sys.platform == "linux"
# Below, the copy is cheaper than the pages of a file one by one. Above, a buffer is memory that is new each time.
LEAST_BYTES: Final = 256 * 1024


class FileRegion:
    """`len` bytes of a file from `position` on. It may be renamed, replaced or deleted meanwhile, but not cut off.

    The file stays open as long as this is referred to.
    """

    __slots__ = ("_descriptor", "_size", "position")

    def __init__(self, descriptor: int, position: int, size: int) -> None:
        """Of an open file; the descriptor may be closed after this. Raises OSError."""
        self._descriptor = -1
        self._descriptor = os.dup(descriptor)
        self.position = position
        self._size = size

    def __len__(self) -> int:
        """Bytes that are left of it."""
        return self._size

    def __del__(self) -> None:
        """Close the file."""
        if self._descriptor >= 0:
            os.close(self._descriptor)

    def send_to(self, socket: int) -> int:
        """Have the kernel send what it can at once; returns how much. Raises OSError, BlockingIOError among them."""
        sent = os.sendfile(socket, self._descriptor, self.position, self._size)
        if not sent:
            raise OSError(f"the file ends {self._size} bytes too early")
        return sent

    def drop(self, size: int) -> None:
        """Take the first `size` bytes off."""
        self.position += size
        self._size -= size

    def read(self) -> bytes:
        """The bytes, for where files can't be sent. Raises OSError."""
        parts = []
        position, left = self.position, self._size
        while left:
            part = os.pread(self._descriptor, left, position)
            if not part:
                raise OSError(f"the file ends {left} bytes too early")
            parts.append(part)
            position += len(part)
            left -= len(part)
        return b"".join(parts)


def in_memory(chunk: Buffer | FileRegion) -> Buffer:
    """The bytes of a chunk, read if they are in a file. Raises OSError."""
    return chunk.read() if isinstance(chunk, FileRegion) else chunk
