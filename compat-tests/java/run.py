"""Java: Kafka's own command line tools and the client library they are built on."""

from pathlib import Path

from harness.outage import run_through_outage
from harness.paths import CACHE
from harness.report import Report
from harness.session import Program, Session
from harness.toolchains import install, kafka_libs, only_one, tool

HERE = Path(__file__).resolve().parent
SMALL = (
    "-XX:TieredStopAtLevel=1",
    "-XX:+UseSerialGC",
    "-Xmx256m",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=off",
)


def run(session: Session) -> list[Report]:
    libs, classes = kafka_libs(), CACHE / "java"
    report = Report("java", next(libs.glob("kafka-clients-*.jar")).stem.removeprefix("kafka-clients-"))
    with only_one("javac"):
        sources = sorted(HERE.glob("src/compat/*.java"))
        install([tool("javac"), "-nowarn", "-cp", f"{libs}/*", "-d", classes, *sources])
    program = Program([tool("java"), *SMALL, "-cp", f"{libs}/*:{classes}", "compat.Main"])
    with session.broker() as broker:
        program.run_phases(report, broker, quick=session.quick)
        if not session.quick:
            run_through_outage(program, report, broker, head_start=6)
    return [report]
