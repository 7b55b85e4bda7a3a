"""A chart of blocks: the course of a session in a few lines, exact to an eighth of one."""

from __future__ import annotations

from collections.abc import Sequence

from tickstream.core.figures import number_text
from tickstream.core.values import Span
from tickstream.sinks.paint import Painter, fit

__all__ = ["chart_lines", "columns_of"]

_BARS = " ▁▂▃▄▅▆▇█"
_LABEL_GAP = 2


def chart_lines(
    painter: Painter,
    prices: Sequence[float],
    width: int,
    height: int,
    tone: str,
    *,
    digits: int = 2,
    times: Sequence[float] = (),
    span: Span | None = None,
    reference: float | None = None,
) -> list[str]:
    """`prices` as bars over `height` lines, their highest and lowest labelled at the right.

    With `times` and `span` the whole session is as wide as the chart, and what
    has not happened yet stays empty. `reference` is drawn as a dotted line
    where it lies between the extremes.
    """
    if len(prices) < 2 or height < 1 or width < 4:
        return []
    low, high = min(prices), max(prices)
    top, bottom = number_text(high, digits), number_text(low, digits)
    label = max(len(top), len(bottom))
    room = width - label - _LABEL_GAP
    if room < 8:
        label, room = 0, width
    values = columns_of(prices, room, times=times, span=span)
    scale = (height * 8 - 1) / (high - low) if high > low else 0.0
    levels = [None if value is None else 1 + round((value - low) * scale) for value in values]
    between = reference is not None and low < reference < high
    at = int((1 + (reference - low) * scale) // 8) if between and reference is not None else -1
    lines = []
    for row in range(height - 1, -1, -1):
        text = "".join(_block(level, row, dotted=row == at) for level in levels)
        painted = _paint(painter, text, tone)
        if label:
            mark = top if row == height - 1 else bottom if row == 0 else ""
            painted += " " * _LABEL_GAP + painter.paint(fit(mark, label, left=False), "dim")
        lines.append(painted)
    return lines


def columns_of(
    prices: Sequence[float], width: int, *, times: Sequence[float] = (), span: Span | None = None
) -> list[float | None]:
    """The price for each column: the last one within its stretch of time, or the one before it."""
    count = len(prices)
    if span is None or len(times) != count or span.end <= span.start:
        return [prices[min(count - 1, (column + 1) * count // width)] for column in range(width)]
    values: list[float | None] = []
    number = 0
    held: float | None = None
    for column in range(width):
        begins = span.start + (span.end - span.start) * column / width
        ends = span.start + (span.end - span.start) * (column + 1) / width
        while number < count and times[number] < ends:
            held = prices[number]
            number += 1
        # Nothing is drawn before the first price, or after the last one.
        values.append(held if begins <= times[-1] else None)
    return values


def _block(level: int | None, row: int, *, dotted: bool) -> str:
    filled = 0 if level is None else min(8, max(0, level - row * 8))
    if filled == 0 and dotted:
        return "┈"
    return _BARS[filled]


def _paint(painter: Painter, text: str, tone: str) -> str:
    """Bars in their tone, the dotted line dim."""
    if "┈" not in text:
        return painter.paint(text, tone)
    painted, start = "", 0
    for at in range(1, len(text) + 1):
        if at == len(text) or (text[at] == "┈") != (text[start] == "┈"):
            painted += painter.paint(text[start:at], "dim" if text[start] == "┈" else tone)
            start = at
    return painted
