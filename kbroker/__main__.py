"""`kbroker`, and `python -m kbroker`: finds the command and runs it. Without one, serves."""

import gc
import sys
from collections.abc import Sequence
from importlib import import_module
from types import ModuleType

from kbroker import __version__

USAGE = """\
usage: kbroker [serve] [--listeners LISTENERS] [--data-dir DIR] [--config FILE] [--set KEY=VALUE]
                       [--log-level LEVEL]
       kbroker ready [--bootstrap-server HOST:PORT] [--timeout SECONDS]
       kbroker topics --bootstrap-server HOST:PORT --list | --create | --describe | --alter | --delete …
       kbroker api-versions --bootstrap-server HOST:PORT
       kbroker --version

A Kafka broker. Without a command it serves; `kbroker COMMAND --help` tells more.
"""
# Imported only when asked for: a start does not wait for what it doesn't need.
COMMANDS = {
    "serve": "kbroker.cli.serve",
    "ready": "kbroker.cli.ready",
    "topics": "kbroker.cli.topics",
    "api-versions": "kbroker.cli.broker_api_versions",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line (of this process, if none is given). Returns the exit status."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:1] in (["--help"], ["-h"], ["help"]):
        sys.stdout.write(USAGE)
        return 0
    if arguments[:1] == ["--version"]:
        sys.stdout.write(f"kbroker {__version__}\n")
        return 0
    if not arguments or arguments[0].startswith("-"):
        arguments.insert(0, "serve")
    command = COMMANDS.get(arguments[0])
    if command is None:
        sys.stderr.write(f"kbroker: there is no command {arguments[0]!r}\n{USAGE}")
        return 2
    status: int = _imported(command).main(arguments[1:])
    return status


def _imported(command: str) -> ModuleType:
    """A command's module. What it imports is there to stay, so the garbage collector never looks through it."""
    gc.disable()
    try:
        return import_module(command)
    finally:
        gc.freeze()
        gc.enable()


if __name__ == "__main__":
    sys.exit(main())
