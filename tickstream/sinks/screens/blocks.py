"""Blocks: what several screens are made of. Headings, lists of movers, headlines, and columns side by side.

A block is a list of painted lines of one known width; nothing in it is wider or narrower.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

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

_SYMBOL = 4
"""The least columns for a symbol in a list."""


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
    """Symbols with price, change in percent and, where there is room, volume."""
    shown = rows if height is None else rows[: max(0, height)]
    if not shown:
        return nothing_yet(painter, width)
    hints = hints or {}
    prices = [
        number_text(row["price"], digits_for(row["price"], hints.get(row["symbol"]))) or "n/a"
        for row in shown
    ]
    percents = [change_cell(row["change"], row["percentChange"]) for row in shown]
    price_width = max(width_of(text) for text in prices)
    percent_width = max(9, *(width_of(cell.text) for cell in percents))
    symbol_width = max(_SYMBOL, *(width_of(row["symbol"]) for row in shown))
    with_volume = width >= symbol_width + price_width + percent_width + 6 + 3 * 2
    with_percent = width >= min(symbol_width, 10) + price_width + percent_width + 2
    taken = price_width + (percent_width + 1 if with_percent else 0) + (8 if with_volume else 0)
    symbol_width = max(1, min(max(symbol_width, width - taken - 8), width - taken - 1))
    lines = []
    for row, price, percent in zip(shown, prices, percents, strict=True):
        way = moves.of(row["symbol"], row["price"], now)
        pieces: list[Piece] = [(cut(row["symbol"], symbol_width), "bold")]
        pieces += [(" ", ""), (" " * (price_width - width_of(price)), "")]
        pieces += price_pieces(price, way, "" if row["price"] is not None else "dim")
        if with_percent:
            aligned = change_cell(row["change"], row["percentChange"], percent_width)
            pieces += [(" ", ""), (fit(aligned.text, percent_width), percent.tone)]
        if with_volume:
            pieces += [("  ", ""), (fit(short_text(row["volume"]), 6, left=False), "dim")]
        lines.append(line_of(painter, width, pieces, []))
    return lines


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
    room = width - 4
    source = f"  {headline['source']}" if headline["source"] else ""
    title = headline["title"]
    if room >= 40 and width_of(source) <= room // 3:
        title_room = min(width_of(title), room - width_of(source))
        pieces += [(cut(title, title_room), ""), (source, "dim")]
    else:
        pieces.append((cut(title, max(0, min(width_of(title), room))), ""))
    return line_of(painter, width, pieces, [])
