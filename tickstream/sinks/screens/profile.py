"""The profile view on a screen: one symbol's price, its day, what is known of it, and what is around it.

Whatever does not fit leaves as a whole, since part of a number is another
number; the price stays to the last.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tickstream.core.documents import FullQuoteDocument, ProfileDocument, SectorPerformanceDocument
from tickstream.core.figures import digits_for, number_text, price_text, tone_of
from tickstream.core.values import Closes, Quote, value_of
from tickstream.sinks.frame import Piece, pieces_width
from tickstream.sinks.paint import fit, width_of
from tickstream.sinks.screens.blocks import (
    beside,
    change_cell,
    cut,
    heading,
    headline_lines,
    mover_lines,
    price_pieces,
)
from tickstream.sinks.screens.chart import chart_lines
from tickstream.sinks.screens.page import Canvas, View
from tickstream.sinks.screens.stats import stats_lines, stats_of

__all__ = ["profile_body"]

_WIDE, _MIDDLE = 108, 64
"""Columns from which on the sector, and the similar symbols, stand beside the news."""
_SIMILAR, _SECTOR = 34, 26
_GAP = 4
_STILL_CHART = 8
_RETURNS = 5
_ARROWS = {"up": "▲", "down": "▼", "flat": "="}


def profile_body(view: View, canvas: Canvas) -> list[str]:
    """The price on top, then the chart, the statistics, and the lists."""
    document: ProfileDocument = view.document
    quote = document["quote"]
    if quote is None:
        return _nothing(view, canvas)
    inner = Canvas(canvas.painter, max(1, canvas.width - 2), canvas.height, canvas.moves)
    digits = digits_for(quote["price"], _hint(quote["symbol"], view))
    closes = value_of(Closes, view.parts, f"trend:{quote['symbol']}", view.now)
    head = _head(quote, digits, view, inner)
    stats, label = stats_lines(stats_of(quote, digits), inner)
    compact = _compact(document, label, inner)
    wanted = 1 + max(_RETURNS, len(document["similar"]), len(document["news"]))
    shares = _shares(canvas.height, len(head), len(stats) + len(compact), wanted, chart=closes is not None)
    # Rows of statistics leave before the lines that sum up a list.
    kept = None if shares.stats is None else max(min(3, shares.stats), shares.stats - len(compact))
    parts = [
        _chart(quote, closes, digits, inner, shares.chart),
        [*stats[:kept], *compact][: shares.stats],
        _lists(document, view, inner, shares.lists),
    ]
    air, roomy = [inner.empty] * min(1, shares.air), shares.air > 2
    lines = [*(air if roomy else []), *head]
    for number, part in enumerate(parts):
        # Only where there is plenty of room is there air above the chart.
        lines += [*(air if number or roomy else []), *part] if part else []
    edge = " " * min(1, (canvas.width - 1) // 2)
    right = " " * (canvas.width - inner.width - len(edge))
    return [f"{edge}{line}{right}" for line in lines][: canvas.height]


def _nothing(view: View, canvas: Canvas) -> list[str]:
    """Why there is no quote, and what can be done about it."""
    symbol = view.title.partition(" ")[2]
    if f"quote:{symbol}" not in view.parts and "unknown symbol" not in view.trouble:
        return [canvas.line([(f" {symbol}", "bold"), ("  no data yet", "dim")])][: canvas.height]
    lines = [
        canvas.line([(f" {symbol}", "bold"), ("  No such symbol", "warn")]),
        canvas.line([(" tickstream search finds symbols by the name of a company", "dim")]),
    ]
    return lines[: canvas.height]


def _hint(symbol: str, view: View) -> int | None:
    quote = value_of(Quote, view.parts, f"quote:{symbol}", view.now)
    return quote.price_hint if quote else None


class Shares(NamedTuple):
    """How many lines each part gets; None is as many as it needs."""

    chart: int
    stats: int | None
    lists: int | None
    air: int
    """Blank lines between the parts: two; where it is roomy one above the chart, and one above all, too."""


def _shares(height: int | None, head: int, stats: int, lists: int, *, chart: bool) -> Shares:
    """Lines for each part; the price has its own already, and the statistics matter more than the rest."""
    if height is None:
        return Shares(_STILL_CHART if chart else 0, None, None, 4)
    air = 0 if height < 14 else 2 if height < 26 else 4
    left = max(0, height - head - air)
    least_chart, least_lists = 3 if chart and left >= 6 else 0, 3 if height >= 16 else 0
    stats = min(stats, max(0, left - least_chart - least_lists))
    left -= stats
    if not least_lists:
        return Shares(left if least_chart else 0, stats, 0, air)
    # The chart takes what the lists leave, but does not fill the screen.
    lists = min(lists, left - least_chart, max(6, left * 3 // 5)) if chart else left
    return Shares(min(left - lists, height * 2 // 5) if chart else 0, stats, lists, air)


def _head(quote: FullQuoteDocument, digits: int, view: View, canvas: Canvas) -> list[str]:
    """The name, and below it the price; where there is but one line the price alone."""
    value = value_of(Quote, view.parts, f"quote:{quote['symbol']}", view.now)
    exchange = (value.exchange_name if value else None) or quote["exchange"]
    name, symbol = quote["name"] or quote["symbol"], quote["symbol"] if quote["name"] else ""
    places = (" · ".join(text for text in (symbol, exchange, quote["currency"]) if text), symbol, "")
    place = next(text for text in places if width_of(name) + width_of(text) + 2 <= canvas.width or not text)
    title: list[Piece] = [(cut(name, min(width_of(name), canvas.width)), "bold"), (f"  {place}", "dim")]
    prices = _prices(quote, digits, view, canvas)
    lines = [canvas.line(title), *map(canvas.line, prices)]
    return lines[1:2] if canvas.height == 1 else lines


def _prices(quote: FullQuoteDocument, digits: int, view: View, canvas: Canvas) -> list[list[Piece]]:
    """The price and the one outside of the regular session, in one line or in two, as full as they fit."""
    price = price_text(quote["price"], digits, quote["currency"]) or "n/a"
    way = canvas.moves.of(quote["symbol"], quote["price"], view.now)
    tone = "bold" if quote["price"] is not None else "dim"
    changes = _changes(quote["change"], quote["percentChange"], digits)
    # A price that does not fit is no price.
    main = [price_pieces(fit(price, min(width_of(price), canvas.width), left=False), way, tone)]
    main = [[*main[0], ("  ", ""), change] for change in changes] + main
    extended = _extended(quote, digits, view, canvas)
    both = [[*main[0], (" " * 5, ""), *pieces] for pieces in extended[:2]]
    for pieces in both if extended else main:
        if pieces_width(pieces) <= canvas.width:
            return [pieces]
    lines = [next((pieces for pieces in main if pieces_width(pieces) <= canvas.width), main[-1])]
    if canvas.height is None or canvas.height >= 6:
        lines += [pieces for pieces in extended if pieces_width(pieces) <= canvas.width][:1]
    return lines


def _changes(change: float | None, percent: float | None, digits: int) -> list[Piece]:
    """A change with its percentage, and the percentage alone: an arrow, a sign, and a tone."""
    tone = tone_of(percent if change is None else change)
    texts = [number_text(change, digits, sign=True), ""]
    if percent is not None:
        texts[1] = f"{percent:+,.2f}%" if tone != "flat" else f"{abs(percent):,.2f}%"
    known = [text for text in texts if text]
    full, short = "  ".join(known), known[-1] if known else ""
    return [(f"{_ARROWS[tone]} {text}", tone) for text in dict.fromkeys((full, short)) if text]


def _extended(quote: FullQuoteDocument, digits: int, view: View, canvas: Canvas) -> list[list[Piece]]:
    """The newest price outside of the regular session, in fewer and fewer columns; nothing without one."""
    night = quote.get("overnightPrice"), quote.get("overnightChange"), quote.get("overnightPercentChange")
    pre = quote.get("preMarketPrice"), quote.get("preMarketChange"), quote.get("preMarketPercentChange")
    post = quote.get("afterHoursPrice"), quote.get("afterHoursChange"), quote.get("afterHoursPercentChange")
    for name, (price, change, percent) in (("overnight", night), ("pre-market", pre), ("after hours", post)):
        if price is not None:
            way = canvas.moves.of(f"{quote['symbol']} {name}", price, view.now)
            text = price_text(price, digits, quote["currency"])
            pieces: list[Piece] = [(f"{name} ", "dim"), *price_pieces(text, way, "")]
            return [*([*pieces, ("  ", ""), one] for one in _changes(change, percent, digits)), pieces]
    return []


def _chart(
    quote: FullQuoteDocument, closes: Closes | None, digits: int, canvas: Canvas, height: int
) -> list[str]:
    if closes is None:
        return []
    return chart_lines(
        canvas.painter,
        closes.prices,
        canvas.width,
        height,
        tone_of(quote["percentChange"] if quote["change"] is None else quote["change"]) or "flat",
        digits=digits,
        times=closes.times,
        span=closes.span,
        reference=closes.previous_close,
    )


def _returns(sector: SectorPerformanceDocument) -> list[tuple[str, str, float | None]]:
    return [
        ("Today", "today", sector["performance"]),
        ("Year to date", "ytd", sector["ytdReturn"]),
        ("1 year", "1y", sector["yearReturn"]),
        ("3 years", "3y", sector["threeYearReturn"]),
        ("5 years", "5y", sector["fiveYearReturn"]),
    ]


def _compact(document: ProfileDocument, label: int, canvas: Canvas) -> list[str]:
    """A line each for what has no block of its own where it is narrow."""
    sector, lines = document["sectorPerformance"], []
    if sector is not None and canvas.width < _WIDE:
        returns: list[list[Piece]] = [
            [(f"{name} ", "dim"), (f"{value:+,.{_digits(value)}f}%", tone_of(value))]
            for _, name, value in _returns(sector)
            if value is not None
        ]
        lines.append(_flowing(fit("Sector", label), [[(sector["sector"], "")], *returns], canvas))
    if document["similar"] and canvas.width < _MIDDLE:
        movers: list[list[Piece]] = [
            [(f"{row['symbol']} ", "bold"), (cell.text.replace("  ", " "), cell.tone)]
            for row in document["similar"]
            if (cell := change_cell(row["change"], row["percentChange"])).text
        ]
        lines.append(_flowing(fit("Similar", label), movers, canvas))
    return lines


def _digits(percent: float) -> int:
    """Decimals of a percentage that has three figures."""
    return 2 if abs(percent) < 9.995 else 1 if abs(percent) < 99.95 else 0


def _flowing(name: str, items: Sequence[Sequence[Piece]], canvas: Canvas) -> str:
    """As many of the items as fit into a line, the first ones first."""
    pieces: list[Piece] = [(name, "dim")]
    for number, item in enumerate(items):
        more = [*([("  ", "")] if number else []), *item]
        if pieces_width([*pieces, *more]) > canvas.width:
            break
        pieces += more
    return canvas.line(pieces)


def _lists(document: ProfileDocument, view: View, canvas: Canvas, height: int | None) -> list[str]:
    """Similar symbols, the sector and the news, as many beside each other as there is room for."""
    if height is not None and height < 2:
        return []
    painter, width, rows = canvas.painter, canvas.width, None if height is None else height - 1
    similar, sector, news = document["similar"], document["sectorPerformance"], document["news"]
    asked = document["asOf"]
    blocks, widths = [], []
    # Where it is known that there are none they take no room.
    if width >= _MIDDLE and (similar or not asked.get("similar")):
        hints = {row["symbol"]: _hint(row["symbol"], view) for row in similar}
        movers = mover_lines(painter, similar, _SIMILAR, rows, canvas.moves, view.now, hints)
        blocks.append([heading(painter, "SIMILAR", _SIMILAR), *movers])
        widths.append(_SIMILAR)
    if width >= _WIDE and sector is not None:
        blocks.append(_sector(sector, canvas, rows, came=asked.get("sectorPerformance") is not None))
        widths.append(_SECTOR)
    room = width - sum(widths) - _GAP * len(widths)
    stories = headline_lines(painter, news, room, rows, view.now)
    if not news and asked.get("news"):
        stories = [Canvas(painter, room, None, canvas.moves).line([("none", "dim")])]
    blocks.append([heading(painter, "NEWS", room), *stories])
    return beside(blocks, [*widths, room], _GAP)


def _sector(sector: SectorPerformanceDocument, canvas: Canvas, rows: int | None, *, came: bool) -> list[str]:
    inner = Canvas(canvas.painter, _SECTOR, None, canvas.moves)
    lines = []
    # What has not been fetched yet is no answer.
    none = fit("n/a" if came else "…", 10, left=False)
    for name, _, value in _returns(sector):
        cell = change_cell(value, value, 10)
        figure = (cell.text, cell.tone) if value is not None else (none, "dim")
        lines.append(inner.line([(fit(name, 16), "dim"), figure]))
    return [heading(canvas.painter, "SECTOR", _SECTOR, sector["sector"]), *lines[:rows]]
