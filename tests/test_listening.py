import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from kbroker.config.listeners import Listener
from kbroker.errors import StartupError
from kbroker.listening import bind, close, plain_host

from .handlers.conftest import config_of


@contextmanager
def accepted(settings: dict[str, str]) -> Iterator[socket.socket]:
    """A connection that came in on a listener."""
    bound = bind([Listener("L", "127.0.0.1", 0)], config_of(settings))
    listening = bound[0].sockets[0]
    listening.setblocking(True)
    try:
        with socket.create_connection(listening.getsockname()), listening.accept()[0] as connection:
            yield connection
    finally:
        close(bound)


def buffer_sizes(connection: socket.socket) -> tuple[int, int]:
    """Of receiving and of sending."""
    options = socket.SO_RCVBUF, socket.SO_SNDBUF
    received, sent = (connection.getsockopt(socket.SOL_SOCKET, option) for option in options)
    return received, sent


def set_to(size: int) -> int:
    """What the kernel makes of a size: Linux doubles it, up to a limit of its own."""
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, size)
        return sock.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)


def test_buffers_of_connections_have_the_size_that_is_set() -> None:
    settings = {"socket.receive.buffer.bytes": "50000", "socket.send.buffer.bytes": "60000"}
    with accepted(settings) as connection:
        assert buffer_sizes(connection) == (set_to(50000), set_to(60000))


@pytest.mark.parametrize("size", ["-1", "0"])
def test_without_a_size_the_kernel_has_its_own(size: str) -> None:
    settings = {"socket.receive.buffer.bytes": size, "socket.send.buffer.bytes": size}
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()),
        server.accept()[0] as connection,
    ):
        kernels_own = buffer_sizes(connection)
    with accepted(settings) as connection:
        assert buffer_sizes(connection) == kernels_own


def test_by_default_answers_have_a_buffer_that_a_cache_holds_and_requests_the_kernels() -> None:
    with accepted({}) as connection, accepted({"socket.receive.buffer.bytes": "-1"}) as other:
        assert buffer_sizes(connection) == (buffer_sizes(other)[0], set_to(409_600))


def test_a_size_that_the_system_refuses_is_told_and_keeps_nobody_from_starting(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class Refusing(socket.socket):
        def setsockopt(self, level: int, option: int, value: int) -> None:  # type: ignore[override]
            if option == socket.SO_SNDBUF:
                raise OSError(errno.ENOBUFS, "No buffer space available")
            super().setsockopt(level, option, value)

    monkeypatch.setattr(socket, "socket", Refusing)
    close(bind([Listener("L", "127.0.0.1", 0)], config_of({"socket.send.buffer.bytes": "77777"})))
    assert "socket.send.buffer.bytes=77777 has no effect: No buffer space available" in caplog.text


def test_socket_listen_backlog_size(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    class Recording(socket.socket):
        def listen(self, backlog: int = -1, /) -> None:
            seen.append(backlog)
            super().listen(backlog)

    monkeypatch.setattr(socket, "socket", Recording)
    close(bind([Listener("L", "127.0.0.1", 0)], config_of({"socket.listen.backlog.size": "7"})))
    assert seen == [7]


def test_a_port_in_use_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StartupError, match=f"127.0.0.1:{port}.*in use"):
            bind([Listener("PLAINTEXT", "127.0.0.1", 0), Listener("OTHER", "127.0.0.1", port)], config_of({}))


def test_a_mapped_address_is_told_as_ipv4() -> None:
    assert plain_host("::ffff:10.1.2.3") == "10.1.2.3"
    assert plain_host("fe80::1%eth0") == "fe80::1%eth0"
