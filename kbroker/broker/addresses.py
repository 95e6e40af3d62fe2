"""Host names that clients give, as addresses; looking one up takes a thread, since it may ask a name server."""

import ipaddress
import socket

import trio


async def resolve(host: str) -> str | None:
    """The address of a host, an IPv4 one if it has any, as connections show theirs; None if there is none."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        pass
    name = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    try:
        found = await trio.to_thread.run_sync(
            lambda: socket.getaddrinfo(name, None, type=socket.SOCK_STREAM), abandon_on_cancel=True
        )
    except (OSError, UnicodeError, ValueError):
        return None
    found.sort(key=lambda entry: entry[0] != socket.AF_INET)
    return str(found[0][4][0])
