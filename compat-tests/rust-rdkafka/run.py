"""rust-rdkafka: librdkafka as the rdkafka crate binds it."""

from harness.compiled import cargo_program, cargo_version
from harness.report import Report
from harness.session import Program, Session


def run(session: Session) -> list[Report]:
    report = Report("rust-rdkafka", cargo_version("rust-rdkafka", "rdkafka"))
    program = Program([cargo_program("rust-rdkafka")])
    with session.broker() as broker:
        program.run_phases(report, broker, quick=session.quick, kill=True)
    return [report]
