"""`kbroker ready`, for health checks: exit status 0 once a broker answers, 1 if none does in time."""

import argparse
import os
import sys
import time
from collections.abc import Mapping, Sequence

from kbroker.cli.addresses import parse_addresses, shown
from kbroker.cli.client import Client, ClientError, ClosedError
from kbroker.cli.security import (
    IN_THE_CLEAR,
    ClientSecurity,
    add_command_config,
    security_of,
    security_of_own_broker,
)
from kbroker.config.listeners import listeners_of
from kbroker.config.security_protocol import SecurityProtocol
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
        metavar="HOST:PORT",
        help="the broker to ask (default: where KAFKA_… tell it to listen)",
    )
    add_command_config(parser)
    parser.add_argument(
        "--timeout",
        type=float,
        default=0.0,
        metavar="SECONDS",
        help="how long to wait for it (default: ask once)",
    )
    arguments = parser.parse_args(argv)
    address, security = arguments.bootstrap_server, IN_THE_CLEAR
    try:
        if address is None:
            address, security = default_broker(os.environ)
        if arguments.command_config is not None:
            security = security_of(arguments.command_config)
        addresses = parse_addresses(address)
    except (ValueError, StartupError) as error:
        parser.error(str(error))
    deadline = time.monotonic() + arguments.timeout
    while True:
        try:
            name = check(addresses, security)
        except ClientError as error:
            if time.monotonic() >= deadline:
                sys.stderr.write(f"not ready: {error}\n")
                return 1
            time.sleep(RETRY_S)
        else:
            sys.stdout.write(f"{name} is ready\n")
            return 0


def default_broker(environ: Mapping[str, str]) -> tuple[str, ClientSecurity]:
    """Where, and how, a broker on this machine listens that was started with the same environment.

    In the clear if it does so anywhere. Raises StartupError when its key store can't be read.
    """
    sources = Sources()
    try:
        sources.add_environment(environ)
        config = sources.config()
        listeners = listeners_of(config)
    except StartupError:
        return FALLBACK, IN_THE_CLEAR
    clear = (one for one in listeners if one.security_protocol is SecurityProtocol.PLAINTEXT)
    listener = next(clear, listeners[0])
    host = "localhost" if listener.host in {"", "0.0.0.0", "::"} else listener.host  # noqa: S104
    encrypted = listener.security_protocol.uses_tls
    security = security_of_own_broker(config, listener.name) if encrypted else IN_THE_CLEAR
    return shown(host, listener.port), security


def check(addresses: Sequence[tuple[str, int]], security: ClientSecurity = IN_THE_CLEAR) -> str:
    """Ask for the brokers, as a client does first. Returns what answered; raises ClientError."""
    with Client.connect(addresses, ATTEMPT_TIMEOUT_S, security) as client:
        try:
            answer = client.request(MetadataRequest(topics=[]))
        except ClosedError:
            return client.name  # it told its versions, and asks who its clients are
        if not answer.brokers:
            raise ClientError(f"{client.name} knows of no broker")
        return shown(answer.brokers[0].host, answer.brokers[0].port)
