"""A TCP proxy on the loopback address whose connections can be cut."""

import contextlib
import socket
import threading
import time

CHUNK = 1 << 18
PATIENCE_S, RETRY_S = 2.0, 0.02


class Proxy:
    """Forwards to a port of this machine: two threads a connection."""

    def __init__(self) -> None:
        self.target = 0
        self._server = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._server.getsockname()[1]
        self._lock = threading.Lock()
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def connections(self) -> int:
        """How many there are."""
        with self._lock:
            return len(self._pairs)

    def cut(self, which: int | None = None) -> None:
        """Cut all connections, or one, counted round. What is on its way is lost, at any byte."""
        with self._lock:
            pairs = self._pairs if which is None else self._pairs[which % max(1, len(self._pairs)) :][:1]
            for pair in pairs:
                for end in pair:
                    _shut(end)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._server.accept()
                threading.Thread(target=self._join, args=(client,), daemon=True).start()

    def _join(self, client: socket.socket) -> None:
        """Connect a client with the broker, once that is there, and forward."""
        broker = self._connect()
        if broker is None:
            client.close()
            return
        pair = client, broker
        for end in pair:
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._lock:
            self._pairs.append(pair)
        threading.Thread(target=self._forward, args=(pair, *pair), daemon=True).start()
        self._forward(pair, *pair[::-1])

    def _connect(self) -> socket.socket | None:
        """A connection to the broker; None if it stays away. Who is waited for doesn't come again and again."""
        for _ in range(round(PATIENCE_S / RETRY_S)):
            try:
                return socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                time.sleep(RETRY_S)
        return None

    def _forward(
        self, pair: tuple[socket.socket, socket.socket], source: socket.socket, target: socket.socket
    ) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(CHUNK):
                target.sendall(data)
        with self._lock:
            for end in pair:
                _shut(end)
            if pair in self._pairs:
                self._pairs.remove(pair)
                return  # the other thread closes them when it ends, too
        for end in pair:
            end.close()

    def close(self) -> None:
        """End it and every connection."""
        _shut(self._server)
        self._server.close()
        self.cut()


def _shut(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
