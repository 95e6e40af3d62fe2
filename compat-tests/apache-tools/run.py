"""Apache Kafka's command line tools: their output against kbroker equals that against Apache Kafka."""

import difflib
from pathlib import Path

from differences import DIFFERENCES, compared
from harness.report import Report
from harness.session import Session
from harness.toolchains import kafka_libs
from tools import ToolServer
from transcript import Command, Stage, read, settings

HERE = Path(__file__).resolve().parent
QUICK = {"topics", "consumer_groups", "configs"}


def run(session: Session) -> list[Report]:
    libs = kafka_libs()
    report = Report("apache-tools", next(libs.glob("kafka-tools-*.jar")).stem.removeprefix("kafka-tools-"))
    with ToolServer() as server:
        for path in sorted(HERE.glob("transcripts/*.txt")):
            if not session.quick or path.stem in QUICK:
                with report.check(f"{path.stem}: played to its end"):
                    play(path, session, server, report)
    return [report]


def play(path: Path, session: Session, server: ToolServer, report: Report) -> None:
    """Run one transcript against a broker of its own: a check for each command."""
    directory = session.work / path.stem
    directory.mkdir()
    met = set()
    with session.broker(settings(path.read_text())) as broker:
        stage = Stage(server, broker, directory)
        try:
            for step in read(path.read_text()):
                if not isinstance(step, Command):
                    stage.obey(step)
                    continue
                with report.check(f"{path.stem} $ {step.line}"):
                    wanted, explained = compared(path.stem, step.output)
                    got, _ = compared(path.stem, stage.run(step))
                    met |= explained
                    assert got == strip(wanted), "\n".join(difflib.ndiff(strip(wanted), got))
        finally:
            stage.stop()
    with report.check(f"{path.stem}: no difference is stale"):
        stale = [one for one in DIFFERENCES if one.transcript == path.stem and one not in met]
        assert not stale, stale


def strip(lines: list[str]) -> list[str]:
    """Without the blank lines that stand before the next command."""
    end = len(lines)
    while end and not lines[end - 1]:
        end -= 1
    return lines[:end]
