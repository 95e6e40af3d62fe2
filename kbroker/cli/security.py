"""How a command connects: `--command-config`, a properties file as Kafka's own tools take it."""

import argparse
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from kbroker.config.broker_config import BrokerConfig, StaticValue
from kbroker.config.properties import parse_properties
from kbroker.config.security_protocol import SecurityProtocol
from kbroker.errors import StartupError

if TYPE_CHECKING:
    import ssl

    from kbroker.cli.sasl import SaslLogin


@frozen
class ClientSecurity:
    """TLS, or None for a connection in the clear; who logs in, or None for nobody."""

    context: "ssl.SSLContext | None" = None
    login: "SaslLogin | None" = None

    def secure(self, connection: socket.socket, host: str) -> socket.socket:
        """The connection to a host, encrypted if it shall be. Raises OSError."""
        if self.context is None:
            return connection
        return self.context.wrap_socket(connection, server_hostname=host)


IN_THE_CLEAR = ClientSecurity()


def add_command_config(parser: argparse.ArgumentParser) -> None:
    """Add the option."""
    parser.add_argument(
        "--command-config",
        metavar="FILE",
        help="properties of the connection: security.protocol, ssl.truststore.location and so on",
    )


def security_of(path: str | None) -> ClientSecurity:
    """What a file asks for; without one, nothing. Raises StartupError."""
    if path is None:
        return IN_THE_CLEAR
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise StartupError(f"can't read {path}: {reason}") from None
    found = {one.name: StaticValue(one.value, f"{path}:{one.line}") for one in parse_properties(text)}
    return _security(found)


def _security(found: Mapping[str, StaticValue]) -> ClientSecurity:
    given = found.get("security.protocol", StaticValue("PLAINTEXT", ""))
    protocol = given.text.strip().upper()
    if protocol not in SecurityProtocol.__members__:
        raise StartupError(
            f"{given.origin}: security.protocol is {protocol}, but must be one of {', '.join(SecurityProtocol)}"
        )
    settings = BrokerConfig({name: value for name, value in found.items() if name.startswith("ssl.")})
    context = _context(settings) if SecurityProtocol(protocol).uses_tls else None
    login = _login(found) if SecurityProtocol(protocol).uses_sasl else None
    return ClientSecurity(context, login)


def _context(settings: BrokerConfig) -> "ssl.SSLContext":
    from kbroker.tls.context import client_context
    from kbroker.tls.stores import read_keystore, read_truststore

    return client_context(settings, read_keystore(settings), read_truststore(settings))


def _login(found: Mapping[str, StaticValue]) -> "SaslLogin":
    from kbroker.cli.sasl import login_of

    mechanism = found.get("sasl.mechanism", StaticValue("GSSAPI", "default"))
    jaas = found.get("sasl.jaas.config")
    return login_of(mechanism.text.strip(), jaas.text if jaas else None)


def security_of_own_broker(config: BrokerConfig, listener: str) -> ClientSecurity:
    """For a listener with TLS of a broker on this machine, with its own certificate: it need not prove who it is."""
    import ssl

    from kbroker.tls.context import client_context
    from kbroker.tls.stores import read_keystore

    settings = config.for_listener(listener)
    context = client_context(settings, read_keystore(settings), ())
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return ClientSecurity(context)
