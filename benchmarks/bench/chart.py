"""A chart of ratios as SVG: a bar a figure on a logarithmic scale, right of the middle where kbroker is ahead."""

import math
from collections.abc import Mapping, Sequence
from types import ModuleType
from xml.sax.saxutils import escape

import attrs

from bench.results import Results
from bench.statistics import Spread, ratios
from bench.targets import OURS, PEER

WIDTH, LABELS, BAR, REACH = 900, 380, 18, 32.0
FONT, CAPTION = (
    'font-family="sans-serif" font-size="11"',
    "how many times better than Apache Kafka (log scale)",
)
AHEAD, BEHIND = "#2a7f62", "#b3443c"


@attrs.frozen
class Bar:
    """One bar. `advantage`: how many times better kbroker is than Apache Kafka; None is a heading."""

    label: str
    advantage: Spread | None


def bars(results: Results, rows: Mapping[str, ModuleType]) -> list[Bar]:
    """Of every figure that both brokers have and of which the better direction is known."""
    found = []
    for row in results.rows:
        found.append(Bar(rows[row].TITLE, None))
        for figure in rows[row].FIGURES:
            bound = figure.must or figure.goal
            ours, theirs = (results.values(row, target, figure.key) for target in (OURS, PEER))
            more = bound is not None and bound.kind == "at least"
            ratio = ratios(ours, theirs) if more else ratios(theirs, ours)
            if bound is not None and ratio is not None and ratio.low > 0:
                found.append(Bar(figure.title, ratio))
    return found


def position(advantage: float) -> float:
    """Where on the scale, which ends at 1/REACH and REACH."""
    share = math.log(min(REACH, max(1 / REACH, advantage))) / math.log(REACH)
    return LABELS + (WIDTH - LABELS - 70) / 2 * (1 + share)


def svg(all_bars: Sequence[Bar]) -> str:
    """The chart."""
    height = 50 + BAR * len(all_bars)
    middle = position(1)
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" {FONT}>',
        f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
        f'<text x="{middle}" y="14" text-anchor="middle">{CAPTION}</text>',
    ]
    for tick in (1 / 16, 1 / 4, 1, 4, 16):
        x = position(tick)
        out.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="32" y2="{height - 8}" stroke="#ccc"/>')
        out.append(f'<text x="{x:.1f}" y="28" text-anchor="middle" fill="#666">{tick:g}x</text>')
    for number, bar in enumerate(all_bars):
        y = 36 + number * BAR
        if bar.advantage is None:
            out.append(f'<text x="4" y="{y + 13}" font-weight="bold">{escape(bar.label)}</text>')
            continue
        value = bar.advantage
        x, low, high = position(value.median), position(value.low), position(value.high)
        width, colour = abs(x - middle), AHEAD if value.median >= 1 else BEHIND
        out += [
            f'<text x="{LABELS - 8}" y="{y + 12}" text-anchor="end">{escape(bar.label)}</text>',
            f'<rect x="{min(x, middle):.1f}" y="{y + 3}" width="{width:.1f}" height="{BAR - 6}" fill="{colour}"/>',
            f'<line x1="{low:.1f}" x2="{high:.1f}" y1="{y + BAR / 2}" y2="{y + BAR / 2}" stroke="black"/>',
            f'<text x="{WIDTH - 4}" y="{y + 12}" text-anchor="end">{value.median:.2f}x</text>',
        ]
    return "\n".join([*out, "</svg>"]) + "\n"
