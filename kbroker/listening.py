"""Listening sockets: which addresses a listener has, and how the connections that come in on them begin."""

from __future__ import annotations

import errno
import ipaddress
import logging
import socket
from typing import TYPE_CHECKING, Any, Final

from attrs import define

from kbroker.errors import StartupError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kbroker.config.broker_config import BrokerConfig
    from kbroker.config.listeners import Listener

log = logging.getLogger(__name__)

SocketAddress = tuple[Any, ...]  # whatever the address family has

BUFFERS: Final = {
    socket.SO_RCVBUF: "socket.receive.buffer.bytes",
    socket.SO_SNDBUF: "socket.send.buffer.bytes",
}


@define
class BoundListener:
    """A listener and the sockets it is bound to (more than one for a name with several addresses)."""

    listener: Listener
    sockets: list[socket.socket]

    @property
    def port(self) -> int:
        """The port it really has, when it was configured with 0."""
        port: int = self.sockets[0].getsockname()[1]
        return port


def plain_host(address: str) -> str:
    """An address as clients can dial it: an IPv4 one without the IPv6 mapping of a dual-stack socket."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return address


def bind(listeners: Sequence[Listener], config: BrokerConfig) -> list[BoundListener]:
    """Bind all listeners or none. Raises StartupError that names the one that can't be."""
    bound: list[BoundListener] = []
    try:
        for listener in listeners:
            bound.append(BoundListener(listener, []))
            absent: OSError | None = None
            for family, kind, protocol, _, address in _addresses(listener):
                try:
                    bound[-1].sockets.append(_listen(socket.socket(family, kind, protocol), address, config))
                except OSError as error:
                    if error.errno not in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
                        raise
                    absent = error  # localhost is often ::1 as well on machines that have no IPv6
            if absent is not None and not bound[-1].sockets:
                raise absent
    except OSError as error:
        close(bound)
        listener = bound[-1].listener
        raise StartupError(
            f"can't listen on {listener.host}:{listener.port} (listener {listener.name}): {error.strerror or error}"
        ) from error
    return bound


def _listen(sock: socket.socket, address: SocketAddress, config: BrokerConfig) -> socket.socket:
    try:
        sock.setblocking(False)
        for option, name in BUFFERS.items():  # connections inherit them
            if (size := config.int(name)) > 0:  # else the kernel's own
                _set_buffer(sock, option, name, size)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if sock.family == socket.AF_INET6:
            # An any-address takes IPv4 clients too; a name that resolves to both gets a socket for each.
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, address[0] != "::")
        sock.bind(address)
        sock.listen(config.int("socket.listen.backlog.size"))
    except OSError:
        sock.close()
        raise
    return sock


def _set_buffer(sock: socket.socket, option: int, name: str, size: int) -> None:
    """Linux takes any size, and gives as much as it allows; others refuse."""
    try:
        sock.setsockopt(socket.SOL_SOCKET, option, size)
    except OSError as error:
        log.warning("%s=%d has no effect: %s", name, size, error.strerror)


def close(bound: Sequence[BoundListener]) -> None:
    """Stop listening."""
    for listener in bound:
        for sock in listener.sockets:
            sock.close()


def _addresses(listener: Listener) -> list[tuple[int, int, int, str, Any]]:
    """What to bind, as socket.getaddrinfo tells it; one dual-stack socket for "every address" where there is one."""
    # Of a text, getaddrinfo imports what international names need, whatever it is.
    host = listener.host.encode() if listener.host.isascii() else listener.host
    found: list[tuple[int, int, int, str, Any]] = [
        *socket.getaddrinfo(host or None, listener.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    ]
    if not listener.host and socket.has_dualstack_ipv6():
        return [entry for entry in found if entry[0] == socket.AF_INET6] or found
    return found
