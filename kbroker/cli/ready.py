"""`kbroker ready`, for health checks: exit status 0 once a broker answers, 1 if none does in time."""

import argparse
import os
import sys
import time
from collections.abc import Mapping, Sequence

from kbroker.cli.addresses import parse_addresses, shown
from kbroker.cli.client import Client, ClientError
from kbroker.config.listeners import listeners_of
from kbroker.config.sources import Sources
from kbroker.errors import StartupError
from kbroker.protocol.metadata import MetadataRequest

ATTEMPT_TIMEOUT_S = 5.0
RETRY_S = 0.1
FALLBACK = "localhost:9092"


def main(argv: Sequence[str]) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(
        prog="kbroker ready", description="Tell by the exit status whether a broker serves clients."
    )
    parser.add_argument(
        "--bootstrap-server",
        "--bootstrap",
        default=default_address(os.environ),
        metavar="HOST:PORT",
        help="the broker to ask (default: where KAFKA_… tell it to listen; here %(default)s)",
    )
    parser.add_argument(
        "--timeout",
        type=float,
        default=0.0,
        metavar="SECONDS",
        help="how long to wait for it (default: ask once)",
    )
    arguments = parser.parse_args(argv)
    try:
        addresses = parse_addresses(arguments.bootstrap_server)
    except ValueError as error:
        parser.error(str(error))
    deadline = time.monotonic() + arguments.timeout
    while True:
        try:
            name = check(addresses)
        except ClientError as error:
            if time.monotonic() >= deadline:
                sys.stderr.write(f"not ready: {error}\n")
                return 1
            time.sleep(RETRY_S)
        else:
            sys.stdout.write(f"{name} is ready\n")
            return 0


def default_address(environ: Mapping[str, str]) -> str:
    """Where a broker on this machine listens that was started with the same environment."""
    sources = Sources()
    try:
        sources.add_environment(environ)
        listener = listeners_of(sources.config())[0]
    except StartupError:
        return FALLBACK
    host = "localhost" if listener.host in {"", "0.0.0.0", "::"} else listener.host  # noqa: S104
    return shown(host, listener.port)


def check(addresses: Sequence[tuple[str, int]]) -> str:
    """Ask for the brokers, as a client does first. Returns what answered; raises ClientError."""
    with Client.connect(addresses, ATTEMPT_TIMEOUT_S) as client:
        answer = client.request(MetadataRequest(topics=[]))
        if not answer.brokers:
            raise ClientError(f"{client.name} knows of no broker")
        return shown(answer.brokers[0].host, answer.brokers[0].port)
