"""Which addresses the broker listens on, and what it tells clients to dial.

By `listeners`, `advertised.listeners`, `listener.security.protocol.map` and `controller.listener.names`:

- given neither of the first two, the broker listens on localhost, port 9092
- with `advertised.listeners` alone, each of its ports is bound on all addresses, as container images do
- a listener that is not advertised but has a host name tells clients that name, as Apache Kafka does
- any other answers each client with the address that the client dialled
- there is no controller to talk to: its listeners are left out
- there are no other brokers either: the inter-broker listener is checked, and is a listener like the others
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

from attrs import frozen

from kbroker.config.broker_config import BrokerConfig
from kbroker.config.security_protocol import SecurityProtocol
from kbroker.errors import StartupError

ANY = ""
_ANY_HOSTS = {ANY, "0.0.0.0", "::"}  # noqa: S104 - names that users write for it
_ENDPOINT = re.compile(r"([A-Za-z0-9_.-]+)://(?:\[([0-9A-Fa-f:.%a-z]*)\]|([A-Za-z0-9._%-]*)):0*([0-9]{1,5})")
_ADDRESS = re.compile(r"[0-9.]+|.*:.*")
_MAX_PORT = 65535
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
    security_protocol: SecurityProtocol = SecurityProtocol.PLAINTEXT


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
    protocols = _security_protocols(config.str("listener.security.protocol.map"))
    by_name = {endpoint.name: endpoint for endpoint in advertised}
    listeners = [
        _listener(endpoint, by_name.pop(endpoint.name, None), _security_protocol(endpoint.name, protocols))
        for endpoint in bound
    ]
    if by_name:
        raise StartupError(f"advertised.listeners has {', '.join(by_name)}, which listeners has not")
    if not listeners:
        raise StartupError(f"{setting} has no listener for clients")
    _check_inter_broker(config, listeners)
    _check_early_start(config, {endpoint.name for endpoint in bound} | controllers)
    return listeners


def _check_early_start(config: BrokerConfig, names: set[str]) -> None:
    """All listeners start together here, once the ACLs are known; but a name that is none is a mistake."""
    early = config.list("early.start.listeners") if config.is_set("early.start.listeners") else []
    for name in early:
        if name.upper() not in names:
            raise StartupError(
                f"early.start.listeners has {name}, which neither listeners nor controller.listener.names has"
            )


def _listener(bound: _Endpoint, advertised: _Endpoint | None, protocol: SecurityProtocol) -> Listener:
    host = advertised.host or None if advertised else _name(bound.host)
    port = advertised.port or None if advertised else None
    return Listener(bound.name, bound.host, bound.port, host, port, protocol)


def _name(host: str) -> str | None:
    """A host that a certificate may be made out to: a name, not an address."""
    return host if host and not _ADDRESS.fullmatch(host) else None


def _parse(setting: str, items: Iterable[str], left_out: set[str]) -> list[_Endpoint]:
    endpoints = []
    for item in items:
        match = _ENDPOINT.fullmatch(item)
        if match is None:
            raise StartupError(f"{setting}: {item!r} is not of the form {_FORM}")
        if len(match[4].lstrip("0")) > len(str(_MAX_PORT)) or int(match[4]) > _MAX_PORT:
            raise StartupError(f"{setting}: the port of {item!r} is above {_MAX_PORT}")
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


def _check_inter_broker(config: BrokerConfig, listeners: Iterable[Listener]) -> None:
    name = config.optional_str("inter.broker.listener.name")
    if not name:
        return
    if config.is_set("security.inter.broker.protocol"):
        raise StartupError(
            "only one of inter.broker.listener.name and security.inter.broker.protocol may be set"
        )
    names = [listener.name for listener in listeners]
    if name.upper() not in names:
        raise StartupError(
            f"inter.broker.listener.name is {name!r}, but must be one of the listeners: {', '.join(names)}"
        )


def _security_protocol(listener: str, protocols: Mapping[str, SecurityProtocol]) -> SecurityProtocol:
    protocol = protocols.get(listener)
    if protocol is None:
        raise StartupError(
            f"listener {listener} has no entry in listener.security.protocol.map; add {listener}:PLAINTEXT"
        )
    return protocol


def _security_protocols(protocol_map: str) -> dict[str, SecurityProtocol]:
    """`listener.security.protocol.map` by listener."""
    return dict(_protocol_entry(entry) for entry in protocol_map.split(",") if entry.strip())


def _protocol_entry(entry: str) -> tuple[str, SecurityProtocol]:
    name, colon, protocol = (part.strip().upper() for part in entry.partition(":"))
    if not colon or protocol not in SecurityProtocol.__members__:
        raise StartupError(
            f"listener.security.protocol.map: {entry.strip()!r} is not of the form NAME:PROTOCOL "
            f"with one of {', '.join(sorted(SecurityProtocol))}"
        )
    return name, SecurityProtocol(protocol)
