"""`kafka-broker-api-versions`: which requests a broker serves, printed as Apache Kafka's tool prints them."""

import argparse
import sys
from collections.abc import Mapping, Sequence

from kbroker.cli.addresses import parse_addresses
from kbroker.cli.client import Client, ClientError
from kbroker.cli.security import add_command_config, security_of
from kbroker.errors import StartupError
from kbroker.protocol.apis import APIS
from kbroker.protocol.metadata import MetadataRequest

TIMEOUT_S = 30.0


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(
        prog="kafka-broker-api-versions", description="Print the API versions that each broker serves."
    )
    parser.add_argument("--bootstrap-server", required=True, metavar="HOST:PORT[,HOST:PORT…]")
    add_command_config(parser)
    arguments = parser.parse_args(argv)
    try:
        addresses = parse_addresses(arguments.bootstrap_server)
    except ValueError as error:
        parser.error(str(error))
    try:
        security = security_of(arguments.command_config)
        with Client.connect(addresses, TIMEOUT_S, security) as client:
            brokers = client.request(MetadataRequest(topics=[])).brokers
        for broker in sorted(brokers, key=lambda one: one.node_id):
            with Client.connect([(broker.host, broker.port)], TIMEOUT_S, security) as client:
                rack = broker.rack if broker.rack is not None else "null"
                sys.stdout.write(
                    f"{broker.host}:{broker.port} (id: {broker.node_id} rack: {rack} isFenced: false) -> "
                    f"{table(client.versions)}\n"
                )
    except (ClientError, StartupError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def table(versions: Mapping[int, tuple[int, int]]) -> str:
    """All APIs with the versions that the broker has, and the one a client of this version would use."""
    return (
        "(\n"
        + ",\n".join(f"\t{_line(key, versions.get(key))}" for key in sorted(APIS.keys() | versions))
        + "\n)"
    )


def _line(key: int, served: tuple[int, int] | None) -> str:
    api = APIS.get(key)
    name = f"{api.name}({key})" if api else f"UNKNOWN({key})"
    if served is None:
        return f"{name}: UNSUPPORTED"
    first, last = served
    shown = str(first) if first == last else f"{first} to {last}"
    usable = (
        f" [usable: {min(last, api.last)}]" if api and min(last, api.last) >= max(first, api.first) else ""
    )
    return f"{name}: {shown}{usable}"


if __name__ == "__main__":
    sys.exit(main())
