"""Make small mistakes in the broker, one at a time, and see who notices.

python mutants/run.py [--only AREA|MODULE|PATH…] [--count N] [--seed N] [--judges own others checker] [--minutes M]
python mutants/run.py --by-hand [--only NAME…] [--judges checker]
python mutants/run.py --again NAME… | --list | --table RESULTS…

Each mutant lives in a scratch copy of the source tree. The judges are asked in turn until one catches it: the tests of
its module, the tests around it, the checker. The exit status is 1 if a mutant survived. Before anything else the
judges are asked about the tree as it is, which they must pass.
"""

import argparse
import json
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

MUTANTS = Path(__file__).resolve().parent
TREE = MUTANTS.parent
sys.path.insert(0, str(MUTANTS))

from judging.judges import NAMES, Judge, JudgeError, Verdict, judges  # noqa: E402
from judging.report import row, table  # noqa: E402
from judging.scratch import scratch_copy  # noqa: E402
from making.by_hand import made_by_hand  # noqa: E402
from making.mutant import Mutant  # noqa: E402
from making.selection import is_wanted, selected  # noqa: E402

DEFAULT_COUNT = 16
EVERY = sys.maxsize
SURVIVED = 1


def main() -> int:
    """Run the command line. Returns the exit status."""
    arguments = _parser().parse_args()
    if arguments.table:
        rows = [json.loads(line) for path in arguments.table for line in path.read_text().splitlines()]
        print(table(rows))
        return 0
    mutants = list(_asked_for(arguments))
    if arguments.list:
        for mutant in mutants:
            print(f"{mutant.name}: {mutant.shown}")
        return 0
    if not mutants:
        sys.exit("there is no such mutant")
    asked = {
        name: judge
        for name, judge in judges(arguments.seed, arguments.minutes).items()
        if name in arguments.judges
    }
    if not arguments.trusted:
        check_judges(mutants, asked)
    arguments.results.parent.mkdir(parents=True, exist_ok=True)
    survived = 0
    with arguments.results.open("a") as results:
        for number, mutant in enumerate(mutants, 1):
            verdicts = judged(mutant, asked.values())
            print(f"{number}/{len(mutants)} {_told(mutant, verdicts)}", flush=True)
            results.write(json.dumps(row(mutant, verdicts)) + "\n")
            results.flush()
            survived += not verdicts[-1].caught
    print(f"{survived} of {len(mutants)} survived; {arguments.results}")
    return SURVIVED if survived else 0


def judged(mutant: Mutant, asked: Iterable[Judge]) -> list[Verdict]:
    """The verdicts, the last of which is the first that caught it."""
    verdicts = []
    with scratch_copy(TREE, mutant) as copy:
        for judge in asked:
            verdicts.append(judge(mutant, copy))
            if verdicts[-1].caught:
                break
    return verdicts


def _asked_for(arguments: argparse.Namespace) -> Iterator[Mutant]:
    only = arguments.only or ()
    if arguments.by_hand:
        for mutant in made_by_hand(TREE):
            if mutant.name in only or is_wanted(mutant.area, mutant.path, only):
                yield mutant
    elif arguments.again:
        every = (*made_by_hand(TREE), *selected(TREE, EVERY, arguments.seed))
        yield from (mutant for mutant in every if mutant.name in arguments.again)
    else:
        yield from selected(TREE, arguments.count, arguments.seed, only)


def check_judges(mutants: Collection[Mutant], asked: Mapping[str, Judge]) -> None:
    """End the program unless the judges find nothing in the tree as it is."""
    alike = {"own": "path", "others": "area", "checker": None}  # mutants for which a judge does the same
    with scratch_copy(TREE, None) as copy:
        for name, judge in asked.items():
            attribute = alike[name]
            different = {getattr(each, attribute) if attribute else None: each for each in mutants}
            for mutant in different.values():
                if (verdict := judge(mutant, copy)).caught:
                    sys.exit(f"{name} finds something where no mutant is: {verdict.reason}")


def _told(mutant: Mutant, verdicts: Collection[Verdict]) -> str:
    *_, last = verdicts
    seconds = sum(verdict.seconds for verdict in verdicts)
    how = f"caught by {last.judge}: {last.reason}" if last.caught else "SURVIVED"
    return f"{mutant.name}: {mutant.shown}: {how} ({seconds:.0f} s)"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--by-hand", action="store_true", help="those of by_hand.toml")
    what.add_argument("--again", nargs="+", metavar="NAME", help="these, as they are called in the output")
    what.add_argument("--table", nargs="+", type=Path, metavar="RESULTS", help="count results by area")
    parser.add_argument("--only", nargs="+", metavar="WHAT", help="areas, modules, paths")
    parser.add_argument("--count", type=int, default=DEFAULT_COUNT, help=f"default: {DEFAULT_COUNT}")
    parser.add_argument(
        "--seed", type=int, default=1, help="which are chosen, and the checker's (default: 1)"
    )
    parser.add_argument("--judges", nargs="+", choices=NAMES, default=NAMES, help="default: all")
    parser.add_argument("--minutes", type=float, help="of the checker (default: its quick run)")
    parser.add_argument("--list", action="store_true", help="show the mutants, and judge none")
    parser.add_argument("--trusted", action="store_true", help="don't ask the judges about the tree as it is")
    parser.add_argument(
        "--results", type=Path, default=MUTANTS / "results" / "latest.jsonl", help="a line is added for each"
    )
    return parser


if __name__ == "__main__":
    try:
        sys.exit(main())
    except JudgeError as error:
        sys.exit(f"a judge failed: {error}")
