"""Growth of a figure over time: the line through its samples, and how certain its slope is."""

from collections.abc import Sequence
from math import inf, sqrt

import attrs

LEAST_SAMPLES = 10


@attrs.frozen
class Trend:
    """A straight line through samples: its slope an hour, the slope's standard error, and the median of the samples."""

    per_hour: float
    error: float
    median: float

    def is_growth(self, *, share: float, least: float) -> bool:
        """Whether it grows for certain, by more an hour than a share of its median and than `least`."""
        return self.per_hour > max(share * abs(self.median), least) and self.per_hour > 4 * self.error


def trend(hours: Sequence[float], values: Sequence[float]) -> Trend:
    """The line of least squares. With less than LEAST_SAMPLES samples nothing is certain."""
    count = len(values)
    median = sorted(values)[count // 2]
    mean_x, mean_y = sum(hours) / count, sum(values) / count
    spread = sum((x - mean_x) ** 2 for x in hours)
    if count < LEAST_SAMPLES or not spread:
        return Trend(0.0, inf, median)
    slope = sum((x - mean_x) * (y - mean_y) for x, y in zip(hours, values, strict=True)) / spread
    residual = sum((y - mean_y - slope * (x - mean_x)) ** 2 for x, y in zip(hours, values, strict=True))
    return Trend(slope, sqrt(residual / (count - 2) / spread), median)
