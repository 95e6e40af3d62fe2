"""Whether a file's bytes are in the kernel's memory, and getting them there where that keeps nobody waiting."""

import errno
import os
from typing import Final

from attrs import frozen

_NOWAIT: Final = getattr(os, "RWF_NOWAIT", 0)  # Linux; elsewhere nothing tells
_STRIDE: Final = 128 * 1024  # what the kernel reads ahead at a time, so that a byte stands for so many
_PIECE: Final = 1024 * 1024
_LARGEST_FOLIO: Final = 2 * 1024 * 1024  # the page cache's unit; each begins at a multiple of its size


def is_cached(descriptor: int, position: int, size: int, end: int = 0) -> bool:
    """Whether these bytes, and the last one before `end`, can be read without waiting for the disk.

    Also True where the system can't tell.
    """
    if not _NOWAIT or size <= 0:
        return True
    byte = [bytearray(1)]
    last = position + size - 1
    try:
        for at in (max(last, end - 1), *range(position, last, _STRIDE), last):
            os.preadv(descriptor, byte, at, _NOWAIT)
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno == errno.EOPNOTSUPP:  # not every file system has it
            return True
        raise
    return True


def end_of_folio(end: int) -> int:
    """Where the folio may end that has the byte before `end`. Unlike pread, sendfile waits for all of it."""
    return -(-end // _LARGEST_FOLIO) * _LARGEST_FOLIO


@frozen
class ColdRange:
    """Bytes of a file that the disk has to be waited for."""

    path: str
    position: int
    size: int

    def load(self) -> None:
        """Read them, and have the kernel begin with as many that follow. Blocks; for a worker thread.

        Errors are for those to report who read the bytes afterwards.
        """
        try:
            descriptor = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return  # deleted meanwhile
        try:
            os.posix_fadvise(descriptor, self.position, 2 * self.size, os.POSIX_FADV_WILLNEED)
            for at in range(self.position, self.position + self.size, _PIECE):
                os.pread(descriptor, min(_PIECE, self.position + self.size - at), at)
        except OSError:
            pass
        finally:
            os.close(descriptor)
