"""A part of a file on its way to a client: the kernel can send it without a copy in this process."""

from __future__ import annotations

import os
import sys
from errno import EINVAL, ENOSYS, EOPNOTSUPP
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kbroker.storage.interfaces.logs import Buffer

# Below, the copy is cheaper than the pages of a file one by one. Above, a buffer is memory that is new each time.
LEAST_BYTES: Final = 256 * 1024
_NOT_SUPPORTED: Final = (EINVAL, ENOSYS, EOPNOTSUPP)  # by a file system or a sandbox


class UnreadableFileError(OSError):
    """The file is to blame, not the client."""


class OpenRegions:
    """How many regions hold a file open, each with a descriptor of its own; there may be `most`.

    None may be where the system doesn't tell how much went out before a send was broken off, that is but on Linux, or
    once it was found out that files can't be sent here.
    """

    __slots__ = ("count", "most")

    def __init__(self, most: int) -> None:
        self.count = 0
        self.most = most if sys.platform == "linux" else 0

    @property
    def has_room(self) -> bool:
        """Whether there may be one more."""
        return self.count < self.most


class FileRegion:
    """`len` bytes of a file from `position` on. It may be renamed, replaced or deleted meanwhile, but not cut off.

    The file stays open as long as this is referred to.
    """

    __slots__ = ("_descriptor", "_failed", "_open", "_size", "position")

    def __init__(
        self,
        descriptor: int,
        position: int,
        size: int,
        regions: OpenRegions,
        failed: Callable[[OSError], object],
    ) -> None:
        """Of an open file; the descriptor may be closed after this. `failed` hears if it can't be read.

        Raises OSError.
        """
        self._descriptor = -1
        self._descriptor = os.dup(descriptor)
        self._open = regions
        self._open.count += 1
        self._failed = failed
        self.position = position
        self._size = size

    def __len__(self) -> int:
        """Bytes that are left of it."""
        return self._size

    def __del__(self) -> None:
        """Close the file."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._open.count -= 1

    def send_to(self, socket: int) -> int:
        """Have the kernel send what it can at once; returns how much, 0 if files can't be sent here.

        Raises UnreadableFileError, and OSError of the socket, BlockingIOError among them.
        """
        try:
            sent = os.sendfile(socket, self._descriptor, self.position, self._size)
        except BlockingIOError:
            raise
        except OSError as error:
            self._read(self.position, 1)  # or the file is to blame
            if error.errno not in _NOT_SUPPORTED:
                raise
            self._open.most = 0
            return 0
        if not sent:
            self._read(self.position, 1)
        return sent

    def drop(self, size: int) -> None:
        """Take the first `size` bytes off."""
        self.position += size
        self._size -= size

    def pieces(self, size: int) -> Iterator[bytes]:
        """The bytes, `size` of them at a time, for where files can't be sent. Raises UnreadableFileError."""
        end = self.position + self._size
        for position in range(self.position, end, size):
            yield self._read(position, min(size, end - position))

    def read(self) -> bytes:
        """All of the bytes. Raises UnreadableFileError."""
        return self._read(self.position, self._size)

    def _read(self, position: int, size: int) -> bytes:
        parts = []
        try:
            while size:
                part = os.pread(self._descriptor, size, position)
                if not part:
                    raise OSError(f"the file ends {size} bytes too early")
                parts.append(part)
                position += len(part)
                size -= len(part)
        except OSError as error:
            self._failed(error)
            raise UnreadableFileError(*error.args) from error
        return b"".join(parts)


def in_memory(chunk: Buffer | FileRegion) -> Buffer:
    """The bytes of a chunk, read if they are in a file. Raises UnreadableFileError."""
    return chunk.read() if isinstance(chunk, FileRegion) else chunk


def memory_of(chunk: Buffer | FileRegion) -> int:
    """How many bytes of this process's memory a chunk takes."""
    return 0 if isinstance(chunk, FileRegion) else len(chunk)
