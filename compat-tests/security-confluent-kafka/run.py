"""TLS and SASL with confluent-kafka, which is librdkafka."""

from harness.paths import COMPAT
from harness.report import Report
from harness.session import Session
from harness.toolchains import python_venv
from security.cases import run_tls
from security.sasl_cases import run_sasl

VERSION = "2.16.1"


def run(session: Session) -> list[Report]:
    report = Report("security confluent-kafka", VERSION)
    python = python_venv(f"confluent-kafka-{VERSION}", f"confluent-kafka=={VERSION}")
    command = [python, COMPAT / "security" / "clients" / "python_client.py", "confluent-kafka"]
    run_tls(session, report, command)
    run_sasl(session, report, command)
    return [report]
