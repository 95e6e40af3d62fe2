"""What no broker can do without when it is produced to, in CPU seconds per 10^9 bytes: receive, checksum, write.

One connection over loopback whose other end is as fast as it can be; no protocol, no waiting, memory that was in use.

Run: python benchmarks/micro/system_calls.py
"""

import os
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from crc32c import crc32c

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from bench.ballast import Ballast

TOTAL = 2_000_000_000
IN_FLIGHT = 5
REQUESTS = ((16 * 1024, 1), (64 * 1024, 1), (12 * 16 * 1024, 12), (1 << 20, 1))  # bytes, partitions


@contextmanager
def connected(client: Callable[[socket.socket], None]) -> Iterator[socket.socket]:
    """The server's end of a connection to a process that runs `client` at the other."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        child = os.fork()
        if not child:
            try:
                client(socket.create_connection(server.getsockname()))
            finally:
                os._exit(0)  # whatever happens: the parent's files are not the child's to remove
        with server.accept()[0] as accepted:
            yield accepted
        os.waitpid(child, 0)


def produced(size: int, partitions: int) -> float:
    """Requests of so many bytes, each for so many files."""
    requests = TOTAL // size

    def client(sock: socket.socket) -> None:
        request = bytes(size)
        for number in range(requests):
            sock.sendall(request)
            if number >= IN_FLIGHT:
                sock.recv(1)
        while sock.recv(1):
            pass

    with tempfile.TemporaryDirectory() as directory, connected(client) as sock:
        files = [os.open(f"{directory}/{number}", os.O_WRONLY | os.O_CREAT) for number in range(partitions)]
        buffer = memoryview(bytearray(size))
        part = size // partitions
        began = time.process_time()
        for number in range(requests):
            sock.recv_into(buffer, size, socket.MSG_WAITALL)
            for index, file in enumerate(files):
                batch = buffer[index * part : (index + 1) * part]
                crc32c(batch)
                os.pwrite(file, batch, number * part)
            sock.send(b"-")
        spent = time.process_time() - began
        for file in files:
            os.close(file)
    return spent / (requests * size / 1e9)


def main() -> None:
    with Ballast() as ballast:
        for size, partitions in REQUESTS:
            ballast.fill()
            print(
                f"produce, {size >> 10:>5} KiB for {partitions:>2} files: {produced(size, partitions):.2f} s/GB"
            )


if __name__ == "__main__":
    main()
