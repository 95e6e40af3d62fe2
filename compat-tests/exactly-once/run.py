"""Exactly once: consume-transform-produce loops of real clients, while loops and broker are killed."""

from pathlib import Path

from harness.brokers import Broker
from harness.compiled import go_program
from harness.paths import CACHE
from harness.report import Report
from harness.session import Session
from harness.toolchains import install, kafka_libs, only_one, python_venv, tool
from trial import GROUP, INPUT, OUTPUT, Loop, Trial

HERE = Path(__file__).resolve().parent
VERSIONS = {"confluent-kafka": "2.16.1", "aiokafka": "0.14.0", "kafka-python": "3.0.12"}
EXTRAS = {
    "aiokafka": ("cramjam==2.11.0",),
    "kafka-python": ("lz4==4.4.4", "python-snappy==0.7.3", "zstandard==0.25.0"),
}
SMALL = (
    "-XX:TieredStopAtLevel=1",
    "-XX:+UseSerialGC",
    "-Xmx256m",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=off",
)
BROKER_SETTINGS = {
    "group.initial.rebalance.delay.ms": "0",
    "transaction.abort.timed.out.transaction.cleanup.interval.ms": "1000",
}
QUICK = {"confluent-kafka"}
COPIER = (
    f"--broker-list {{bootstrap}} --input-topic {INPUT} --input-partition {{number}} --output-topic {OUTPUT}"
    f" --consumer-group {GROUP}"
    " --transactional-id {id} --transaction-size 50 --transaction-timeout 10000 --enable-random-aborts"
    " --use-group-metadata"
)


def run(session: Session) -> list[Report]:
    report = Report("exactly-once", VERSIONS["confluent-kafka"])
    judge = python("confluent-kafka")
    for loop in loops():
        if session.quick and loop.name not in QUICK:
            continue
        with session.broker(BROKER_SETTINGS) as broker:
            try_loop(loop, judge, broker, report, session)
    return [report]


def try_loop(loop: Loop, judge: Path, broker: Broker, report: Report, session: Session) -> None:
    """One check: what the loop wrote, counted by a reader of committed records."""
    with report.check(f"{loop.name}: every record once, loops and broker killed meanwhile"):
        trial = Trial(loop, judge, broker, session.work / loop.name, records=400 if session.quick else 1500)
        found = trial.run()
        print(f"exactly-once {loop.name}: {found}", flush=True)
        assert found.missing == 0, found
        assert found.doubled == 0, found
        assert found.unknown == 0, found
        assert found.committed == found.records, found
        assert found.loop_kills >= (2 if session.quick else 4), found
        assert found.broker_kills >= 1, found


def loops() -> list[Loop]:
    """Every loop whose toolchain is here; Java's and Go's absence ends the run as absent, not as passed."""
    libs, classes = kafka_libs(), CACHE / "exactly-once"
    with only_one("javac"):
        install(
            [tool("javac"), "-nowarn", "-cp", f"{libs}/*", "-d", classes, *HERE.glob("loops/java/*.java")]
        )
    java = [tool("java"), *SMALL, "-cp", f"{libs}/*:{classes}"]
    return [
        *(
            Loop(name, [python(name), "-W", "ignore", HERE / "loops" / f"{name.replace('-', '_')}_loop.py"])
            for name in VERSIONS
        ),
        Loop("java", [*java, "Loop"]),
        Loop(
            "TransactionalMessageCopier",
            [*java, "org.apache.kafka.tools.TransactionalMessageCopier"],
            COPIER,
            "",
            instances=4,
        ),
        Loop("franz-go", [go_program("exactly-once")]),
    ]


def python(name: str) -> Path:
    """The interpreter that has a client."""
    return python_venv(f"{name}-{VERSIONS[name]}", f"{name}=={VERSIONS[name]}", *EXTRAS.get(name, ()))
