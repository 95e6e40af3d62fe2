"""segmentio's kafka-go."""

from harness.compiled import go_program, go_version
from harness.report import Report
from harness.session import Program, Session


def run(session: Session) -> list[Report]:
    report = Report("kafka-go", go_version("kafka-go", "github.com/segmentio/kafka-go"))
    program = Program([go_program("kafka-go")])
    with session.broker() as broker:
        program.run_phases(report, broker, quick=session.quick)
    return [report]
