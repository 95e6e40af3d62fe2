"""`kbroker serve`: settings from everywhere into one config, then the broker until a signal stops it."""

from __future__ import annotations

import argparse
import logging
import os
import resource
import signal
import sys
from functools import partial
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING

import trio

from kbroker import __version__
from kbroker.cli.addresses import shown
from kbroker.cli.log_format import LogFormatter
from kbroker.config.exposure import exposures
from kbroker.config.listeners import listeners_of
from kbroker.config.sources import Sources
from kbroker.errors import StartupError
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.server import serve, stop_on_signals
from kbroker.storage.embedded import data_dirs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kbroker.config.add_scram import ScramToAdd
    from kbroker.config.broker_config import BrokerConfig
    from kbroker.config.create_topics import TopicToCreate
    from kbroker.config.listeners import Listener
    from kbroker.server import Server

log = logging.getLogger("kbroker")

INTERRUPTED = 128 + signal.SIGINT


def main(argv: Sequence[str]) -> int:
    """Run the command. Exit status 1 when the broker can't start, with one line that says why."""
    arguments = _parser().parse_args(argv)
    handler = logging.StreamHandler()
    handler.setFormatter(LogFormatter())
    logging.basicConfig(level=arguments.log_level.upper(), handlers=[handler])
    raise_open_files_limit()
    try:
        sources = collect(arguments, os.environ)
        config = sources.config()
        for warning in sources.warnings():
            log.warning("%s", warning)
        listeners = listeners_of(config)
        for warning in sasl_warnings(config, listeners):
            log.warning("%s", warning)
        data_dir, container = data_dirs(config)[0], arguments.container
        starting = (config, data_dir, listeners, sources.topics, sources.scram)
        trio.run(partial(_run, *starting, in_container=container))
    except StartupError as error:
        return _fail(error)
    except KeyboardInterrupt:  # before signals are listened to
        return INTERRUPTED
    except BaseExceptionGroup as errors:  # trio's nurseries group what went wrong in them
        if errors.split(KeyboardInterrupt)[1] is None:
            return INTERRUPTED
        cannot_start, others = errors.split(StartupError)
        if cannot_start is None or others is not None:
            raise
        return _fail(cannot_start)
    return 0


def sasl_warnings(config: BrokerConfig, listeners: Sequence[Listener]) -> list[str]:
    """What is wrong with SASL listeners, if there are any. Raises StartupError for what makes them useless."""
    if not any(listener.security_protocol.uses_sasl for listener in listeners):
        return []
    from kbroker.config.sasl import check_sasl

    return check_sasl(config, listeners)


def raise_open_files_limit() -> None:
    """Use as many descriptors as this process may have: shells mostly give 1024 of them, and each client takes one.

    The Java virtual machine does the same for Apache Kafka.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    except (OSError, ValueError):  # macOS has a limit of its own below an infinite one
        log.debug("the limit of open files stays as it is")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="kbroker serve",
        description="Serve Kafka clients. Flags win over the environment (KAFKA_…), that over the file.",
    )
    parser.add_argument(
        "--listeners",
        metavar="NAME://HOST:PORT,…",
        help="where to listen (default: PLAINTEXT://localhost:9092)",
    )
    parser.add_argument("--data-dir", metavar="DIR,…", help="where the data is (default: ./kbroker-data)")
    parser.add_argument("--config", type=Path, metavar="FILE", help="a server.properties as Kafka has it")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="one setting; repeatable"
    )
    parser.add_argument(
        "--add-scram",
        action="append",
        default=[],
        metavar="SCRAM-SHA-256=[name=…,password=…]",
        help="a user to have from the first start on, as kafka-storage takes it; repeatable",
    )
    parser.add_argument("--container", action="store_true", help="with the defaults of a container image")
    parser.add_argument(
        "--log-level", default="info", choices=("debug", "info", "warning", "error"), help="default: info"
    )
    return parser


def collect(arguments: argparse.Namespace, environ: Mapping[str, str]) -> Sources:
    """All settings from all sources, the weakest first. Raises StartupError."""
    sources = Sources()
    if arguments.container:
        from kbroker.cli.container import add_container_defaults

        add_container_defaults(sources, environ)
    if arguments.config is not None:
        sources.add_file(arguments.config)
    sources.add_environment(environ)
    for setting in arguments.set:
        name, equals, value = setting.partition("=")
        if not equals or not name.strip():
            raise StartupError(f"--set: {setting!r} is not of the form key=value")
        sources.add_flag(name.strip(), value, "--set")
    if arguments.add_scram:
        from kbroker.config.add_scram import parse_add_scram

        sources.scram += [parse_add_scram(argument, "--add-scram") for argument in arguments.add_scram]
    if arguments.listeners is not None:
        sources.add_flag("listeners", arguments.listeners, "--listeners")
    if arguments.data_dir is not None:
        sources.add_flag("log.dirs", arguments.data_dir, "--data-dir")
    if arguments.container:
        from kbroker.cli.container import add_container_listeners

        add_container_listeners(sources)
    return sources


async def _run(
    config: BrokerConfig,
    data_dir: Path,
    listeners: Sequence[Listener],
    topics: Sequence[TopicToCreate],
    scram: Sequence[ScramToAdd],
    *,
    in_container: bool,
) -> None:
    async with trio.open_nursery() as nursery:

        async def serving(*, task_status: trio.TaskStatus[Server] = trio.TASK_STATUS_IGNORED) -> None:
            await serve(config, data_dir=data_dir, listeners=listeners, task_status=task_status)
            nursery.cancel_scope.cancel()

        server = await nursery.start(serving)
        await nursery.start(stop_on_signals, server)
        tell_exposures(server, in_container=in_container)
        for warning in listener_warnings(server, scram):
            log.warning("%s", warning)
        await add_scram(server, scram)
        await create_topics(server, topics)
        sys.stdout.write(greeting(server, data_dir))
        sys.stdout.flush()


def tell_exposures(server: Server, *, in_container: bool) -> None:
    """Log what is open to the network; in a container calmly, since its image listens everywhere by itself."""
    bound = {one.listener: [sock.getsockname()[0] for sock in one.sockets] for one in server.bound}
    for line in exposures(server.broker.config, bound, in_container=in_container):
        log.log(logging.INFO if in_container else logging.WARNING, "%s", line)


def listener_warnings(server: Server, scram: Sequence[ScramToAdd]) -> list[str]:
    """What keeps clients from a listener that is served: nobody to log in as, names that certificates don't have."""
    broker, warnings = server.broker, []
    for bound in server.bound:
        listener = bound.listener
        if listener.security_protocol.uses_tls and listener.advertised_host is None:
            warnings.append(
                f"listener {listener.name}: clients are told the address that they dialled, which the certificate must "
                f"name then; set advertised.listeners to the host name that it is made out to"
            )
        if listener.security_protocol.uses_sasl and not scram and not broker.may_have_tokens:
            from kbroker.config.sasl import enabled_mechanisms

            mechanisms = enabled_mechanisms(broker.config, listener.name)
            if all(name.startswith("SCRAM-") for name in mechanisms) and not broker.scram_users.users():
                warnings.append(
                    f"listener {listener.name}: there is no user of SCRAM, --add-scram names none: nobody can log in"
                )
    return warnings


async def add_scram(server: Server, users: Sequence[ScramToAdd]) -> None:
    """Give those users a credential that have none of that mechanism: what was changed since stays changed."""
    if not users:
        return
    from kbroker.state.authentication.scram_keys import credential_of, credential_of_salted
    from kbroker.state.scram_credentials import BY_NAME

    credentials = {}
    for user in users:
        mechanism = BY_NAME[user.mechanism]
        if user.salted_password and user.salt:
            made = credential_of_salted(mechanism, user.salted_password, user.salt, user.iterations)
        else:
            made = credential_of(mechanism, user.password or "", user.salt, user.iterations)
        credentials[user.name, mechanism] = made
    await server.broker.scram_users.add_missing(credentials)


async def create_topics(server: Server, topics: Sequence[TopicToCreate]) -> None:
    """Create what the environment asks for and isn't there yet."""
    for topic in topics:
        try:
            server.broker.topics.check_new(topic.name)
            await server.broker.topics.create(topic.name, topic.partitions, topic.configs)
        except KafkaError as error:
            if error.code is not ErrorCode.TOPIC_ALREADY_EXISTS:
                log.warning("KAFKA_CREATE_TOPICS: %s is not created: %s", topic.name, error)


def greeting(server: Server, data_dir: Path) -> str:
    """What a person wants to know once the broker runs: where it listens, where the data is, what to try."""
    lines = [f"kbroker {__version__} is ready"]
    addresses = []
    for bound in server.bound:
        listener = bound.listener
        address = shown(listener.host or "*", bound.port)
        advertised = shown(listener.advertised_host or "*", listener.advertised_port or bound.port)
        addresses.append(advertised if listener.advertised_host else address)
        told = f", clients are told {advertised}" if listener.advertised_host else ""
        lines.append(f"  listening  {address} ({listener.name}{told})")
    bootstrap = addresses[0].replace("*", "localhost").replace("0.0.0.0", "localhost")  # noqa: S104
    first = server.bound[0].listener.security_protocol
    login = " --command-config client.properties" if first.uses_tls or first.uses_sasl else ""
    lines += [
        f"  data       {data_dir}",
        f"  try        {tool('kafka-topics')} --bootstrap-server {bootstrap}{login} --create --topic hello",
        "  stop       Ctrl-C",
    ]
    return "\n".join(lines) + "\n"


def tool(name: str) -> str:
    """How to call a command that was installed with this one."""
    if which(name):
        return name
    path = Path(sys.executable).with_name(name)
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def _fail(error: BaseException) -> int:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    sys.stderr.write(f"kbroker: {error}\n")
    return 1
