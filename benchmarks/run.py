"""Measure kbroker beside Apache Kafka and other brokers. See README.md.

Run: python benchmarks/run.py [--quick] [--rows produce consume] [--rounds 5] [--brokers apache kbroker]
"""

import argparse
import compileall
import json
import signal
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "compat-tests")]

from bench import curves  # noqa: E402
from bench.ballast import Ballast  # noqa: E402
from bench.chart import bars, svg  # noqa: E402
from bench.machine import machine  # noqa: E402
from bench.regressions import moved, relative  # noqa: E402
from bench.results import Results  # noqa: E402
from bench.rows import all_rows  # noqa: E402
from bench.runner import run_row  # noqa: E402
from bench.table import markdown  # noqa: E402
from bench.targets import OURS, TARGETS  # noqa: E402
from bench.trial import Sizes  # noqa: E402
from harness.toolchains import AbsentError  # noqa: E402

RECORDED = HERE / "recorded.json"
QUICK_SIZES = Sizes(scale=0.1, idle=3.0, log_gb=0.2, java=False)


def present(names: list[str]) -> dict[str, str]:
    """What each target is, or why it is missing."""
    found = {}
    for name in names:
        try:
            found[name] = TARGETS[name].what()
        except (AbsentError, RuntimeError) as why:
            found[name] = f"absent: {str(why)[-200:]}"
    return found


def arguments() -> argparse.Namespace:
    """The command line."""
    rows = all_rows()
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--quick", action="store_true", help="kbroker alone, small, and what moved since it was recorded"
    )
    parser.add_argument("--record", action="store_true", help="with --quick: record what it gives")
    parser.add_argument("--rows", nargs="+", choices=rows, default=list(rows))
    parser.add_argument("--brokers", nargs="+", choices=TARGETS, default=list(TARGETS))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--scale", type=float, default=1.0, help="factor on the amount of work")
    parser.add_argument("--idle", type=float, default=60.0, help="seconds to be idle before memory is read")
    parser.add_argument(
        "--log-gb", type=float, default=10.0, help="GB of log in the rows that need a long one"
    )
    parser.add_argument("--no-java", action="store_true", help="without Java's clients")
    parser.add_argument("--out", type=Path, default=HERE / "results", help="directory of the report")
    return parser.parse_args()


def main() -> None:
    """Run, and write report.md, results.json and chart.svg."""
    asked, rows = arguments(), all_rows()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the brokers end too
    sizes = Sizes(asked.scale, asked.idle, asked.log_gb, not asked.no_java)
    names, rounds, chosen = asked.brokers, asked.rounds, asked.rows
    if asked.quick:
        sizes, names, rounds = QUICK_SIZES, [OURS], 1
        chosen = [name for name in asked.rows if rows[name].QUICK]
    compileall.compile_dir(HERE.parent / "kbroker", quiet=1)  # as an installation has it
    asked.out.mkdir(parents=True, exist_ok=True)
    results = Results(machine(), present(names))
    running = [name for name in names if not results.targets[name].startswith("absent")]
    with Ballast(wanted=not asked.quick) as ballast:
        for name in chosen:
            run_row(
                results=results,
                name=name,
                row=rows[name],
                targets=running,
                rounds=rounds,
                sizes=sizes,
                save_to=asked.out / "results.json",
                ballast=ballast,
            )
            (asked.out / "report.md").write_text(markdown(results, rows))
            (asked.out / "chart.svg").write_text(svg(bars(results, rows)))
            if getattr(rows[name], "CURVES", False):
                drawn = curves.svg(rows[name].CPU, curves.curves(results, name, rows[name]))
                (asked.out / f"{name}.svg").write_text(drawn)
    if asked.quick:
        quick_report(results, rows, asked.record)
    else:
        print(markdown(results, rows))


def quick_report(results: Results, rows: dict, record: bool) -> None:
    """Print what moved since it was recorded; never fail."""
    now = relative(results, rows, OURS)
    if record:
        RECORDED.write_text(json.dumps(now, indent=1) + "\n")
    lines = moved(now, json.loads(RECORDED.read_text()) if RECORDED.exists() else {})
    print("moved by more than 30 %:" if lines else "nothing moved by more than 30 %", *lines, sep="\n  ")


if __name__ == "__main__":
    main()
