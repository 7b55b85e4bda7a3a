"""The profile view on a screen: one symbol's price, its day, what is known of it, and what is around it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tickstream.core.documents import FullQuoteDocument, ProfileDocument, SectorPerformanceDocument
from tickstream.core.figures import digits_for, number_text, price_text, range_cell, short_text, tone_of
from tickstream.core.snapshot import extended_of
from tickstream.core.values import Closes, Quote, value_of
from tickstream.sinks.frame import Piece, line_of
from tickstream.sinks.paint import Painter, fit, width_of
from tickstream.sinks.screens.blocks import (
    beside,
    change_cell,
    cut,
    heading,
    headline_lines,
    mover_lines,
    nothing_yet,
    price_pieces,
)
from tickstream.sinks.screens.chart import chart_lines
from tickstream.sinks.screens.page import Canvas, View

__all__ = ["profile_body"]

_NAME = 9
"""Columns for the name of a statistic."""
_BAR = 5
"""The least columns in which a place between two ends can be seen."""
_STILL_CHART = 6
_LISTS = 12
_WIDE, _NARROW = 96, 64
_EXTENDED = {"pre": "pre-market", "post": "after hours", "night": "overnight"}


class Stat(NamedTuple):
    """A statistic: its name and its text; for a range the texts of both ends, and where the price is."""

    name: str
    text: str
    ends: tuple[str, str] = ("", "")
    place: tuple[float, float, float | None] = (0.0, 0.0, None)
    words: bool = False
    """Whether the text may be cut: part of a number is another number."""


def profile_body(view: View, canvas: Canvas) -> list[str]:
    """The price on top, then the chart, the statistics, and the three lists below."""
    document: ProfileDocument = view.document
    inner = Canvas(canvas.painter, max(1, canvas.width - 2), canvas.height, canvas.moves)
    quote = document["quote"]
    if quote is None:
        known = "no such symbol" if document["asOf"]["quote"] or _is_unknown(view) else "no data yet"
        return [canvas.line([(f" {known}", "dim")])]
    roomy = canvas.height is None or canvas.height >= 30
    blank = [" " * inner.width]
    digits = digits_for(quote["price"], _hint(quote["symbol"], view))
    head = (blank if roomy else []) + _head(quote, digits, view, inner)
    stats = _stats_lines(_stats(quote, digits), inner)
    chart_height, lists_height = _shares(inner, len(head), len(stats), roomy=roomy)
    lines = head + _chart(quote, digits, view, inner, chart_height)
    lines += (blank if roomy else []) + stats + blank
    lines += _lists(document, view, inner, lists_height)
    return [f" {line} " if canvas.width >= 3 else canvas.empty for line in lines]


def _is_unknown(view: View) -> bool:
    return bool(view.trouble) and "unknown symbol" in view.trouble


def _hint(symbol: str, view: View) -> int | None:
    quote = value_of(Quote, view.parts, f"quote:{symbol}", view.now)
    return quote.price_hint if quote else None


def _shares(canvas: Canvas, head: int, stats: int, *, roomy: bool) -> tuple[int, int | None]:
    """How many lines the chart gets, and the lists, their heading included."""
    if canvas.height is None:
        return _STILL_CHART, None
    left = canvas.height - head - stats - (2 if roomy else 1)
    # The lists have ten lines at most; the rest is the chart's, but not so that it fills the screen.
    lists = min(left, max(6, min(_LISTS, left * 3 // 5)))
    chart = min(left - lists, canvas.height * 2 // 5)
    chart = chart if chart >= 2 else 0
    return chart, max(0, left - chart)


def _head(quote: FullQuoteDocument, digits: int, view: View, canvas: Canvas) -> list[str]:
    """The name; below it the price, and the one outside of the regular session."""
    value = value_of(Quote, view.parts, f"quote:{quote['symbol']}", view.now)
    place = [
        quote["symbol"],
        (value.exchange_name if value else None) or quote["exchange"],
        quote["currency"],
    ]
    name: list[Piece] = [(quote["name"] or quote["symbol"], "bold")]
    name += [(f"  {' · '.join(text for text in place if text)}", "dim")]
    tone = tone_of(quote["change"] if quote["change"] is not None else quote["percentChange"])
    price = price_text(quote["price"], digits, quote["currency"]) or "n/a"
    way = canvas.moves.of(quote["symbol"], quote["price"], view.now)
    arrow = {"up": "▲", "down": "▼"}.get(tone, "=")
    pieces = price_pieces(price, way)
    if quote["change"] is not None:
        pieces += [(f"  {arrow} {number_text(quote['change'], digits, sign=True)}", tone)]
    if quote["percentChange"] is not None:
        pieces += [(f"  {quote['percentChange']:+.2f}%", tone)]
    extended = extended_of(value) if value else None
    if extended is not None:
        other = tone_of(extended.percent)
        sign = {"up": "▲", "down": "▼"}.get(other, "=")
        pieces += [(f"     {_EXTENDED[extended.name]} ", "dim"), (number_text(extended.price, digits), "")]
        if extended.change is not None and extended.percent is not None:
            change = number_text(extended.change, digits, sign=True)
            pieces += [(f"  {sign} {change}  {extended.percent:+.2f}%", other)]
    return [
        line_of(canvas.painter, canvas.width, name, []),
        line_of(canvas.painter, canvas.width, pieces, []),
    ]


def _chart(quote: FullQuoteDocument, digits: int, view: View, canvas: Canvas, height: int) -> list[str]:
    closes = value_of(Closes, view.parts, f"trend:{quote['symbol']}", view.now)
    if closes is None or height < 1:
        return []
    return chart_lines(
        canvas.painter,
        closes.prices,
        canvas.width,
        height,
        tone_of(quote["change"]) or "flat",
        digits=digits,
        times=closes.times,
        span=closes.span,
        reference=closes.previous_close,
    )


def _stats(quote: FullQuoteDocument, digits: int) -> list[list[Stat]]:
    """The statistics that there are, in the groups in which they are read."""

    def price(value: float | None) -> str:
        return price_text(value, digits, quote["currency"])

    def pair(value: float | None, size: int | None) -> str:
        return f"{price(value)} × {size:,}" if value is not None and size else price(value)

    def span(name: str, low: float | None, high: float | None) -> Stat:
        if low is None or high is None:
            return Stat(name, "")
        ends = number_text(low, digits), number_text(high, digits)
        return Stat(name, f"{ends[0]} – {ends[1]}", ends, (low, high, quote["price"]))

    bid, ask = quote["bid"], quote["ask"]
    spread = ask - bid if bid is not None and ask is not None else None
    groups = [
        [
            Stat("Open", price(quote["open"])),
            Stat("Previous", price(quote["previousClose"])),
            span("Day", quote["dayLow"], quote["dayHigh"]),
            span("52 weeks", quote["yearLow"], quote["yearHigh"]),
        ],
        [
            Stat("Volume", short_text(quote["volume"])),
            Stat("Average", short_text(quote["averageVolume"])),
            Stat("Mkt cap", short_text(quote["marketCap"])),
            Stat("Industry", quote["industry"] or "", words=True),
        ],
        [
            Stat("P/E", number_text(quote["pe"], 1)),
            Stat("EPS", number_text(quote["eps"], 2)),
            Stat("Yield", f"{quote['dividendYield']:.2f}%" if quote["dividendYield"] is not None else ""),
            Stat("Beta", number_text(quote["beta"], 2)),
        ],
        [
            Stat("Bid", pair(bid, quote["bidSize"])),
            Stat("Ask", pair(ask, quote["askSize"])),
            Stat("Spread", number_text(spread, max(2, digits)) if spread is not None else ""),
        ],
    ]
    # What this kind of symbol does not have is left out: a coin has no earnings.
    return [kept for group in groups if (kept := [stat for stat in group if stat.text])]


def _stats_lines(groups: Sequence[Sequence[Stat]], canvas: Canvas) -> list[str]:
    """Groups side by side where they fit, else below each other in as many columns as there is room for."""
    painter, width = canvas.painter, canvas.width
    if not groups:
        return []
    needed = _NAME + max(
        (width_of(stat.text) for group in groups for stat in group if not stat.words), default=10
    )
    across = max(1, min(len(groups), (width + 2) // (needed + 2)))
    if canvas.height is not None and canvas.height < 18 and across == 1:
        groups = groups[:1]
    if across < len(groups):
        # Evenly again: a group that hangs over would cost a screen its lists.
        flat = [stat for group in groups for stat in group]
        rows = -(-len(flat) // across)
        groups = [flat[start : start + rows] for start in range(0, len(flat), rows)]
    size = (width - 2 * (len(groups) - 1)) // len(groups)
    blocks = [[_stat(painter, stat, size) for stat in group] for group in groups]
    spare = " " * (width - size * len(groups) - 2 * (len(groups) - 1))
    return [line + spare for line in beside(blocks, [size] * len(groups))]


def _stat(painter: Painter, stat: Stat, width: int) -> str:
    room = max(0, width - _NAME)
    text = stat.text
    bar = min(24, room - sum(map(width_of, stat.ends)) - 2)
    if stat.ends[0] and bar >= _BAR:
        text = f"{stat.ends[0]} {range_cell(*stat.place, bar).text or '–'} {stat.ends[1]}"
    # A number that does not fit is no number.
    text = cut(text, min(room, width_of(text))) if stat.words or width_of(text) <= room else "#" * room
    return line_of(painter, width, [(fit(stat.name, _NAME), "dim"), (text, "")], [])


def _lists(document: ProfileDocument, view: View, canvas: Canvas, height: int | None) -> list[str]:
    """Similar symbols, the sector and the news, as many beside each other as there is room for."""
    painter, width = canvas.painter, canvas.width
    rows = None if height is None else max(0, height - 1)
    if height is not None and height < 2:
        return []
    sector = document["sectorPerformance"]
    if width >= _WIDE:
        sizes = [34, 30 if sector else 0, 0]
    elif width >= _NARROW:
        sizes = [26, 25 if sector else 0, 0]
    else:
        sizes = [0, 0, width]
    gaps = 2 * sum(1 for size in sizes[:2] if size)
    sizes[2] = width - sizes[0] - sizes[1] - gaps
    hints = {name: _hint(name, view) for name in (row["symbol"] for row in document["similar"])}
    blocks, widths = [], []
    if sizes[0]:
        movers = mover_lines(painter, document["similar"], sizes[0], rows, canvas.moves, view.now, hints)
        blocks.append([heading(painter, "SIMILAR", sizes[0]), *movers])
        widths.append(sizes[0])
    if sizes[1] and sector:
        blocks.append(_sector(painter, sector, sizes[1], rows))
        widths.append(sizes[1])
    news = headline_lines(painter, document["news"], sizes[2], rows, view.now)
    blocks.append([heading(painter, "NEWS", sizes[2]), *news])
    widths.append(sizes[2])
    return beside(blocks, widths)


def _sector(painter: Painter, sector: SectorPerformanceDocument, width: int, height: int | None) -> list[str]:
    rows = (
        ("Today", sector["performance"]),
        ("Year to date", sector["ytdReturn"]),
        ("1 year", sector["yearReturn"]),
        ("3 years", sector["threeYearReturn"]),
        ("5 years", sector["fiveYearReturn"]),
    )
    if all(value is None for _, value in rows):
        return [heading(painter, "SECTOR", width, sector["sector"]), *nothing_yet(painter, width)]
    lines = [heading(painter, "SECTOR", width, sector["sector"])]
    for name, value in rows[: len(rows) if height is None else height]:
        cell = change_cell(value, value, max(10, min(14, width - 14)))
        left: list[Piece] = [(fit(name, min(13, width)), "dim"), (cell.text or "n/a", cell.tone or "dim")]
        lines.append(line_of(painter, width, left, []))
    return lines
