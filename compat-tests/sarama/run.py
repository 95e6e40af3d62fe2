"""IBM's sarama."""

from harness.compiled import go_program, go_version
from harness.report import Report
from harness.session import Program, Session


def run(session: Session) -> list[Report]:
    report = Report("sarama", go_version("sarama", "github.com/IBM/sarama"))
    program = Program([go_program("sarama")])
    with session.broker() as broker:
        program.run_phases(report, broker, quick=session.quick, kill=True)
    return [report]
