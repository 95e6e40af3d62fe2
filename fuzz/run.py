"""Feed everything that comes from outside with damaged and nasty inputs, and say what that broke.

python fuzz/run.py [target…] [--seconds N | --inputs N] [--engine atheris|mutate] [--seed N] [--crashes DIR]

Without targets all of them run, one after the other. Inputs that broke something are kept in the directory of
crashes; `python fuzz/run.py TARGET --replay FILE…` runs them again. atheris is guided by coverage: pip install atheris.
"""

import argparse
import logging
import sys
from importlib.util import find_spec
from pathlib import Path

from engine import atheris_loop, mutate_loop
from engine.bounds import bounded
from engine.target import load_target, target_names

DEFAULT_SECONDS = 60.0


def main() -> int:
    """Run the command line. Returns the exit status: 1 if anything broke."""
    arguments = _parser().parse_args()
    logging.disable()  # what the broker tells people is not the point here
    if arguments.engine == "atheris" and find_spec("atheris") is None:
        sys.exit("atheris is not installed: pip install atheris, or --engine mutate")
    names = arguments.target or target_names()
    if arguments.replay:
        (name,) = names
        for path in arguments.replay:
            print(path, flush=True)
            bounded(load_target(name).check, path.read_bytes())
        return 0
    seconds = arguments.seconds or (None if arguments.inputs else DEFAULT_SECONDS)
    broken = False
    for name in names:
        if arguments.engine == "atheris":
            report = atheris_loop.run(
                name,
                seconds=seconds,
                inputs=arguments.inputs,
                seed=arguments.seed,
                crashes=arguments.crashes,
            )
        else:
            target = load_target(name)
            report = mutate_loop.run(
                target,
                seconds=seconds,
                inputs=arguments.inputs,
                seed=arguments.seed,
                crashes=arguments.crashes,
                tell=print,
            )
            target.close()
        print(report, flush=True)
        broken = broken or bool(report.failures)
    return int(broken)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("target", nargs="*", help=f"of {', '.join(target_names())}")
    bound = parser.add_mutually_exclusive_group()
    bound.add_argument("--seconds", type=float, help=f"for each target (default: {DEFAULT_SECONDS:.0f})")
    bound.add_argument("--inputs", type=int, help="for each target")
    parser.add_argument("--engine", choices=("atheris", "mutate"), default="mutate")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--crashes", type=Path, default=Path("fuzz-crashes"), help="default: ./fuzz-crashes")
    parser.add_argument(
        "--replay", type=Path, nargs="+", metavar="FILE", help="run these inputs, and no others"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
