"""TLS and SASL with franz-go."""

from harness.compiled import go_program, go_version
from harness.report import Report
from harness.session import Session
from security.cases import run_tls
from security.sasl_cases import run_sasl


def run(session: Session) -> list[Report]:
    report = Report("security franz-go", go_version("security-franz-go", "github.com/twmb/franz-go"))
    command = [go_program("security-franz-go")]
    run_tls(session, report, command)
    run_sasl(session, report, command)
    return [report]
