"""Curves as SVG: a panel for each series of a row's figures (`partitions 1`, `partitions 10`, …), a line a broker."""

import math
from collections.abc import Mapping, Sequence
from statistics import median
from types import ModuleType

from bench.results import Results

WIDTH, HEIGHT, EDGE = 420, 240, 48
FONT = 'font-family="sans-serif" font-size="11"'
COLOURS = ("#b3443c", "#2a7f62", "#4a6fa5", "#b8860b", "#7d5ba6")
Curve = dict[float, float]


def curves(results: Results, row: str, module: ModuleType) -> dict[str, dict[str, Curve]]:
    """By series and target: the median at each size. A figure's key is the series, a blank, and the size."""
    found: dict[str, dict[str, Curve]] = {}
    for figure in module.FIGURES:
        series, size = figure.key.rsplit(" ", 1)
        for target in results.targets:
            values = [each for each in results.values(row, target, figure.key) if each is not None]
            if values:
                found.setdefault(series, {}).setdefault(target, {})[float(size)] = median(values)
    return found


def points(curve: Curve, sizes: Sequence[float], highest: float) -> list[tuple[float, float]]:
    """Where a curve's values are in a panel: sizes on a logarithmic scale, values from zero up."""
    span = math.log(max(sizes) / min(sizes)) or 1.0
    return [
        (
            EDGE + (WIDTH - 2 * EDGE) * math.log(size / min(sizes)) / span,
            HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * value / (highest or 1.0),
        )
        for size, value in sorted(curve.items())
    ]


def panel(title: str, unit: str, lines: Mapping[str, Curve]) -> list[str]:
    """One panel, at the origin."""
    sizes = sorted({size for curve in lines.values() for size in curve})
    highest = max(value for curve in lines.values() for value in curve.values())
    out = [f'<text x="{EDGE}" y="16" font-weight="bold">{title}: {unit}, up to {highest:.3g}</text>']
    floor = HEIGHT - EDGE
    out.append(f'<path d="M{EDGE} {EDGE}V{floor}H{WIDTH - EDGE}" fill="none" stroke="#888"/>')
    for size, (x, _) in zip(sizes, points(dict.fromkeys(sizes, 0.0), sizes, 1), strict=True):
        out.append(f'<text x="{x:.1f}" y="{floor + 14}" text-anchor="middle">{size:,g}</text>')
    for number, (target, curve) in enumerate(lines.items()):
        colour = COLOURS[number % len(COLOURS)]
        place = " ".join(f"{x:.1f},{y:.1f}" for x, y in points(curve, sizes, highest))
        out.append(f'<polyline points="{place}" fill="none" stroke="{colour}" stroke-width="2"/>')
        out.append(f'<text x="{EDGE + 80 * number}" y="{HEIGHT - 12}" fill="{colour}">{target}</text>')
    return out


def svg(unit: str, series: Mapping[str, Mapping[str, Curve]]) -> str:
    """All panels below each other."""
    height = HEIGHT * len(series)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" {FONT}>']
    out.append(f'<rect width="{WIDTH}" height="{height}" fill="white"/>')
    for number, (title, lines) in enumerate(series.items()):
        out += [f'<g transform="translate(0,{number * HEIGHT})">', *panel(title, unit, lines), "</g>"]
    return "\n".join([*out, "</svg>"]) + "\n"
