"""The statistics of a symbol on a screen: names and figures, in as many columns as there is room for.

Only of a company is all of it to be expected: what is not known of one is said
to be so. What a coin or an index does not have is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tickstream.core.documents import FullQuoteDocument
from tickstream.core.figures import number_text, price_text, range_cell, short_text
from tickstream.sinks.frame import Piece
from tickstream.sinks.paint import fit, width_of
from tickstream.sinks.screens.blocks import beside, cut
from tickstream.sinks.screens.page import Canvas

__all__ = ["Stat", "stats_lines", "stats_of"]

_LABEL = 10
_BAR, _LONG_BAR = 5, 16
"""Columns in which a place between two ends can be seen, and is seen well."""
_WORDS = 16
"""Columns that words keep before they are cut."""
_GAP, _WIDE_GAP = 3, 12

_GRIDS: Sequence[Sequence[Sequence[str]]] = (
    (
        ("Open", "Previous", "Day", "52 weeks"),
        ("Volume", "Average", "Sector", "Industry"),
        ("Market cap", "P/E", "EPS", "Yield"),
        ("Bid", "Ask", "Spread", "Beta"),
    ),
    (
        ("Open", "Previous", "Day", "52 weeks", "Industry"),
        ("Volume", "Average", "Market cap", "P/E", "EPS"),
        ("Bid", "Ask", "Spread", "Yield", "Beta"),
    ),
    (
        ("Open", "Previous", "Day", "52 weeks", "Bid", "Ask", "Spread"),
        ("Volume", "Average", "Market cap", "P/E", "EPS", "Yield", "Beta"),
    ),
    (("Day", "52 weeks", "Volume", "Open", "Previous", "Market cap", "P/E", "Yield", "Bid", "Ask"),),
)
"""What stands in which column, for fewer and fewer of them."""


class Stat(NamedTuple):
    """A figure. A range has two ends, and a place between them."""

    text: str
    tone: str = ""
    ends: tuple[str, str] | None = None
    place: tuple[float | None, float | None, float | None] = (None, None, None)
    words: bool = False
    """Whether the text may be cut: part of a number is another number."""


_NOT_KNOWN = Stat("n/a", "dim")


def stats_of(quote: FullQuoteDocument, digits: int) -> dict[str, Stat]:
    """The statistics that there are, or that there should be, by name."""
    company = quote["quoteType"] == "EQUITY"

    def price(value: float | None) -> str:
        return price_text(value, digits, quote["currency"])

    def pair(value: float | None, size: int | None) -> str:
        return f"{price(value)} × {size:,}" if value is not None and size else price(value)

    bid, ask, dividend = quote["bid"], quote["ask"], quote["dividendYield"]
    texts = {
        "Open": price(quote["open"]),
        "Previous": price(quote["previousClose"]),
        "Volume": short_text(quote["volume"]) if quote["volume"] or company else "",
        "Average": short_text(quote["averageVolume"]) if quote["averageVolume"] or company else "",
        "Market cap": short_text(quote["marketCap"]),
        "P/E": number_text(quote["pe"], 1),
        "EPS": number_text(quote["eps"], 2),
        "Yield": f"{number_text(dividend, 2)}%" if dividend is not None else "",
        # Outside of trading hours they may be 0, which is no price.
        "Bid": pair(bid or None, quote["bidSize"]),
        "Ask": pair(ask or None, quote["askSize"]),
        "Spread": number_text(ask - bid, digits) if bid and ask else "",
        "Beta": number_text(quote["beta"], 2),
    }
    stats = {name: Stat(text) for name, text in texts.items() if text}
    for name, text in (("Sector", quote["sector"]), ("Industry", quote["industry"])):
        if text:
            stats[name] = Stat(text, words=True)
    for name, low, high in (
        ("Day", quote["dayLow"], quote["dayHigh"]),
        ("52 weeks", quote["yearLow"], quote["yearHigh"]),
    ):
        if low is not None and high is not None:
            ends = number_text(low, digits), number_text(high, digits)
            stats[name] = Stat("", ends=ends, place=(low, high, quote["price"]))
    if not company:
        return stats
    names = {name for column in _GRIDS[0] for name in column}
    return {name: stats.get(name, _NOT_KNOWN) for name in names}


Column = Sequence[tuple[str, Stat]]


def stats_lines(stats: Mapping[str, Stat], canvas: Canvas) -> tuple[list[str], int]:
    """The statistics in as many columns as fit, and how wide their first names are.

    One that does not fit even alone is left out.
    """
    width = canvas.width
    for grid in _GRIDS:
        columns = [[(name, stats[name]) for name in names if name in stats] for names in grid]
        columns = [column for column in columns if column]
        widths = [_least(column) for column in columns]
        if sum(widths) + _GAP * (len(columns) - 1) <= width:
            break
    else:
        columns = [[pair for pair in columns[0] if _least([pair]) <= width]]
        widths = [width]
    if not columns or not columns[0]:
        return [], _LABEL
    spare = width - sum(widths) - _GAP * (len(columns) - 1)
    for wish in (_wish_of_words, _wish_of_bars):
        for number, column in enumerate(columns):
            more = max(0, min(spare, wish(column) - widths[number]))
            widths[number] += more
            spare -= more
    gap = _GAP + (min(_WIDE_GAP - _GAP, spare // (len(columns) - 1)) if len(columns) > 1 else 0)
    blocks = [_block(column, size, canvas) for column, size in zip(columns, widths, strict=True)]
    taken = sum(widths) + gap * (len(columns) - 1)
    return [line + " " * (width - taken) for line in beside(blocks, widths, gap)], _label(columns[0])


def _label(column: Column) -> int:
    return max(width_of(name) for name, _ in column) + 2


def _ends(column: Column) -> tuple[int, int]:
    """How wide the ends of the ranges are, so that all bars begin and end alike."""
    ends = [stat.ends for _, stat in column if stat.ends is not None]
    return max((len(low) for low, _ in ends), default=0), max((len(high) for _, high in ends), default=0)


def _wish_of_bars(column: Column, bar: int = _LONG_BAR) -> int:
    low, high = _ends(column)
    return _label(column) + low + high + 2 + bar if low else 0


def _wish_of_words(column: Column, most: int = 40) -> int:
    words = (min(most, width_of(stat.text)) for _, stat in column if stat.words)
    return _label(column) + max(words, default=0)


def _least(column: Column) -> int:
    """The columns without which something would be cut, other than words."""
    figures = (width_of(stat.text) for _, stat in column if not stat.words)
    return max(
        _label(column) + max(figures, default=0),
        _wish_of_words(column, _WORDS),
        _wish_of_bars(column, _BAR),
    )


def _block(column: Column, width: int, canvas: Canvas) -> list[str]:
    label, (low, high) = _label(column), _ends(column)
    inner = Canvas(canvas.painter, width, None, canvas.moves)
    lines = []
    for name, stat in column:
        pieces: list[Piece] = [(fit(name, label), "dim")]
        if stat.ends is None:
            pieces.append((cut(stat.text, min(width - label, width_of(stat.text))), stat.tone))
        else:
            bar = min(_LONG_BAR, width - label - low - high - 2)
            place = range_cell(*stat.place, bar).text or "─" * bar
            pieces.append((f"{fit(stat.ends[0], low, left=False)} ", ""))
            pieces += [(place, "range"), (f" {stat.ends[1]}", "")]
        lines.append(inner.line(pieces))
    return lines
