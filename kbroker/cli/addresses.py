"""`host:port` as users write it."""

from collections.abc import Sequence

DEFAULT_PORT = 9092
_MAX_PORT = 65535


def parse_addresses(text: str) -> list[tuple[str, int]]:
    """The brokers of `localhost:9092,[::1]:9093`; a port may be left out. Raises ValueError."""
    return [_parse(part.strip()) for part in text.split(",") if part.strip()]


def _parse(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or port.endswith("]"):  # no port, but perhaps an IPv6 address
        host, port = text, str(DEFAULT_PORT)
    if not port.isdecimal() or not 0 < int(port) <= _MAX_PORT:
        raise ValueError(f"{text!r} is not host:port")
    return host.strip("[]") or "localhost", int(port)


def shown(host: str, port: int) -> str:
    """As users and clients write it, with brackets where they are needed."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def first_of(addresses: Sequence[tuple[str, int]]) -> str:
    """The first of some addresses, for messages."""
    return shown(*addresses[0])
