"""Requests and answers over a connection that comes back. Messages are those of the checker's own source tree."""

import contextlib
import socket
from collections import deque
from struct import Struct
from typing import Any

from kbroker.protocol.apis import APIS, Api
from kbroker.protocol.schema import reader, writer
from workloads.patience import Patience

TIMEOUT_S = 10.0
_HEADER = Struct(">ihhih")
_CLIENT_ID = b"checker"
_APIS: dict[type, Api] = {}


class Connection:
    """To one port, at first and after a loss connected by `connect`. OSError says that what was asked has no answer."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None
        self._expected: deque[tuple[Api, int]] = deque()
        self._buffer = b""

    def connect(self) -> None:
        """Connect unless it is. Raises StuckError if there is nobody for too long."""
        patience = Patience("connecting")
        while self._socket is None:
            try:
                self._socket = socket.create_connection(("127.0.0.1", self._port), TIMEOUT_S)
                self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            except OSError as error:
                patience.wait(error)

    def close(self) -> None:
        """Drop the connection, and what was asked on it."""
        if self._socket is not None:
            self._socket.close()
        self._socket, self._buffer = None, b""
        self._expected.clear()

    def send(self, request: Any, version: int) -> None:
        """Send a request, whose answer `receive` will return in turn."""
        api = _api_of(type(request))
        self._expected.append((api, version))
        tags = b"\0" if api.is_flexible(version) else b""
        body = _CLIENT_ID + tags + b"".join(writer(api.request, version)(request))
        self._send(_HEADER.pack(_HEADER.size - 4 + len(body), api.key, version, 0, len(_CLIENT_ID)) + body)

    def receive(self) -> Any:
        """The next answer."""
        api, version = self._expected.popleft()
        size = int.from_bytes(self._exactly(4), "big")
        frame = memoryview(self._exactly(size))
        return reader(api.response, version)(frame, 4 + api.is_flexible(version))

    def ask(self, request: Any, version: int) -> Any:
        """Send and receive, connected anew where needed. What raises OSError drops the connection."""
        self.connect()
        try:
            self.send(request, version)
            return self.receive()
        except OSError:
            self.close()
            raise

    def _send(self, data: bytes) -> None:
        if self._socket is None:
            raise ConnectionError("not connected")
        self._socket.sendall(data)

    def _exactly(self, size: int) -> bytes:
        if self._socket is None:
            raise ConnectionError("not connected")
        while len(self._buffer) < size:
            data = self._socket.recv(1 << 18)
            if not data:
                raise ConnectionError("closed")
            self._buffer += data
        data, self._buffer = self._buffer[:size], self._buffer[size:]
        return data


def _api_of(request: type) -> Api:
    if request not in _APIS:
        _APIS[request] = next(api for api in APIS.values() if api.request is request)
    return _APIS[request]


def ask_until_answered(connection: Connection, request: Any, version: int) -> Any:
    """Ask until there is an answer, whatever it is."""
    patience = Patience(type(request).__name__)
    while True:
        with contextlib.suppress(OSError):
            return connection.ask(request, version)
        patience.wait("no answer")
