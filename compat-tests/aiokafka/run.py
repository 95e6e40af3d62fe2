"""aiokafka."""

from harness.pyclient.ladder import run_ladder
from harness.report import Report
from harness.session import Session


def run(session: Session) -> list[Report]:
    return run_ladder(session, "aiokafka", {"0.14.0": ("cramjam==2.11.0",)})
