"""Versions of one Python library, each in a virtual environment of its own, against one broker."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from harness.paths import COMPAT
from harness.report import Report
from harness.session import PHASES, Program, Session
from harness.toolchains import python_venv


def run_ladder(session: Session, client: str, versions: Mapping[str, Sequence[str]]) -> list[Report]:
    """Run the client folder's adapter.py with each version.

    Args:
        client: the folder's name, which is the library's on PyPI.
        versions: by version what else to install for it.
    """
    adapter = COMPAT / client / "adapter.py"
    programs = []
    for version, extras in versions.items():
        python = python_venv(f"{client}-{version}", f"{client}=={version}", *extras)
        program = Program([python, "-W", "ignore", adapter], env={"PYTHONPATH": str(COMPAT)})
        programs.append((program, Report(client, version)))
    with session.broker() as broker, ThreadPoolExecutor(3) as pool:
        for phase in PHASES:
            if phase == "after":
                broker.kill()
                broker.start()
            runs = [
                pool.submit(program.run_phase, report, broker, phase, quick=session.quick)
                for program, report in programs
            ]
            for run in runs:
                run.result()
    return [report for _, report in programs]
