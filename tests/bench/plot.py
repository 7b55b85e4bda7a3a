"""Growth as a picture: small panels beside each other, counts on a logarithmic scale, in SVG by hand.

Four lines and some dots a panel are no reason to load a library for plots.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from math import ceil, floor, log10
from typing import Protocol

__all__ = ["svg"]

WIDE, HIGH, MARGIN, ROOM = 300, 170, 46, 26
COLUMNS = 3


class Plotted(Protocol):
    """What a panel shows."""

    @property
    def name(self) -> str: ...
    @property
    def unit(self) -> str: ...
    @property
    def over(self) -> str: ...
    @property
    def points(self) -> Sequence[tuple[int, float, bool]]: ...


def svg(panels: Sequence[Plotted]) -> str:
    """The whole picture; a hollow dot is where there was no more room."""
    rows = -(-len(panels) // COLUMNS)
    width, height = COLUMNS * WIDE, rows * (HIGH + 2 * ROOM)
    style = "text{font:11px sans-serif;fill:#777}.n{font-weight:bold}"
    style += "path{fill:none;stroke:#2a7ae2;stroke-width:2}"
    style += "circle{fill:#2a7ae2;stroke:#2a7ae2}.full{fill:none}line{stroke:#8886}"
    drawn = "\n".join(
        f'<g transform="translate({number % COLUMNS * WIDE},{number // COLUMNS * (HIGH + 2 * ROOM)})">'
        f"{_panel(panel)}</g>"
        for number, panel in enumerate(panels)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">'
        f"<style>{style}</style>\n{drawn}\n</svg>\n"
    )


def _panel(panel: Plotted) -> str:
    counts = [max(1, count) for count, _, _ in panel.points]
    first, last = floor(log10(min(counts))), max(1, ceil(log10(max(counts))))
    top = _round_up(max(cost for _, cost, _ in panel.points))

    def x(count: int) -> float:
        return MARGIN + (log10(max(1, count)) - first) / max(1, last - first) * (WIDE - MARGIN - 14)

    def y(cost: float) -> float:
        return ROOM + (1 - cost / top) * (HIGH - ROOM)

    places = [(x(count), y(cost), full) for count, cost, full in panel.points]
    parts = [f'<text class="n" x="{MARGIN}" y="14">{escape(panel.name)}, {escape(panel.unit)}</text>']
    for share in (0.0, 0.5, 1.0):
        at = y(top * share)
        parts.append(f'<line x1="{MARGIN}" x2="{WIDE - 10}" y1="{at:.1f}" y2="{at:.1f}"/>')
        parts.append(f'<text x="{MARGIN - 4}" y="{at + 4:.1f}" text-anchor="end">{top * share:g}</text>')
    parts += [
        f'<text x="{x(10**power):.1f}" y="{HIGH + 15}" text-anchor="middle">{10**power:,}</text>'
        for power in range(first, last + 1)
    ]
    parts.append(f'<text x="{WIDE - 10}" y="{HIGH + 29}" text-anchor="end">{escape(panel.over)}</text>')
    parts.append('<path d="M' + "L".join(f"{across:.1f} {down:.1f}" for across, down, _ in places) + '"/>')
    parts += [
        f'<circle cx="{across:.1f}" cy="{down:.1f}" r="3" class="{"full" if full else "dot"}"/>'
        for across, down, full in places
    ]
    return "".join(parts)


def _round_up(value: float) -> float:
    """The next of 1, 2, 5 × 10ⁿ."""
    power = 10.0 ** floor(log10(value or 1.0))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= value)
