"""Run clients against a broker that is killed, paused and cut off, and check the history of what they saw.

python checker/run.py [--seed N] [--minutes M | --operations N] [--kills N] [--workload NAME…] [--quick]
                      [--broker 'COMMAND…' | --source PATH]
python checker/run.py --check HISTORY

A record that was appended or read is one operation, and so is each commit, fetch of offsets, join, and end of a
transaction. The exit status is 1 if a promise was broken, 2 if the broker doesn't start, 3 if the checker itself
fails. The history is kept.
"""

import argparse
import random
import shlex
import shutil
import signal
import sys
import time
import traceback
from pathlib import Path

CHECKER = Path(__file__).resolve().parent
sys.path[:0] = [str(CHECKER), str(CHECKER.parent / "compat-tests")]

from faults.trial import Plan, Trial, lines  # noqa: E402
from histories.events import joined  # noqa: E402
from rules.judge import Verdict, judge  # noqa: E402
from rules.report import report  # noqa: E402
from workloads.available import WORKLOADS, available  # noqa: E402

BROKEN, NO_START, OWN_FAULT = 1, 2, 3
DEFAULT_MINUTES, DEFAULT_RATE, KILLS_A_SECOND = 1.0, 20_000.0, 0.5
QUICK_S, QUICK_KILLS, QUICK_RATE = 6.0, 6, 5000.0


def main() -> int:
    """Run the command line. Returns the exit status."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(OWN_FAULT))  # processes are ended, too
    arguments = _parser().parse_args()
    if arguments.check:
        return told(arguments.check, judge(joined(lines(arguments.check))))
    plan = _plan(arguments)
    work = arguments.results / f"seed-{plan.seed}"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    print(
        f"seed {plan.seed}: {plan.seconds:.0f} s, {plan.kills} kills, {', '.join(plan.workloads)}", flush=True
    )
    started = time.monotonic()
    try:
        history = Trial(plan, work).run()
    except RuntimeError as error:
        print(error)
        return NO_START
    finally:
        shutil.rmtree(work / "data", ignore_errors=True)
    ran = time.monotonic() - started
    verdict = judge(joined(lines(history)))
    status = told(history, verdict)
    print(
        f"ran for {ran:.1f} s, checked in {time.monotonic() - started - ran:.1f} s; seed {plan.seed}: {history}"
    )
    return status


def told(history: Path, verdict: Verdict) -> int:
    """Print what came of it. Returns the exit status."""
    for line in report(verdict, lambda: joined(lines(history))):
        print(line)
    return BROKEN if verdict.violations else 0


def _plan(arguments: argparse.Namespace) -> Plan:
    rate = arguments.rate or (QUICK_RATE if arguments.quick else DEFAULT_RATE)
    if arguments.minutes:
        seconds = arguments.minutes * 60
    elif arguments.operations:
        seconds = arguments.operations / rate
    else:
        seconds = QUICK_S if arguments.quick else DEFAULT_MINUTES * 60
    kills = arguments.kills
    if kills is None:
        kills = QUICK_KILLS if arguments.quick else round(seconds * KILLS_A_SECOND)
    return Plan(
        seed=random.randrange(1 << 32) if arguments.seed is None else arguments.seed,
        seconds=seconds,
        operations=arguments.operations,
        kills=kills,
        rate=rate,
        workloads=arguments.workload or available(),
        broker=shlex.split(arguments.broker or ""),
        source=arguments.source,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, help="of everything that is left to chance (default: any)")
    parser.add_argument("--minutes", type=float, help=f"of faults (default: {DEFAULT_MINUTES:.0f})")
    parser.add_argument("--operations", type=int, help="end when there were so many")
    parser.add_argument("--kills", type=int, help="of the broker (default: one in two seconds)")
    parser.add_argument("--rate", type=float, help=f"operations a second (default: {DEFAULT_RATE:.0f})")
    parser.add_argument(
        "--workload", nargs="+", choices=WORKLOADS, help="default: all whose clients are there"
    )
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_S:.0f} s of faults")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--broker", metavar="COMMAND", help="what `serve` and its options are added to")
    which.add_argument(
        "--source", type=Path, metavar="PATH", help="another source tree to run the broker from"
    )
    parser.add_argument("--results", type=Path, default=CHECKER / "results", help="default: checker/results")
    parser.add_argument(
        "--check", type=Path, metavar="HISTORY", help="check a history again, and run nothing"
    )
    return parser


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Exception:  # noqa: BLE001 -- by default its status would be that of a broken promise
        traceback.print_exc()
        sys.exit(OWN_FAULT)
