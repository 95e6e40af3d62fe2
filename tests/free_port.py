"""A port that was free a moment ago."""

import socket


def free_port() -> int:
    """Ask the kernel for one on the loopback interface."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
