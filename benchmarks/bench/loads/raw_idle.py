"""Connections that have asked for ApiVersions once and then stay, until told to stop."""

import time
from collections.abc import Generator
from typing import Any

from bench.loads import gate
from bench.wire import API_VERSIONS, Connection, frame


def load(*, port: int, connections: int) -> Generator[None, None, dict[str, Any]]:
    """Open them all before the gate."""
    opened = []
    for _ in range(connections):
        connection = Connection(port)
        connection.ask(frame(API_VERSIONS, 0, b""))
        opened.append(connection)
    yield
    while not gate.told_to_stop():
        time.sleep(0.05)
    return {"connections": len(opened)}


if __name__ == "__main__":
    gate.run(load)
