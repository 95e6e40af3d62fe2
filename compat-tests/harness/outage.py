"""A client program that keeps working while its broker dies and comes back."""

import time
from concurrent.futures import ThreadPoolExecutor

from harness.brokers import Broker
from harness.report import Report
from harness.session import Program


def run_through_outage(program: Program, report: Report, broker: Broker, *, head_start: float = 3.0) -> None:
    """Run phase `outage` of the program; meanwhile end the broker by SIGKILL and start it on the same data.

    The program has `head_start` seconds to start and to be in full swing.
    """

    def fail_and_recover() -> None:
        time.sleep(head_start)
        broker.kill()
        broker.start()

    given = ["--bootstrap", broker.bootstrap, "--prefix", f"{report.client}-outage", "--phase", "outage"]
    with ThreadPoolExecutor(1) as other:
        outage = other.submit(fail_and_recover)
        program.run(report, *given)
        outage.result()
