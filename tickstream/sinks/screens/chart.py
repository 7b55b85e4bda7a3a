"""Charts of blocks: the course of a price over a session, and the sessions of a day.

A course is exact to an eighth of a line, and shows its highest and its lowest
price however few columns it has. A day is a line of cells; each shows what goes
on on in its middle, which is what fills most of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo
from itertools import groupby, pairwise

from tickstream.core.figures import number_text
from tickstream.core.values import Span
from tickstream.sinks.frame import Piece
from tickstream.sinks.paint import Painter, fit

__all__ = ["Stretch", "chart_lines", "columns_of", "day_names", "day_pieces", "day_titles", "with_lunch"]

Stretch = tuple[str, Span]
"""A part of a day: `pre`, `regular`, `post` or `lunch`, and when it is."""

_NAMES = {
    "pre": ("pre-market", "pre"),
    "regular": ("regular session", "regular"),
    "post": ("after hours", "post"),
}
"""What a stretch is called, the better name first."""
_LUNCH = 3 * 3600.0
"""A longer gap between two regular sessions is a night."""

_BARS = " ▁▂▃▄▅▆▇█"
_DOTS = "┈"
_GAP = 2
_LEAST = 8
"""Columns that a course keeps; the labels leave before that."""


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
    has not happened yet stays empty. `reference` is a dotted line where it lies
    between the extremes.
    """
    if len(prices) < 2 or height < 1 or width < 4:
        return []
    low, high = min(prices), max(prices)
    between = reference is not None and low < reference < high
    marks = {0: number_text(low, digits), height - 1: number_text(high, digits)}
    at = -1
    if reference is not None and between:
        at = (_level(reference, low, high, height) - 1) // 8
        marks.setdefault(at, number_text(reference, digits))
    label = max(map(len, marks.values()))
    room = width - label - _GAP
    if room < _LEAST:
        label, room = 0, width
    columns = columns_of(prices, room, times=times, span=span)
    levels = [0 if price is None else _level(price, low, high, height) for price in columns]
    lines = []
    for row in range(height - 1, -1, -1):
        line = _painted(painter, _row(levels, row, dotted=row == at), tone)
        if label:
            line += " " * _GAP + painter.paint(fit(marks.get(row, ""), label, left=False), "dim")
        lines.append(line)
    return lines


def columns_of(
    prices: Sequence[float], width: int, *, times: Sequence[float] = (), span: Span | None = None
) -> list[float | None]:
    """The price for each column: the last one of its stretch, or the extreme that lies in it.

    None where nothing was traded yet. A column without a price of its own holds
    the one before it; the last one shows what the price is now.
    """
    low, high = min(prices), max(prices)
    columns: list[float | None] = [None] * width
    last = -1
    for column, found in groupby(_placed(prices, width, times, span), key=lambda pair: pair[0]):
        stretch = [price for _, price in found]
        # Whatever the labels say must be seen.
        columns[column] = next((price for price in stretch if price in (low, high)), stretch[-1])
        for empty in range(last + 1, column):
            columns[empty] = columns[last] if last >= 0 else None
        last = column
    columns[last] = prices[-1]
    if not _has_times(prices, times, span):
        for empty in range(last + 1, width):
            columns[empty] = columns[last]
    return columns


def _has_times(prices: Sequence[float], times: Sequence[float], span: Span | None) -> bool:
    """Whether the prices have their places within the session; before it begins they are of the last one."""
    return (
        span is not None and len(times) == len(prices) and span.start <= times[-1] and span.start < span.end
    )


def _placed(
    prices: Sequence[float], width: int, times: Sequence[float], span: Span | None
) -> Iterator[tuple[int, float]]:
    """Each price with the column that it belongs to; columns never go back."""
    count, before = len(prices), 0
    for number, price in enumerate(prices):
        if span is not None and _has_times(prices, times, span):
            share = (times[number] - span.start) / (span.end - span.start)
            before = max(before, min(width - 1, max(0, int(share * width))))
        else:
            before = number * width // count
        yield before, price


def _level(price: float, low: float, high: float, height: int) -> int:
    """How many eighths of a line a bar is high: at least one, and all of them for the highest."""
    if high <= low:
        return height * 4
    return 1 + round((price - low) / (high - low) * (height * 8 - 1))


def _row(levels: Sequence[int], row: int, *, dotted: bool) -> str:
    text = "".join(_BARS[min(8, max(0, level - row * 8))] for level in levels)
    return text.replace(" ", _DOTS) if dotted else text


def _painted(painter: Painter, text: str, tone: str) -> str:
    """Bars in their tone, the dotted line dim."""
    runs = ("".join(run) for _, run in groupby(text, key=_DOTS.__eq__))
    return "".join(painter.paint(run, "dim" if run[0] == _DOTS else tone) for run in runs)


def day_pieces(stretches: Sequence[Stretch], day: Span, now: float, cells: int, tone: str) -> list[Piece]:
    """`day` in so many cells: █ the regular session, ▒ lunch and what is around it, · closed; │ is now."""
    size = (day.end - day.start) / cells
    marks = [_mark(stretches, day.start + (cell + 0.5) * size) for cell in range(cells)]
    if day.start <= now < day.end:
        marks[min(cells - 1, int((now - day.start) / size))] = "│"
    tones = {"·": "dim", "│": "warn"}
    return [("".join(run), tones.get(mark, tone)) for mark, run in groupby(marks)]


def _mark(stretches: Sequence[Stretch], moment: float) -> str:
    kinds = {kind for kind, span in stretches if span.start <= moment < span.end}
    return "█" if "regular" in kinds else "▒" if kinds else "·"


def day_titles(cells: int, clock: str) -> str:
    """The hours above so many cells, and by which clock they are."""
    size = cells // 8
    hours = "".join(fit(f"{hour:02d}", size) for hour in range(0, 21, 3))
    return hours + fit(f"21 {clock}" if len(clock) + 3 <= size else clock, size)


def day_names(stretches: Sequence[Stretch], day: Span, cells: int, zone: tzinfo) -> list[list[Piece]]:
    """What stands below a day: when each stretch begins, when the last one ends, and what they are called."""
    size = (day.end - day.start) / cells
    times = names = ""
    inside = sorted((pair for pair in stretches if pair[0] in _NAMES), key=lambda pair: pair[1])
    ends = [("", Span(inside[-1][1].end, day.end))] if inside else []
    for kind, span in [*inside, *ends]:
        at = round((span.start - day.start) / size)
        if at < len(times) + (1 if times else 0) or at + 5 > cells:
            continue
        room = round((span.end - span.start) / size) - 1
        name = next((name for name in _NAMES.get(kind, ()) if len(name) <= room), "")
        times = f"{times:<{at}}{datetime.fromtimestamp(span.start, zone):%H:%M}"
        names = f"{names:<{at}}{name}"
    if not times:
        return [[(f"{'closed all day':^{cells}}".rstrip(), "dim")], []]
    return [[(times, "")], [(names, "dim")]]


def with_lunch(stretches: Sequence[Stretch]) -> list[Stretch]:
    """These stretches, and what lies between two regular sessions of a day."""
    regular = sorted(span for kind, span in stretches if kind == "regular")
    gaps = [Span(before.end, after.start) for before, after in pairwise(regular)]
    return [*stretches, *(("lunch", gap) for gap in gaps if 0 < gap.end - gap.start < _LUNCH)]
