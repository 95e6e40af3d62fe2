"""`kafka-topics`: list, create, describe, alter and delete topics; prints what Apache Kafka's tool prints."""

import argparse
import re
import sys
from collections.abc import Sequence
from typing import NoReturn

from kbroker.cli.addresses import parse_addresses
from kbroker.cli.client import Client, ClientError
from kbroker.cli.security import add_command_config, security_of
from kbroker.cli.topic_description import describe_topic
from kbroker.errors import StartupError
from kbroker.protocol.create_partitions import CreatePartitionsRequest, CreatePartitionsTopic
from kbroker.protocol.create_topics import CreatableTopic, CreatableTopicConfig, CreateTopicsRequest
from kbroker.protocol.delete_topics import DeleteTopicsRequest, DeleteTopicState
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.metadata import MetadataRequest, MetadataResponseTopic

TIMEOUT_S = 60.0
TIMEOUT_MS = 30_000
DEFAULT = -1  # the broker's default


class CommandError(Exception):
    """The command failed; the message is what Kafka's tool would print."""


class Parser(argparse.ArgumentParser):
    """Exits with 1 for wrong usage, as Kafka's tools do."""

    def error(self, message: str) -> NoReturn:
        """Print what is wrong, and exit."""
        sys.stderr.write(f"{message}\n")
        self.print_usage(sys.stderr)
        sys.exit(1)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command."""
    parser = _parser()
    options = parser.parse_args(argv)
    if not options.bootstrap_server:
        parser.error("--bootstrap-server must be specified")
    if options.action in {create, alter, delete} and not options.topic:
        parser.error('Missing required argument "[topic]"')
    try:
        addresses = parse_addresses(options.bootstrap_server)
    except ValueError as error:
        parser.error(str(error))
    try:
        security = security_of(options.command_config)
        with Client.connect(addresses, TIMEOUT_S, security) as client:
            options.action(client, options)
    except (CommandError, ClientError, StartupError) as error:
        sys.stdout.write(f"Error while executing topic command : {error}\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="kafka-topics", description="List, create, describe, alter and delete topics.")
    parser.add_argument("--bootstrap-server", metavar="HOST:PORT[,HOST:PORT…]", help="brokers to connect to")
    action = parser.add_mutually_exclusive_group(required=True)
    for function in (list_topics, create, describe, alter, delete):
        flag = f"--{function.__name__.removesuffix('_topics')}"
        action.add_argument(flag, dest="action", action="store_const", const=function, help=function.__doc__)
    parser.add_argument("--topic", metavar="TOPIC", help="with --create its name, else a regular expression")
    parser.add_argument("--partitions", type=int, default=DEFAULT, metavar="COUNT")
    parser.add_argument("--replication-factor", type=int, default=DEFAULT, metavar="COUNT")
    parser.add_argument("--config", action="append", default=[], metavar="NAME=VALUE", help="repeatable")
    parser.add_argument("--if-exists", action="store_true", help="no error if there is no such topic")
    parser.add_argument("--if-not-exists", action="store_true", help="no error if the topic is there")
    parser.add_argument("--exclude-internal", action="store_true", help="leave out Kafka's own topics")
    add_command_config(parser)
    return parser


def list_topics(client: Client, options: argparse.Namespace) -> None:
    """List names of topics."""
    sys.stdout.write("".join(f"{topic.name}\n" for topic in _find(client, options)))


def create(client: Client, options: argparse.Namespace) -> None:
    """Create a topic."""
    configs = []
    for config in options.config:
        name, equals, value = config.partition("=")
        if not equals:
            raise CommandError(f"--config {config} is not of the form name=value")
        configs.append(CreatableTopicConfig(name.strip(), value.strip()))
    topic = CreatableTopic(options.topic, options.partitions, options.replication_factor, configs=configs)
    result = client.request(CreateTopicsRequest([topic], TIMEOUT_MS)).topics[0]
    if result.error_code == ErrorCode.TOPIC_ALREADY_EXISTS and options.if_not_exists:
        return
    _check(result.error_code, result.error_message)
    sys.stdout.write(f"Created topic {options.topic}.\n")


def describe(client: Client, options: argparse.Namespace) -> None:
    """Describe topics: partitions, and configs that are not the default."""
    for topic in _find_named(client, options):
        sys.stdout.write(describe_topic(client, topic))


def alter(client: Client, options: argparse.Namespace) -> None:
    """Give topics more partitions."""
    if options.partitions == DEFAULT:
        raise CommandError("--alter needs --partitions")
    for topic in _find_named(client, options):
        request = CreatePartitionsRequest(
            [CreatePartitionsTopic(topic.name or "", options.partitions, None)], TIMEOUT_MS
        )
        result = client.request(request).results[0]
        _check(result.error_code, result.error_message)


def delete(client: Client, options: argparse.Namespace) -> None:
    """Delete topics."""
    for topic in _find_named(client, options):
        request = DeleteTopicsRequest([DeleteTopicState(topic.name)], [], TIMEOUT_MS)
        result = client.request(request).responses[0]
        _check(result.error_code, result.error_message)


def _find(client: Client, options: argparse.Namespace) -> list[MetadataResponseTopic]:
    """Topics whose name matches --topic (a regular expression, or several with commas), or all of them."""
    try:
        pattern = re.compile((options.topic or ".*").replace(",", "|"))
    except re.error:
        raise CommandError(f"{options.topic} is an invalid regex.") from None
    topics: list[MetadataResponseTopic] = client.request(MetadataRequest(None)).topics
    return sorted(
        (
            topic
            for topic in topics
            if pattern.fullmatch(topic.name or "") and not (options.exclude_internal and topic.is_internal)
        ),
        key=lambda topic: topic.name or "",
    )


def _find_named(client: Client, options: argparse.Namespace) -> list[MetadataResponseTopic]:
    """The same, but a --topic that there isn't is an error."""
    topics = _find(client, options)
    if not topics and options.topic and not options.if_exists:
        raise CommandError(f"Topic '{options.topic}' does not exist as expected")
    return topics


def _check(error_code: int, message: str | None) -> None:
    if error_code != ErrorCode.NONE:
        raise CommandError(message or ErrorCode(error_code).name)


if __name__ == "__main__":
    sys.exit(main())
