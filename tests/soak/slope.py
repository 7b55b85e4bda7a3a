"""How fast something grows: Theil and Sen's slope, which a few outliers do not move. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import sqrt
from statistics import median

__all__ = ["Slope", "medians", "slope_of"]

FEWEST = 8
"""Points below which nothing is said."""


@dataclass(frozen=True, slots=True)
class Slope:
    """The slope, and the interval that it is in with a probability of 95 %."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:+.2f} ({self.low:+.2f} … {self.high:+.2f})"


def medians(samples: Iterable[tuple[float, float]], every: float) -> list[tuple[float, float]]:
    """One point for each `every` seconds: samples close to each other know of each other."""
    bins: dict[int, list[tuple[float, float]]] = {}
    for when, value in samples:
        bins.setdefault(int(when // every), []).append((when, value))
    return [(median(when for when, _ in one), median(value for _, value in one)) for one in bins.values()]


def slope_of(points: Sequence[tuple[float, float]]) -> Slope | None:
    """The median of the slopes of all pairs, with Sen's interval (1968); None of too few points."""
    if len(points) < FEWEST:
        return None
    slopes = sorted((b[1] - a[1]) / (b[0] - a[0]) for a, b in combinations(points, 2))
    count = len(points)
    wide = 1.96 * sqrt(count * (count - 1) * (2 * count + 5) / 18)
    low = max(0, round((len(slopes) - wide) / 2) - 1)
    high = min(len(slopes) - 1, round((len(slopes) + wide) / 2))
    return Slope(median(slopes), slopes[low], slopes[high])
