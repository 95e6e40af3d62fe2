"""`kbroker ready`, for health checks: exit status 0 once a broker answers, 1 if none does in time."""

import argparse
import sys
import time
from collections.abc import Sequence

from kbroker.cli.addresses import parse_addresses, shown
from kbroker.cli.client import Client, ClientError
from kbroker.protocol.metadata import MetadataRequest

ATTEMPT_TIMEOUT_S = 5.0
RETRY_S = 0.1


def main(argv: Sequence[str]) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(
        prog="kbroker ready", description="Tell by the exit status whether a broker serves clients."
    )
    parser.add_argument(
        "--bootstrap-server",
        "--bootstrap",
        default="localhost:9092",
        metavar="HOST:PORT",
        help="the broker to ask (default: %(default)s)",
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


def check(addresses: Sequence[tuple[str, int]]) -> str:
    """Ask for the brokers, as a client does first. Returns what answered; raises ClientError."""
    with Client.connect(addresses, ATTEMPT_TIMEOUT_S) as client:
        answer = client.request(MetadataRequest(topics=[]))
        if not answer.brokers:
            raise ClientError(f"{client.name} knows of no broker")
        return shown(answer.brokers[0].host, answer.brokers[0].port)
