"""franz-go."""

from harness.compiled import go_program, go_version
from harness.outage import run_through_outage
from harness.report import Report
from harness.session import Program, Session


def run(session: Session) -> list[Report]:
    report = Report("franz-go", go_version("franz-go", "github.com/twmb/franz-go"))
    program = Program([go_program("franz-go")])
    with session.broker() as broker:
        program.run_phases(report, broker, quick=session.quick)
        if not session.quick:
            run_through_outage(program, report, broker)
    return [report]
