"""Blocks: what several screens are made of. Headings, lists of movers, headlines, and columns side by side.

A block is a list of painted lines of one known width; nothing in it is wider or narrower.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from tickstream.core.documents import HeadlineDocument, MoverDocument
from tickstream.core.figures import Cell, digits_for, number_text, percent_cell, short_text, tone_of
from tickstream.core.text import seconds_text
from tickstream.sinks.frame import Piece, line_of, pieces_width
from tickstream.sinks.paint import Painter, fit, width_of
from tickstream.sinks.screens.page import Moves

__all__ = [
    "beside",
    "change_cell",
    "cut",
    "heading",
    "headline_lines",
    "mover_lines",
    "nothing_yet",
    "price_pieces",
    "seconds_of",
]

_SYMBOL, _ROOMY_SYMBOL, _NAME, _VOLUME = 4, 10, 12, 6
"""Columns in a list: the least for a symbol, and what it gets where there is room; the least for a name."""


def heading(painter: Painter, text: str, width: int, note: str = "") -> str:
    """The title of a block, and a quiet note beside it where there is room."""
    pieces: list[Piece] = [(text, "head")]
    if note and pieces_width(pieces) + width_of(note) + 2 <= width:
        pieces.append((f"  {note}", "dim"))
    return line_of(painter, width, pieces, [])


def nothing_yet(painter: Painter, width: int) -> list[str]:
    """What stands where a part is missing."""
    return [line_of(painter, width, [("no data yet", "dim")], [])]


def beside(columns: Sequence[Sequence[str]], widths: Sequence[int], gap: int = 2) -> list[str]:
    """Blocks side by side; shorter ones are filled up with blanks."""
    height = max((len(column) for column in columns), default=0)
    between = " " * gap
    return [
        between.join(
            column[number] if number < len(column) else " " * width
            for column, width in zip(columns, widths, strict=True)
        )
        for number in range(height)
    ]


def cut(text: str, width: int) -> str:
    """`text` in exactly `width` columns; one that is too long says so."""
    if width_of(text) <= width:
        return fit(text, width)
    return fit(f"{fit(text, width - 1).rstrip()}…", width) if width > 1 else fit(text, width)


def seconds_of(text: str | None) -> float | None:
    """The time that a document says in ISO 8601, as seconds since the epoch."""
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError):
        return None


def change_cell(change: float | None, percent: float | None, width: int = 0) -> Cell:
    """An arrow and the change in percent; which way it went is told by either."""
    return percent_cell(percent, tone_of(percent if change is None else change), width)


def price_pieces(text: str, way: str, tone: str = "bold") -> list[Piece]:
    """A price, standing out for a moment after it changed."""
    return [(text, f"flash-{way}" if way else tone)]


def mover_lines(
    painter: Painter,
    rows: Sequence[MoverDocument],
    width: int,
    height: int | None,
    moves: Moves,
    now: float,
    hints: Mapping[str, int | None] | None = None,
) -> list[str]:
    """Symbols with price, change in percent and, where there is room, volume; names where there is much."""
    shown = rows if height is None else rows[: max(0, height)]
    if not shown:
        return nothing_yet(painter, width)
    hints = hints or {}
    prices = [
        number_text(row["price"], digits_for(row["price"], hints.get(row["symbol"]))) or "n/a"
        for row in shown
    ]
    widths = _mover_widths(shown, prices, width)
    lines = []
    for row, price in zip(shown, prices, strict=True):
        way = moves.of(row["symbol"], row["price"], now)
        pieces: list[Piece] = [(cut(row["symbol"], widths.symbol), "bold")]
        if widths.name:
            pieces += [("  ", ""), (cut(row["name"] or "", widths.name), "dim")]
        pieces.append((" " * (1 + widths.price - width_of(price)), ""))
        pieces += price_pieces(price, way, "" if row["price"] is not None else "dim")
        if widths.percent:
            cell = change_cell(row["change"], row["percentChange"], widths.percent)
            pieces += [(" ", ""), (fit(cell.text, widths.percent), cell.tone)]
        if widths.volume:
            volume = fit(short_text(row["volume"]), widths.volume, left=False)
            pieces += [("  ", ""), (volume, "dim")]
        lines.append(line_of(painter, width, pieces, []))
    return lines


class _MoverWidths(NamedTuple):
    """How wide the columns of a list of movers are; what is left out has no width."""

    symbol: int
    name: int
    price: int
    percent: int
    volume: int


def _mover_widths(rows: Sequence[MoverDocument], prices: Sequence[str], width: int) -> _MoverWidths:
    """What fits: the price always, then the change, then the volume, and names in what is left."""
    price = max(map(width_of, prices))
    texts = (change_cell(row["change"], row["percentChange"]).text for row in rows)
    percent = max(9, *map(width_of, texts))
    symbol = max(_SYMBOL, *(width_of(row["symbol"]) for row in rows))
    volume = _VOLUME if width >= symbol + price + percent + _VOLUME + 3 * 2 else 0
    if width < min(symbol, _ROOMY_SYMBOL) + price + percent + 2:
        percent = 0
    taken = price + (percent + 1 if percent else 0) + (volume + 2 if volume else 0)
    name = width - taken - 1 - symbol - 2
    if name >= _NAME and volume and any(row["name"] for row in rows):
        return _MoverWidths(symbol, name, price, percent, volume)
    # Figures too far from their symbol are hard to follow, too near to it hard to tell from it.
    roomy = max(symbol, _ROOMY_SYMBOL, width - taken - 8)
    return _MoverWidths(max(1, min(roomy, width - taken - 1)), 0, price, percent, volume)


def headline_lines(
    painter: Painter,
    headlines: Sequence[HeadlineDocument],
    width: int,
    height: int | None,
    now: float,
) -> list[str]:
    """News: how old, what, and who says so where there is room."""
    shown = headlines if height is None else headlines[: max(0, height)]
    if not shown:
        return nothing_yet(painter, width)
    return [_headline(painter, headline, width, now) for headline in shown]


def _headline(painter: Painter, headline: HeadlineDocument, width: int, now: float) -> str:
    published = seconds_of(headline["publishedAt"])
    age = seconds_text(now - published) if published is not None else ""
    # Minutes do not matter after hours.
    age = age.partition("h")[0] + "h" if "h" in age else age
    pieces: list[Piece] = [(f"{age:>3} ", "dim")]
    room, title = width - 4, headline["title"]
    source = f"  {headline['source']}" if headline["source"] else ""
    # What is said matters more than who says it.
    if room < width_of(title) + width_of(source):
        source = ""
    pieces += [(cut(title, max(0, min(width_of(title), room))), ""), (source, "dim")]
    return line_of(painter, width, pieces, [])
