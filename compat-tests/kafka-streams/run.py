"""Kafka Streams: a word count with exactly_once_v2, while the application and the broker are killed."""

import json
import subprocess
import time
from collections import Counter
from pathlib import Path

from harness.brokers import Broker
from harness.paths import CACHE
from harness.report import Report
from harness.session import Session
from harness.toolchains import install, maven_libs, only_one, python_venv, tool

HERE = Path(__file__).resolve().parent
SMALL = (
    "-XX:TieredStopAtLevel=1",
    "-XX:+UseSerialGC",
    "-Xmx256m",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
)
WORDS = ("apple", "pear", "plum", "fig")
PARTITIONS = 3
ROUNDS = 4
LINES = 150  # in a round
WAIT_S = 60
BROKER_SETTINGS = {"transaction.abort.timed.out.transaction.cleanup.interval.ms": "1000"}


def run(session: Session) -> list[Report]:
    libs, classes = maven_libs("kafka-streams", HERE / "pom.xml"), CACHE / "kafka-streams" / "classes"
    with only_one("javac"):
        install([tool("javac"), "-nowarn", "-cp", f"{libs}/*", "-d", classes, *HERE.glob("src/*.java")])
    report = Report(
        "kafka-streams", next(libs.glob("kafka-streams-*.jar")).stem.removeprefix("kafka-streams-")
    )
    command = [tool("java"), *SMALL, "-cp", f"{libs}/*:{classes}", "WordCount"]
    judge = python_venv("confluent-kafka-2.16.1", "confluent-kafka==2.16.1")
    with session.broker(BROKER_SETTINGS) as broker:
        WordCount(command, judge, broker, session.work).check(report, rounds=2 if session.quick else ROUNDS)
    return [report]


class WordCount:
    """The application and what it is asked to count."""

    def __init__(self, command: list[str], judge: Path, broker: Broker, work: Path) -> None:
        self._command = command
        self._judge = judge
        self._broker = broker
        self._work = work
        self._wanted: Counter[str] = Counter()

    def check(self, report: Report, *, rounds: int) -> None:
        """A check for each round, between which the application or the broker is killed."""
        self._ask("create", str(PARTITIONS))
        application = self._start()
        try:
            for number in range(rounds):
                lines = [f"{WORDS[each % 4]} {WORDS[each % 3]}, {WORDS[0]}" for each in range(LINES)]
                for line in lines:
                    self._wanted.update(line.replace(",", "").split())
                feeder = subprocess.Popen(
                    [self._judge, HERE / "judge.py", self._broker.bootstrap, "feed", json.dumps(lines)]
                )
                time.sleep(1.5)
                if number % 2:
                    application.kill()
                    application.wait()
                    application = self._start()
                elif number:
                    self._broker.kill()
                    self._broker.start()
                killed = "application" if number % 2 else "broker" if number else "nothing"
                with report.check(f"round {number}: {killed} killed"):
                    assert feeder.wait(WAIT_S) == 0
                    self._counts_are_right()
        finally:
            application.terminate()
            application.wait()
        with report.check("each count was told once: 1, 2, 3, ... without a gap or a repetition"):
            steps = self._ask("updates")
            assert set(steps) == set(self._wanted), steps
            for word, told in steps.items():
                assert told == sorted(set(told)), (word, told)
                assert told[-1] == self._wanted[word], (word, told[-1])

    def _counts_are_right(self) -> None:
        deadline = time.monotonic() + WAIT_S
        while True:
            got = {word: told[-1] for word, told in self._ask("updates").items()}
            if got == self._wanted:
                return
            above = {word: count for word, count in got.items() if count > self._wanted[word]}
            assert not above, f"counted twice: {above} of {dict(self._wanted)}"
            assert time.monotonic() < deadline, f"{got} instead of {dict(self._wanted)}"
            time.sleep(0.5)

    def _start(self) -> "subprocess.Popen[bytes]":
        given = (self._broker.bootstrap, "word-count", str(self._work / "state"))
        with (self._work / "word-count.log").open("ab") as log:
            return subprocess.Popen(
                [*self._command, *given], stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )

    def _ask(self, *what: str) -> dict[str, list[int]]:
        told = subprocess.run(
            [self._judge, HERE / "judge.py", self._broker.bootstrap, *what],
            check=False,
            capture_output=True,
            text=True,
            timeout=WAIT_S,
        )
        if told.returncode:
            raise RuntimeError(told.stderr[-1000:])
        answer: dict[str, list[int]] = json.loads(told.stdout or "{}")
        return answer
