"""TLS and SASL with kafka-python."""

from harness.paths import COMPAT
from harness.report import Report
from harness.session import Session
from harness.toolchains import python_venv
from security.cases import run_tls
from security.sasl_cases import run_sasl

VERSIONS = ("3.0.12", "2.2.15")


def run(session: Session) -> list[Report]:
    reports = []
    for version in VERSIONS:
        report = Report("security kafka-python", version)
        python = python_venv(f"security-kafka-python-{version}", f"kafka-python=={version}")
        command = [python, COMPAT / "security" / "clients" / "python_client.py", "kafka-python"]
        run_tls(session, report, command)
        run_sasl(session, report, command)
        reports.append(report)
    return reports
