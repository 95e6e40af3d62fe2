"""The results as Markdown."""

from collections.abc import Mapping
from types import ModuleType

from bench.figures import Bound, Figure
from bench.results import Results
from bench.statistics import Spread, ratios
from bench.targets import OURS, PEER


def number(value: float) -> str:
    """Three digits that count."""
    if value and abs(value) >= 1000:
        digits = len(str(int(abs(value)))) - 3
        return f"{round(value, -digits):,.0f}"
    return f"{value:.3g}"


def spread(values: list[float | None]) -> str:
    """The median with the range, or a dash."""
    found = [value for value in values if value is not None]
    if not found:
        return "-"
    over = Spread.of(found)
    return (
        number(over.median)
        if len(found) == 1
        else f"{number(over.median)} ({number(over.low)}-{number(over.high)})"
    )


def judged(bound: Bound | None, ratio: Spread | None, value: Spread | None) -> str:
    """A bound, and whether the median holds it."""
    measured = value if bound and bound.absolute else ratio
    if bound is None:
        return ""
    if measured is None:
        return f"{bound} ?"
    return f"{bound} {'yes' if bound.holds(measured.median) else '**no**'}"


def line(results: Results, row: str, figure: Figure) -> list[str]:
    """The cells of one figure."""
    ours, theirs = (results.values(row, target, figure.key) for target in (OURS, PEER))
    ratio = ratios(ours, theirs)
    own = [value for value in ours if value is not None]
    value = Spread.of(own) if own else None
    goal = judged(figure.goal, ratios(ours, results.values(row, figure.goal_of, figure.key)), value)
    others = [
        spread(results.values(row, each, figure.key)) for each in results.targets if each not in {OURS, PEER}
    ]
    return [
        figure.title,
        figure.unit,
        spread(theirs),
        spread(ours),
        "-" if ratio is None else f"{ratio.median:.2f}x ({ratio.low:.2f}-{ratio.high:.2f})",
        judged(figure.must, ratio, value),
        goal if figure.goal_of == PEER else f"{goal} (of {figure.goal_of})",
        *others,
    ]


def below_must(results: Results, rows: Mapping[str, ModuleType]) -> list[str]:
    """Figures that miss what is required."""
    missed = []
    for row in results.rows:
        for figure in rows[row].FIGURES:
            title, _, _, value, ratio, must, *_ = line(results, row, figure)
            if "**no**" in must and figure.must:
                told = value if figure.must.absolute else ratio
                missed.append(f"{rows[row].TITLE}: {title}: {told}, must be {figure.must}")
    return missed


def notes(results: Results, row: str) -> list[str]:
    """What the figures don't say: failures, what was lost, loaders that were busy."""
    told = []
    for target, rounds in results.rows[row].items():
        told += [f"- {target}: {error}" for error in sorted({each.error for each in rounds if each.error})]
        counted = [each for each in rounds if each.lost is not None]
        if counted:
            lost, of = sum(each.lost or 0 for each in counted), sum(each.counted for each in counted)
            told.append(f"- {target}: {lost:,} of {of:,} acknowledged records lost by kill -9")
        labels = dict.fromkeys(label for each in rounds for label in each.loader_shares)
        shares = {label: max(each.loader_shares.get(label, 0) for each in rounds) for label in labels}
        if shares:
            each_share = ", ".join(f"{label} {share:.0%}" for label, share in shares.items())
            told.append(f"- {target}: CPU of the clients, share of a core: {each_share}")
    return told


def markdown(results: Results, rows: Mapping[str, ModuleType]) -> str:
    """The whole report."""
    others = [each for each in results.targets if each not in {OURS, PEER}]
    head = ["figure", "unit", PEER, OURS, f"{OURS} / {PEER}", "must", "goal", *others]
    out = ["# Measured", "", "Medians over the rounds, with the least and the greatest in brackets; the ratio is the",
           "median of the ratios of the rounds.", ""]  # fmt: skip
    out += [f"- {key}: {value}" for key, value in results.machine.items()]
    out += [f"- {target}: {what}" for target, what in results.targets.items()]
    out.append(f"- calibration loop, ms: {spread(list(results.calibration_ms))}")
    for row in results.rows:
        out += ["", f"## {rows[row].TITLE}", "", f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
        out += [f"| {' | '.join(line(results, row, each))} |" for each in rows[row].FIGURES]
        out += ["", *notes(results, row)]
    missed = below_must(results, rows)
    out += ["", "## Below what is required", "", *([f"- {each}" for each in missed] or ["Nothing."])]
    return "\n".join(out) + "\n"
