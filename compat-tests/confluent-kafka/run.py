"""confluent-kafka: the newest version, and two that older images and lock files hold."""

from harness.pyclient.ladder import run_ladder
from harness.report import Report
from harness.session import Session

VERSIONS = ("2.16.1", "2.8.0", "2.3.0")


def run(session: Session) -> list[Report]:
    return run_ladder(session, "confluent-kafka", dict.fromkeys(VERSIONS, ()))
