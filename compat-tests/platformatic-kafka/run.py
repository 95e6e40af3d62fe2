"""@platformatic/kafka, the newest release that runs on Node.js 20."""

import json

from harness.report import Report
from harness.session import Program, Session
from harness.toolchains import node_modules, require_node, tool


def run(session: Session) -> list[Report]:
    require_node(20)
    folder = node_modules("platformatic-kafka")
    packages = json.loads((folder / "package.json").read_text())["dependencies"]
    report = Report("platformatic-kafka", packages["@platformatic/kafka"])
    program = Program([tool("node"), "--no-warnings", folder / "checks.js"], timeout=240)
    with session.broker() as broker:
        program.run_phases(report, broker, quick=session.quick)
    return [report]
