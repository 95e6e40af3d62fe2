import socket
import threading
from collections.abc import Iterator

import pytest
from faults.proxy import Proxy


@pytest.fixture
def echo() -> Iterator[int]:
    """A port whose connections get back what they send."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve(connection: socket.socket) -> None:
        with connection:
            while data := connection.recv(100):
                connection.sendall(data)

    def accept() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    yield server.getsockname()[1]
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join()


def connected(proxy: Proxy, number: int) -> list[socket.socket]:
    clients = []
    for _ in range(number):
        client = socket.create_connection(("127.0.0.1", proxy.port), 10)
        client.sendall(b"hello")
        assert client.recv(5, socket.MSG_WAITALL) == b"hello"
        clients.append(client)
    return clients


def is_cut(client: socket.socket) -> bool:
    with client:
        try:
            client.sendall(b"again")
            return client.recv(5, socket.MSG_WAITALL) != b"again"
        except OSError:
            return True


def test_one_connection_is_cut_and_then_all(echo: int) -> None:
    proxy = Proxy()
    proxy.target = echo
    first, second, third = connected(proxy, 3)
    proxy.cut(4)
    assert is_cut(second)
    third.sendall(b"there")
    assert third.recv(5, socket.MSG_WAITALL) == b"there"
    proxy.cut()
    assert is_cut(first)
    assert is_cut(third)
    assert not is_cut(*connected(proxy, 1))
    proxy.close()


def test_a_client_waits_for_the_broker_to_come_back(echo: int) -> None:
    proxy = Proxy()
    with socket.create_server(("127.0.0.1", 0)) as unused:
        proxy.target = unused.getsockname()[1]
    with socket.create_connection(("127.0.0.1", proxy.port), 10) as client:
        client.sendall(b"hello")
        proxy.target = echo
        assert client.recv(5, socket.MSG_WAITALL) == b"hello"
    proxy.close()
