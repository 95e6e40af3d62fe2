"""kafkajs: the sample app end to end, then checks of groups, records, admin calls and restarts."""

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from harness.brokers import Broker
from harness.report import Report
from harness.session import Program, Session
from harness.toolchains import node_modules, tool

ORDERS = [f"{n} Cooking {city}" for n, city in enumerate(["Bangalore", "Chennai", "bangalore", "Delhi"] * 5)]
RECORDS_BEFORE_KILL = 300


def run(session: Session) -> list[Report]:
    folder = node_modules("kafkajs")
    packages = json.loads((folder / "package.json").read_text())["dependencies"]
    report = Report("kafkajs", packages["kafkajs"])
    checks = Program([tool("node"), folder / "checks.js"], timeout=240)
    with session.broker() as broker:
        with report.check("the sample app, end to end"):
            sample_app(folder, broker, session.work)
        checks.run_phase(report, broker, "main", quick=session.quick)
        checks.run_phase(report, broker, "before", quick=session.quick)
        broker.restart()
        checks.run_phase(report, broker, "after", quick=session.quick)
        with report.check("a member lives through a restart"):
            around_a_restart(folder, broker)
        acked = session.work / "acked"
        with report.check("records are acknowledged until kill -9"):
            kill_while_producing(folder, broker, acked)
        broker.start()
        checks.env = {"ACKED": str(acked)}
        checks.run_phase(report, broker, "after-kill", quick=session.quick)
    return [report]


def sample_app(folder: Path, broker: Broker, work: Path) -> None:
    """What the sample's reader does: make the topics, start two consumers of one group, type orders."""

    def node(script: str, *arguments: str) -> subprocess.Popen[str]:
        output = (work / f"{script}-{'-'.join(arguments)}.out").open("w+")
        command = [tool("node"), folder / script, *arguments]
        env = {"PATH": str(Path(tool("node")).parent), "KAFKA_BROKER": broker.bootstrap}
        return subprocess.Popen(
            command, env=env, stdin=subprocess.PIPE, stdout=output, stderr=subprocess.STDOUT, text=True
        )

    def printed(script: str, *arguments: str) -> list[str]:
        return (work / f"{script}-{'-'.join(arguments)}.out").read_text().splitlines()

    consumers = []
    try:
        for expected in ("created", "was there"):
            assert node("admin.js").wait(60) == 0, printed("admin.js")
            said = [line for line in printed("admin.js") if not line.startswith("{")]  # that is kafkajs's log
            assert said == [f"order-updates {expected}", f"delivery-updates {expected}"], said
        consumers = [node("consumer.js", "group1", name) for name in ("a", "b")]
        logs = [lambda name=name: printed("consumer.js", "group1", name) for name in ("a", "b")]
        await_that(lambda: all(joined(log()) for log in logs), "both consumers joined")
        producer = node("producer.js")
        await_that(lambda: "connected" in printed("producer.js"), "the producer connected")
        producer.communicate("".join(f"{line}\n" for line in ORDERS), 60)
        assert producer.returncode == 0, printed("producer.js")
        await_that(lambda: sum(len(messages(log())) for log in logs) >= len(ORDERS), "every order shown")
        shown = [messages(log()) for log in logs]
        for share in shown:
            assert len({message["partition"] for message in share}) == 1, "one partition each"
        everything = [json.loads(message["value"]) for share in shown for message in share]
        lines = [f"{order['orderId']} {order['status']} {order['location']}" for order in everything]
        assert sorted(lines) == sorted(ORDERS), lines
        for message in (message for share in shown for message in share):
            at_home = json.loads(message["value"])["location"].lower() == "bangalore"
            assert message["partition"] == (0 if at_home else 1), message
            assert message["key"] == "order-update", message
    finally:
        for consumer in consumers:
            consumer.kill()  # as a Ctrl-C would: the app never leaves its group
            consumer.wait()


def messages(lines: list[str]) -> list[dict[str, str | int]]:
    """The orders that a consumer printed."""
    found = [json.loads(line) for line in lines if line.startswith("{")]
    return [message for message in found if "value" in message]


def joined(lines: list[str]) -> bool:
    """Whether kafkajs logged that its consumer is in a group of two that share the two partitions."""
    joins = [json.loads(line) for line in lines if "Consumer has joined the group" in line]
    return bool(joins) and joins[-1]["memberAssignment"] in ({"order-updates": [0]}, {"order-updates": [1]})


def around_a_restart(folder: Path, broker: Broker) -> None:
    """Restart the broker when the check that runs meanwhile asks for it."""
    phase = ["--bootstrap", broker.bootstrap, "--prefix", "kafkajs", "--phase", "around"]
    command = [tool("node"), folder / "checks.js", *phase]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline().strip()
        assert line == "RESTART NOW", line
        broker.restart()
        rest, _ = process.communicate("done\n", 120)
        assert rest.startswith("PASS"), rest
    finally:
        process.kill()
        process.wait()


def kill_while_producing(folder: Path, broker: Broker, acked: Path) -> None:
    """Kill the broker while records are sent; `acked` gets a line `offset value` for each acknowledged."""
    phase = ["--bootstrap", broker.bootstrap, "--prefix", "kafkajs-2.2.4", "--phase", "before-kill"]
    printed = acked.with_suffix(".out")

    def enough() -> bool:
        return printed.read_text().count("ACKED") >= RECORDS_BEFORE_KILL

    with printed.open("w") as output:
        process = subprocess.Popen([tool("node"), folder / "checks.js", *phase], stdout=output)
        try:
            await_that(enough, "enough acknowledged")
            broker.kill()
        finally:
            process.kill()
            process.wait()
    lines = printed.read_text().rpartition("\n")[0].splitlines()
    kept = [line.removeprefix("ACKED ") for line in lines if line.startswith("ACKED ")]
    acked.write_text("\n".join(kept))


def await_that(condition: Callable[[], object], what: str, seconds: float = 60) -> None:
    """Wait for a condition."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.05)
