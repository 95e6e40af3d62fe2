"""TLS with franz-go."""

from harness.compiled import go_program, go_version
from harness.report import Report
from harness.session import Session
from security.cases import run_tls


def run(session: Session) -> list[Report]:
    report = Report("security franz-go", go_version("security-franz-go", "github.com/twmb/franz-go"))
    run_tls(session, report, [go_program("security-franz-go")])
    return [report]
