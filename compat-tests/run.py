"""Run clients against a broker and print a report card.

python compat-tests/run.py [--broker kbroker|apache] [--quick] [--jobs N] [client ...]

Exit status 0: every check passed, or failed for a reason its client's known_failures.txt names.
"""

import argparse
import importlib.util
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

from harness.brokers import BROKERS
from harness.paths import CACHE, COMPAT
from harness.report import Outcome, Report, describe, print_card, read_known_failures, write_json
from harness.session import Session
from harness.toolchains import AbsentError

CLIENT_TIMEOUT = 900  # seconds for one client folder, its first installation included


def main() -> int:
    every = sorted(path.parent.name for path in COMPAT.glob("*/run.py"))
    as_written = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=as_written)
    parser.add_argument("clients", nargs="*", metavar="client", help=f"of: {' '.join(every)}")
    parser.add_argument("--broker", choices=BROKERS, default="kbroker")
    parser.add_argument("--quick", action="store_true", help="the short subset")
    parser.add_argument("--jobs", type=int, default=2, help="clients at a time, each with its own broker")
    parser.add_argument("--child-result", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if unknown := set(options.clients) - set(every):
        parser.error(f"no such client: {' '.join(sorted(unknown))}")
    if options.child_result:
        outcome = run_here(options.clients[0], options.broker, options.quick)
        options.child_result.write_text(json.dumps(asdict(outcome)))
        return 0

    def run(client: str) -> Outcome:
        outcome = run_apart(client, options.broker, options.quick)
        print(f"{client} done after {outcome.seconds:.0f} s", file=sys.stderr)
        return outcome

    clients = options.clients or every
    with ThreadPoolExecutor(options.jobs) as pool:
        outcomes = list(pool.map(run, clients))
    write_json(outcomes, options.broker, CACHE / "report.json")
    # Lists of known failures are about kbroker: Apache Kafka has to pass everything.
    lists = clients if options.broker == "kbroker" else []
    allowed = {client: read_known_failures(COMPAT / client / "known_failures.txt") for client in lists}
    return 0 if print_card(outcomes, options.broker, allowed, whole=not options.quick) else 1


def run_apart(client: str, broker: str, quick: bool) -> Outcome:
    """Run a client in a process of its own, so that a hang or crash of it is just a failed check."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="compat-run-") as directory:
        result = Path(directory) / "result.json"
        command = [sys.executable, __file__, client, "--broker", broker, "--child-result", result]
        command += ["--quick"] * quick
        process = subprocess.Popen(command, start_new_session=True, stdin=subprocess.DEVNULL)
        problem = "the run crashed"
        try:
            process.wait(CLIENT_TIMEOUT)
        except subprocess.TimeoutExpired:
            problem = f"still running after {CLIENT_TIMEOUT} s"
            os.kill(process.pid, signal.SIGINT)  # it stops its brokers and programs on the way out
            process.wait()
        except BaseException:
            os.kill(process.pid, signal.SIGINT)
            process.wait()
            raise
        seconds = time.monotonic() - started
        if not result.exists():
            report = Report(client, "?")
            report.add("the run ends", False, problem)
            return Outcome(client, seconds, [report])
        data = json.loads(result.read_text())
    return Outcome(client, seconds, [Report.from_json(report) for report in data["reports"]], data["absent"])


def run_here(client: str, broker: str, quick: bool) -> Outcome:
    """Import a client folder's run.py and call its `run(session)`."""
    folder = COMPAT / client
    sys.path.insert(1, str(folder))
    spec = importlib.util.spec_from_file_location(f"run_{client.replace('-', '_')}", folder / "run.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with tempfile.TemporaryDirectory(prefix=f"compat-{client}-") as work:
        try:
            spec.loader.exec_module(module)
            reports = module.run(Session(BROKERS[broker], Path(work), quick))
        except AbsentError as absent:
            return Outcome(client, absent=str(absent))
        except Exception as error:  # noqa: BLE001 whatever went wrong is this client's result
            report = Report(client, "?")
            report.add("the run ends", False, describe(error))
            reports = [report]
    return Outcome(client, reports=reports)


if __name__ == "__main__":
    sys.exit(main())
