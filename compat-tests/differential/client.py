"""A raw Kafka connection: frames out, frames in, and what happened when none came."""

import contextlib
import socket
import struct
from enum import Enum

CLIENT_ID = "differential"


class Nothing(Enum):
    """What came instead of an answer."""

    CLOSED = "closed"
    NO_ANSWER = "no answer"


class Connection:
    """One blocking connection to a broker on this machine, from any of its loopback addresses."""

    def __init__(self, port: int, timeout: float, address: str = "127.0.0.1") -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout, (address, 0))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._timeout = timeout
        self._correlation = 0
        self._arrived: dict[int, bytes] = {}

    def send(self, key: int, version: int, body: bytes, *, flexible: bool) -> int:
        """Send one request; its correlation id is returned. A connection already closed shows when receiving."""
        self._correlation += 1
        client_id = CLIENT_ID.encode()
        header = struct.pack(">hhih", key, version, self._correlation, len(client_id)) + client_id
        frame = header + (b"\0" if flexible else b"") + body
        self.send_raw(struct.pack(">i", len(frame)) + frame)
        return self._correlation

    def send_raw(self, data: bytes) -> None:
        """Send bytes as they are."""
        with contextlib.suppress(ConnectionError):
            self._socket.sendall(data)

    def receive(self, correlation: int, timeout: float | None = None) -> bytes | Nothing:
        """The frame that answers `correlation`, without its correlation id."""
        self._socket.settimeout(self._timeout if timeout is None else timeout)
        try:
            while correlation not in self._arrived:
                (size,) = struct.unpack(">i", self._exactly(4))
                frame = self._exactly(size)
                self._arrived[int.from_bytes(frame[:4], "big")] = frame[4:]
        except TimeoutError:
            return Nothing.NO_ANSWER
        except ConnectionError:
            return Nothing.CLOSED
        return self._arrived.pop(correlation)

    def receive_bare(self) -> bytes | Nothing:
        """The next frame as it is, whatever it answers."""
        self._socket.settimeout(self._timeout)
        try:
            (size,) = struct.unpack(">i", self._exactly(4))
            return self._exactly(size)
        except TimeoutError:
            return Nothing.NO_ANSWER
        except ConnectionError:
            return Nothing.CLOSED

    def has_arrived(self, correlation: int) -> bool:
        """Whether that answer was read while another one was waited for."""
        return correlation in self._arrived

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def _exactly(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            more = self._socket.recv(size - len(data))
            if not more:
                raise ConnectionResetError
            data += more
        return data
