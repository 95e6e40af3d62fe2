"""Transcripts: commands and what Apache Kafka's tools print for them, as text files that a person can read.

    # a remark
    % settings num.partitions=2 auto.create.topics.enable=false     (before anything else)
    % file move.json {"partitions": []}                             (a file in the directory {dir})
    % until done                                                    (repeat the next command until it prints that)
    % sorted                                                        (the next command's lines come in any order)
    % background kafka-verifiable-consumer --topic t                (runs on; `% stop` ends all of them)
    % wait partitions_assigned                                      (until the last of them has printed that)
    $ kafka-topics --create --topic t
    Created topic t.
    [exit 1]                                                        (only when the status isn't 0)

`{dir}`, `{data}` (the broker's log directory) and `{bootstrap}` stand for places, `{hmac}` for the last one that was
printed; `< file` gives a tool its input.
"""

import re
import shlex
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from attrs import define, field
from tools import ToolServer, arguments, java

UNTIL_S = 20.0
TICK_S = 0.2

HMAC = re.compile(r"[A-Za-z0-9+/]{86}==")
FREE = (  # what may differ between two runs against the same broker
    (HMAC, "<hmac>"),
    (re.compile(r"127\.0\.0\.1[:/]+\d+|127\.0\.0\.1:\d+"), "<broker>"),
    (re.compile(r"/?127\.0\.0\.1"), "<host>"),
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "<uuid>"),
    (re.compile(r"(?<![\w-])(?!--|([A-Z][a-z]+)+(?!\w))[A-Za-z0-9_-]{22}(?![\w-])"), "<id>"),
    (re.compile(r"(?<=<host>)\s+\d+"), " <port>"),
    (re.compile(r"(?<=Epoch: )\d+$"), "<epoch>"),
    (re.compile(r"(?<=crc: )\d+"), "<crc>"),
    (re.compile(r"(?<=[^y]size: )\d+|(?<=position: )\d+"), "<bytes>"),  # times are written as differences
    (re.compile(r"(?<!\d)1[789]\d{11}(?!\d)"), "<time>"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:?\d*(\.\d+)?Z?|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[,.]\d+"), "<time>"),
    (re.compile(r"(<time>\s+)\d+\s+"), r"\1<duration> "),
)


@define
class Command:
    """One command of a transcript with the output it had, and what was asked of it by the lines before."""

    line: str
    output: list[str] = field(factory=list)
    until: str | None = None
    sorted: bool = False


Step = str | Command  # directives that do something by themselves stay lines


def read(text: str) -> Iterator[Step]:
    """The steps of a transcript; remarks and blank lines outside of outputs are steps too, for it is rewritten."""
    command: Command | None = None
    until, is_sorted = None, False
    for line in text.splitlines():
        if line.startswith("$ "):
            if command:
                yield command
            command = Command(line[2:], [], until, is_sorted)
            until, is_sorted = None, False
        elif line.startswith(("#", "%")):
            if command:
                yield command
                command = None
            if line.startswith("% until "):
                until = line.removeprefix("% until ")
            elif line == "% sorted":
                is_sorted = True
            yield line
        elif command:
            command.output.append(line)
        else:
            yield line
    if command:
        yield command


def settings(text: str) -> dict[str, str]:
    """What the transcript wants the broker to be started with."""
    found = re.findall(r"^% settings (.*)$", text, re.MULTILINE)
    return dict(pair.split("=", 1) for line in found for pair in shlex.split(line))


class Stage:
    """Runs a transcript's steps against one broker."""

    def __init__(self, server: ToolServer, broker: Any, directory: Path) -> None:
        self._server = server
        self._broker = broker
        self._directory = directory
        self._hmac = ""
        self._background: list[tuple[subprocess.Popen[bytes], Path]] = []

    def run(self, command: Command) -> list[str]:
        """What the tool prints now, without what may differ between two runs."""
        line, _, stdin = command.line.partition(" < ")
        argv = arguments(self._placed(line), self._broker.bootstrap)
        text = self._directory.joinpath(stdin).read_text() if stdin else ""
        deadline = time.monotonic() + UNTIL_S
        while True:
            status, printed = self._server.run(argv, text)
            if command.until is None or command.until in printed or time.monotonic() > deadline:
                break
            time.sleep(TICK_S)
        if found := HMAC.search(printed):
            self._hmac = found[0]
        lines = [self._free(each).rstrip() for each in printed.splitlines() if not each.startswith("\tat ")]
        while lines and not lines[-1]:
            lines.pop()
        if command.sorted:
            lines = sorted(line.strip() for line in lines)
        return [*lines, f"[exit {status}]"] if status else lines

    def obey(self, line: str) -> None:
        """Do what a directive says."""
        word, _, rest = line.removeprefix("% ").partition(" ")
        if line.startswith("% "):
            doing: dict[str, Callable[[str], None]] = {
                "file": self._file, "background": self._start, "wait": self._wait, "stop": lambda _: self.stop(),
            }  # fmt: skip
            if word in doing:
                doing[word](rest)
            elif word not in {"settings", "until", "sorted"}:
                raise ValueError(f"no such directive: {line}")

    def stop(self) -> None:
        """End what runs in the background."""
        for process, _ in self._background:
            process.terminate()
            process.wait()
        self._background.clear()

    def _file(self, rest: str) -> None:
        name, _, content = rest.partition(" ")
        self._directory.joinpath(name).write_text(
            content.replace("\\n", "\n").replace("{data}", self._data())
        )

    def _start(self, rest: str) -> None:
        output = self._directory / f"background-{len(self._background)}.log"
        argv = arguments(self._placed(rest), self._broker.bootstrap)
        with output.open("wb") as log:
            process = subprocess.Popen([*java(), *argv], stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        self._background.append((process, output))

    def _wait(self, text: str) -> None:
        _, output = self._background[-1]
        deadline = time.monotonic() + UNTIL_S
        while text not in output.read_text():
            if time.monotonic() > deadline:
                raise RuntimeError(f"{text!r} never came: {output.read_text()[-1000:]}")
            time.sleep(TICK_S)

    def _placed(self, line: str) -> str:
        places = {
            "{dir}": str(self._directory),
            "{data}": self._data(),
            "{bootstrap}": self._broker.bootstrap,
            "{hmac}": self._hmac,
        }
        for name, place in places.items():
            line = line.replace(name, place)
        return line

    def _data(self) -> str:
        return str(self._broker.data_dir)

    def _free(self, line: str) -> str:
        line = line.replace(str(self._directory), "{dir}").replace(self._data(), "{data}")
        for pattern, name in FREE:
            line = pattern.sub(name, line)
        return line
