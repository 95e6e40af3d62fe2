"""One trial: records go in, loops copy them in transactions, things are killed, and what came out is counted."""

import json
import random
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from attrs import define
from harness.brokers import Broker

JUDGE = Path(__file__).resolve().parent / "judge.py"
SEED = 20
INPUT, OUTPUT, GROUP = "in", "out", "copiers"
LOOP_LIFE_S = (2.0, 6.0)  # between two kills of a loop
BROKER_KILLS_AT = (0.3, 0.65)  # of the records that came out
TIMEOUT_S = 120


@define
class Loop:
    """A program that copies records until it is killed, adding a suffix to each.

    `arguments` are in its own words, with {bootstrap}, {id} and {number} (of the instance) where those belong.
    """

    name: str
    command: Sequence[str | Path]
    arguments: str = (
        f"--bootstrap {{bootstrap}} --input {INPUT} --output {OUTPUT} --group {GROUP} --id {{id}}"
    )
    suffix: str = "!"
    instances: int = 2


@define
class Found:
    """What came of a trial."""

    records: int
    missing: int
    doubled: int
    unknown: int  # records in the output that were never put in
    aborted: int  # records in the output's log that readers of committed data don't see
    committed: int  # the group's committed offsets, added up
    loop_kills: int
    broker_kills: int
    seconds: float


class Trial:
    """Runs it once."""

    def __init__(self, loop: Loop, judge: Path, broker: Broker, work: Path, *, records: int) -> None:
        self._loop = loop
        self._judge = judge
        self._broker = broker
        self._work = work
        self._records = records
        self._random = random.Random(SEED)
        self._running: dict[int, subprocess.Popen[bytes]] = {}
        self._loop_kills = 0
        self._broker_kills = 0

    def run(self) -> Found:
        """Returns what was found once every record has come out, or time is up."""
        self._work.mkdir(parents=True)
        started = time.monotonic()
        self._ask("create")
        feeder = self._start_judge("feed", str(self._records))
        watcher = self._start_judge("watch", str(self._records), str(TIMEOUT_S))
        try:
            self._disturb(watcher, started + TIMEOUT_S)
            feeder.wait(30)
        finally:
            for process in (*self._running.values(), feeder, watcher):
                process.kill()
                process.wait()
        counted = self._ask("count", str(self._records), self._loop.suffix)
        return Found(
            records=self._records,
            **counted,
            loop_kills=self._loop_kills,
            broker_kills=self._broker_kills,
            seconds=round(time.monotonic() - started, 1),
        )

    def _disturb(self, watcher: "subprocess.Popen[bytes]", deadline: float) -> None:
        """Keep the loops running, and kill one of them now and then, until the watcher has seen everything."""
        next_kill = time.monotonic() + 3.0
        while watcher.poll() is None and time.monotonic() < deadline:
            for number in range(self._loop.instances):
                process = self._running.get(number)
                if process is None or process.poll() is not None:
                    self._running[number] = self._start_loop(number)
            if time.monotonic() > next_kill:
                self._running[self._random.randrange(self._loop.instances)].send_signal(signal.SIGKILL)
                self._loop_kills += 1
                next_kill = time.monotonic() + self._random.uniform(*LOOP_LIFE_S)
            if (
                self._broker_kills < len(BROKER_KILLS_AT)
                and self._seen() > BROKER_KILLS_AT[self._broker_kills] * self._records
            ):
                self._broker.kill()
                self._broker.start()
                self._broker_kills += 1
            time.sleep(0.05)

    def _seen(self) -> int:
        lines = (self._work / "watch.log").read_text().split()
        return int(lines[-1]) if lines and lines[-1].isdigit() else 0

    def _start_loop(self, number: int) -> "subprocess.Popen[bytes]":
        given = self._loop.arguments.format(
            bootstrap=self._broker.bootstrap, id=f"loop-{number}", number=number
        ).split()
        with (self._work / f"loop-{number}.log").open("ab") as log:
            return subprocess.Popen(
                [*self._loop.command, *given],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    def _start_judge(self, *what: str) -> "subprocess.Popen[bytes]":
        with (self._work / f"{what[0]}.log").open("wb") as log:
            return subprocess.Popen(
                [self._judge, "-W", "ignore", JUDGE, self._broker.bootstrap, *what], stdout=log
            )

    def _ask(self, *what: str) -> dict[str, int]:
        told = subprocess.run(
            [self._judge, "-W", "ignore", JUDGE, self._broker.bootstrap, *what],
            check=True, capture_output=True, text=True, timeout=90,
        )  # fmt: skip
        answer: dict[str, int] = json.loads(told.stdout or "{}")
        return answer
