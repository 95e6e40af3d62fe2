"""A client program that keeps working while its broker dies and comes back."""

import time
from concurrent.futures import ThreadPoolExecutor

from harness.brokers import Broker
from harness.report import Report
from harness.session import Program

HEAD_START = 3.0  # seconds for the program to start and be in full swing


def run_through_outage(program: Program, report: Report, broker: Broker) -> None:
    """Run phase `outage` of the program; meanwhile end the broker by SIGKILL and start it on the same data."""

    def fail_and_recover() -> None:
        time.sleep(HEAD_START)
        broker.kill()
        broker.start()

    given = ["--bootstrap", broker.bootstrap, "--prefix", f"{report.client}-outage", "--phase", "outage"]
    with ThreadPoolExecutor(1) as other:
        outage = other.submit(fail_and_recover)
        program.run(report, *given)
        outage.result()
