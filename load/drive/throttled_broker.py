"""kbroker on a disk that takes so many bytes a second: python -m drive.throttled_broker BYTES_A_SECOND serve …

As the kernel does with whoever dirties pages faster than the disk takes them, a write returns only when its bytes had
their time. That is where the broker feels a slow disk; cgroups can't do it everywhere, and need root.
"""

import os
import sys
import time

from kbroker.__main__ import main
from kbroker.storage.log.file_system import FileSystem


class Throttle:
    """Writes, at most at a rate."""

    def __init__(self, bytes_a_second: float) -> None:
        self._rate = bytes_a_second
        self._free_at = 0.0

    def write_at(self, descriptor: int, data: bytes, position: int) -> int:
        """os.pwrite, once the disk has done what came before."""
        written = os.pwrite(descriptor, data, position)
        now = time.monotonic()
        self._free_at = max(now, self._free_at) + written / self._rate
        time.sleep(self._free_at - now)
        return written


if __name__ == "__main__":
    throttle = Throttle(float(sys.argv.pop(1)))
    FileSystem.write_at = staticmethod(throttle.write_at)  # type: ignore[method-assign]
    sys.exit(main())
