"""How fast this machine is now: a loop of what a broker does, to compare runs on different days and machines."""

import os
import socket
import tempfile
import time
import zlib


def calibration_ms() -> float:
    """Wall ms of the best of five: interpreted code, checksums, a socket pair and appends to a file."""
    return min(_once() for _ in range(5)) * 1e3


def _once() -> float:
    left, right = socket.socketpair()
    block = os.urandom(16 * 1024)
    with left, right, tempfile.TemporaryFile() as file:
        began = time.perf_counter()
        seen: dict[int, int] = {}
        for number in range(2_000):
            left.send(block)
            data = right.recv(len(block))
            seen[number % 64] = zlib.crc32(data)
            file.write(data)
            for each in range(50):
                seen[each] = seen.get(each, 0) + 1
        file.flush()
        return time.perf_counter() - began
