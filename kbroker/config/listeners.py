"""Which addresses the broker listens on, and what it tells clients to dial.

By `listeners`, `advertised.listeners`, `listener.security.protocol.map` and `controller.listener.names`:

- given neither of the first two, the broker listens on localhost, port 9092
- with `advertised.listeners` alone, each of its ports is bound on all addresses, as container images do
- a listener that is not advertised answers each client with the address that the client dialled
- there is no controller to talk to: its listeners are left out
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import combinations

from attrs import frozen

from kbroker.config.broker_config import BrokerConfig
from kbroker.errors import StartupError

ANY = ""
_ANY_HOSTS = {ANY, "0.0.0.0", "::"}  # noqa: S104 - names that users write for it
_ENDPOINT = re.compile(r"([A-Za-z0-9_.-]+)://(?:\[([0-9A-Fa-f:.%a-z]*)\]|([A-Za-z0-9._%-]*)):([0-9]+)")
_MAX_PORT = 65535
_SECURITY_PROTOCOLS = {"PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"}
_FORM = "NAME://host:port, for example PLAINTEXT://127.0.0.1:9092"


@frozen
class Listener:
    """Where to listen: `host` "" is every address, `port` 0 any free one.

    What clients are told to dial; None means the host, or port, that the client dialled itself.
    """

    name: str
    host: str
    port: int
    advertised_host: str | None = None
    advertised_port: int | None = None


@frozen
class _Endpoint:
    name: str
    host: str
    port: int


def listeners_of(config: BrokerConfig) -> list[Listener]:
    """The listeners that a broker's settings ask for. Raises StartupError that names the setting at fault."""
    controllers = {name.upper() for name in config.list("controller.listener.names")}
    advertised = _parse("advertised.listeners", config.list("advertised.listeners"), controllers)
    if advertised and not config.is_set("listeners"):
        bound: Sequence[_Endpoint] = [_Endpoint(one.name, ANY, one.port) for one in advertised]
        setting = "advertised.listeners"
    else:
        bound = _parse("listeners", config.list("listeners"), controllers)
        setting = "listeners"
    _check_names("advertised.listeners", advertised)
    _check_names(setting, bound)
    _check_ports(setting, bound)
    _check_security(bound, config.str("listener.security.protocol.map"))
    by_name = {endpoint.name: endpoint for endpoint in advertised}
    listeners = [_listener(endpoint, by_name.pop(endpoint.name, None)) for endpoint in bound]
    if by_name:
        raise StartupError(f"advertised.listeners has {', '.join(by_name)}, which listeners has not")
    if not listeners:
        raise StartupError(f"{setting} has no listener for clients")
    return listeners


def _listener(bound: _Endpoint, advertised: _Endpoint | None) -> Listener:
    if advertised is None:
        return Listener(bound.name, bound.host, bound.port)
    return Listener(bound.name, bound.host, bound.port, advertised.host or None, advertised.port or None)


def _parse(setting: str, items: Iterable[str], left_out: set[str]) -> list[_Endpoint]:
    endpoints = []
    for item in items:
        match = _ENDPOINT.fullmatch(item)
        if match is None or int(match[4]) > _MAX_PORT:
            raise StartupError(f"{setting}: {item!r} is not of the form {_FORM}")
        name = match[1].upper()
        host = match[2] or match[3] or ANY
        if setting == "advertised.listeners" and host in _ANY_HOSTS - {ANY}:
            raise StartupError(f"{setting}: clients can't dial {host}; name an address that they can reach")
        if name not in left_out:
            endpoints.append(_Endpoint(name, host, int(match[4])))
    return endpoints


def _check_names(setting: str, endpoints: Iterable[_Endpoint]) -> None:
    for name, count in Counter(endpoint.name for endpoint in endpoints).items():
        if count > 1:
            raise StartupError(f"{setting} has {count} listeners named {name}; each needs a name of its own")


def _check_ports(setting: str, endpoints: Iterable[_Endpoint]) -> None:
    for one, other in combinations(endpoints, 2):
        if one.port == other.port != 0 and (one.host == other.host or {one.host, other.host} & _ANY_HOSTS):
            raise StartupError(
                f"{setting}: {one.name} and {other.name} both use port {one.port}; give each its own"
            )


def _check_security(endpoints: Iterable[_Endpoint], protocol_map: str) -> None:
    protocols = dict(_protocol_entry(entry) for entry in protocol_map.split(",") if entry.strip())
    for endpoint in endpoints:
        protocol = protocols.get(endpoint.name)
        if protocol is None:
            raise StartupError(
                f"listener {endpoint.name} has no entry in listener.security.protocol.map; "
                f"add {endpoint.name}:PLAINTEXT"
            )
        if protocol != "PLAINTEXT":
            raise StartupError(
                f"listener {endpoint.name} asks for {protocol}, which is not supported yet; only PLAINTEXT is"
            )


def _protocol_entry(entry: str) -> tuple[str, str]:
    name, colon, protocol = (part.strip().upper() for part in entry.partition(":"))
    if not colon or protocol not in _SECURITY_PROTOCOLS:
        raise StartupError(
            f"listener.security.protocol.map: {entry.strip()!r} is not of the form NAME:PROTOCOL "
            f"with one of {', '.join(sorted(_SECURITY_PROTOCOLS))}"
        )
    return name, protocol
