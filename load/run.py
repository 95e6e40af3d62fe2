"""More than the broker likes, and what becomes of its memory and of a well-behaved client meanwhile. See README.md.

Run: python load/run.py [scenario …] [--seconds 20] [--scale 1]
"""

import argparse
import signal
import sys
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), *(str(HERE.parent / name) for name in ("benchmarks", "compat-tests", "fuzz"))]

from drive.measured import Bounds, Measured, Trial  # noqa: E402
from drive.worker import allow_many_connections  # noqa: E402

HEAD = (
    "| load | did, a second | broker CPU | MiB idle | peak | after | again | p50 alone | p50 beside | p99 | max "
    "| rounds/s alone | beside |"
)


def main() -> int:
    """Run the scenarios. Returns the exit status: 1 if a bound was broken."""
    asked = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the broker ends too
    allow_many_connections()
    print(HEAD, "|---" * HEAD.count(" | ") + "|---|", sep="\n")
    broken = []
    for name in asked.scenario or scenario_names():
        scenario = import_module(f"scenarios.{name}")
        measured = Trial(name, scenario, asked.seconds, asked.scale).measure()
        print(row(measured), flush=True)
        broken += [f"{name}: {why}" for why in measured.broken(getattr(scenario, "BOUNDS", Bounds()))]
    print("", *broken, sep="\n")
    return int(bool(broken))


def row(one: Measured) -> str:
    """A row of the table."""
    did = ", ".join(f"{rate:,.1f} {what}" for what, rate in one.did.items())
    cells = [one.title, did, f"{one.cpu:.0%}"]
    cells += [f"{mib:.0f}" for mib in (one.idle, one.peak, one.after)]
    cells.append("" if one.again is None else f"{one.again:.0f}")
    cells += [f"{one.alone['p50']:.1f}", *(f"{one.beside[name]:.1f}" for name in ("p50", "p99", "max"))]
    cells += [f"{one.alone['rate']:.0f}", f"{one.beside['rate']:.0f}"]
    return f"| {' | '.join(cells)} |"


def scenario_names() -> list[str]:
    """All there are."""
    return sorted(path.stem for path in (HERE / "scenarios").glob("*.py") if path.stem != "__init__")


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("scenario", nargs="*", help=f"of {', '.join(scenario_names())}")
    parser.add_argument("--seconds", type=float, default=20.0, help="of each under load")
    parser.add_argument(
        "--scale", type=float, default=1.0, help="factor on numbers of clients and partitions"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
