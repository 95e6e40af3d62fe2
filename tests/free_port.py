"""A port that was free a moment ago, and is none that the kernel gives to others meanwhile."""

import random
import socket


def free_port() -> int:
    """One on the loopback interface, below the range of ephemeral ports."""
    while True:
        port = random.randrange(10_000, 30_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
