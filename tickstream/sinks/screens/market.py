"""The market view on a screen: indices, movers, sectors and headlines, side by side where there is room.

Heights are shared out: the indices first, then movers, then sectors and
headlines beside each other, so that each has its place even in 24 lines.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tickstream.core.documents import IndexDocument, MarketDocument, SectorDocument
from tickstream.core.figures import digits_for, number_text, tone_of, trend_cell
from tickstream.core.values import Closes, Quote, value_of
from tickstream.sinks.frame import Piece, line_of, pieces_width
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
from tickstream.sinks.screens.page import Canvas, View

__all__ = ["market_body"]

_INDEX_NAMES = {
    "^GSPC": "S&P 500",
    "^DJI": "Dow 30",
    "^IXIC": "Nasdaq",
    "^RUT": "Russell",
    "^VIX": "VIX",
    "GC=F": "Gold",
}
_SHORT_NAMES = {"^GSPC": "S&P", "^DJI": "Dow", "^RUT": "Russell"}
"""Where name, price and change share a line."""
_SECTOR_NAMES = {
    "Financial Services": "Financials",
    "Consumer Cyclical": "Cons. Cyclical",
    "Consumer Defensive": "Cons. Defensive",
    "Communication Services": "Comm. Services",
    "Basic Materials": "Materials",
}
_LISTS = (("GAINERS", "gainers"), ("LOSERS", "losers"), ("MOST ACTIVE", "actives"))
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_STILL_MOVERS, _STILL_HEADLINES = 10, 11
_NARROW, _WIDE = 60, 100
_SECTOR_ROWS = 11
_ROOMY = 28
"""Lines from which on there is air above the indices."""


def market_body(view: View, canvas: Canvas) -> list[str]:
    """All five parts of the market."""
    document: MarketDocument = view.document
    blank = [canvas.empty] if canvas.height is None or canvas.height >= _ROOMY else []
    inner = Canvas(canvas.painter, max(1, canvas.width - 2), canvas.height, canvas.moves)
    lines = [*blank, *_indices(document["indices"], view, inner), canvas.empty]
    room = None if inner.height is None else inner.height - len(lines)
    movers = _movers(document, view, inner, room)
    if movers:
        lines += [*movers, canvas.empty]
    left = None if inner.height is None else inner.height - len(lines)
    lines += _sectors_and_news(document, view, inner, left)
    return [_indented(line, canvas) for line in lines][: canvas.height]


def _indented(line: str, canvas: Canvas) -> str:
    if line == canvas.empty:
        return line
    return f" {line} " if canvas.width >= 3 else canvas.empty


def _lower_height(canvas: Canvas) -> int:
    """How many lines the sectors and headlines get, their heading and the line above it included."""
    if canvas.height is None:
        return 0
    return 1 + min(_SECTOR_ROWS + 1 + max(0, (canvas.height - 40) // 2), max(4, canvas.height * 2 // 5))


def _indices(rows: Sequence[IndexDocument], view: View, canvas: Canvas) -> list[str]:
    """Blocks of three lines, as many beside each other as fit; of one line where it is narrow."""
    painter, width = canvas.painter, canvas.width
    if not rows:
        return [heading(painter, "INDICES", width), *nothing_yet(painter, width)]
    if width >= _WIDE - 2:
        size = width // len(rows) - 2
        blocks = beside([_index_block(row, view, canvas, size) for row in rows], [size] * len(rows))
        return [line + " " * (width - (size + 2) * len(rows) + 2) for line in blocks]
    across = 3 if width >= _NARROW else 2 if width >= 52 else 1
    # Each ends in a blank, which is enough between a change and a name.
    size = width // across
    lines = []
    for start in range(0, len(rows), across):
        some = [_index_lines(row, view, canvas, size) for row in rows[start : start + across]]
        some += [[" " * size]] * (across - len(some))
        block = beside(some, [size] * across, 0)
        lines += [line + " " * (width - size * across) for line in block]
    return lines


def _index_block(row: IndexDocument, view: View, canvas: Canvas, width: int) -> list[str]:
    painter = canvas.painter
    price, way = _price(row, view, canvas)
    cell = change_cell(row["change"], row["percentChange"])
    room = width - width_of(cell.text) - 2
    trend = _trend(row, view, min(room, 12))
    change: list[Piece] = [(cell.text or "n/a", cell.tone or "dim")]
    change += [("  ", ""), (trend, cell.tone)] if room >= 4 else []
    return [
        line_of(painter, width, [(cut(_index_name(row), width), "dim")], []),
        line_of(painter, width, price_pieces(price, way), []),
        line_of(painter, width, change, []),
    ]


def _index_lines(row: IndexDocument, view: View, canvas: Canvas, width: int) -> list[str]:
    """Name and price in one line, the change at its right, a trend where there is room."""
    price, way = _price(row, view, canvas)
    cell = change_cell(row["change"], row["percentChange"])
    name = _SHORT_NAMES.get(row["symbol"]) or _index_name(row)
    change = " ".join(cell.text.split())
    spare = width - width_of(price) - width_of(change) - 2
    pieces: list[Piece] = [(cut(name, min(width_of(name), max(0, spare))), "dim")]
    pieces += [(" ", ""), *price_pieces(price, way)]
    return [line_of(canvas.painter, width, pieces, [(change, cell.tone)])]


def _index_name(row: IndexDocument) -> str:
    return _INDEX_NAMES.get(row["symbol"]) or row["name"] or row["symbol"]


def _price(row: IndexDocument, view: View, canvas: Canvas) -> tuple[str, str]:
    text = number_text(row["price"], digits_for(row["price"], _hint(row["symbol"], view))) or "n/a"
    return text, canvas.moves.of(row["symbol"], row["price"], view.now)


def _hint(symbol: str, view: View) -> int | None:
    quote = value_of(Quote, view.parts, f"quote:{symbol}", view.now)
    return quote.price_hint if quote else None


def _trend(row: IndexDocument, view: View, width: int) -> str:
    closes = value_of(Closes, view.parts, f"trend:{row['symbol']}", view.now)
    return trend_cell(closes.prices, "", width).text if closes and width > 0 else ""


def _movers(document: MarketDocument, view: View, canvas: Canvas, room: int | None) -> list[str]:
    """The three lists beside each other; where it is narrow below each other, as many as fit into `room`."""
    painter, width = canvas.painter, canvas.width
    narrow = width < _NARROW
    rows, lists = _STILL_MOVERS, len(_LISTS)
    if room is not None:
        # Where little is left for them, movers matter more than what is below.
        above = room - _lower_height(canvas)
        above = above if above >= (2 * lists if narrow else 2) else room
        lists = min(lists, above // 2) if narrow else lists
        rows = above // max(1, lists if narrow else 1) - 1
    if rows < 1 or not lists:
        return []
    hints = _hints(view)
    size = width if narrow else (width - 2 * 3) // 3
    blocks = []
    for title, key in _LISTS[:lists]:
        movers = document[key]  # type: ignore[literal-required]
        lines = mover_lines(painter, movers, size, rows, canvas.moves, view.now, hints)
        blocks.append([heading(painter, title, size), *lines])
    if narrow:
        return [line for block in blocks for line in block]
    padding = " " * (width - 3 * size - 6)
    return [line + padding for line in beside(blocks, [size] * 3, gap=3)]


def _hints(view: View) -> Mapping[str, int | None]:
    """How many decimals the movers' prices have."""
    lists = (value_of(list, view.parts, key, view.now) for key in view.parts if key.startswith("movers:"))
    return {row.symbol: row.price_hint for rows in lists for row in rows or () if isinstance(row, Quote)}


def _sectors_and_news(document: MarketDocument, view: View, canvas: Canvas, height: int | None) -> list[str]:
    painter, width = canvas.painter, canvas.width
    if height is not None and height < (5 if width < _NARROW else 2):
        return []
    rows = None if height is None else height - 1
    news = _STILL_HEADLINES if rows is None else rows
    if width < _NARROW:
        half = None if rows is None else rows // 2
        rest = None if half is None else max(0, half - 1)
        sectors = _sectors(document["sectors"], painter, width, half)
        stories = headline_lines(painter, document["headlines"], width, rest, view.now)
        return [*sectors, heading(painter, "HEADLINES", width), *stories]
    size = min(64, max(30, (width - 3) * 2 // 5 if width < _WIDE else (width - 3) // 2))
    other = width - size - 3
    blocks = [
        _sectors(document["sectors"], painter, size, rows),
        [
            heading(painter, "HEADLINES", other),
            *headline_lines(painter, document["headlines"], other, news, view.now),
        ],
    ]
    return beside(blocks, [size, other], gap=3)


def _sectors(
    sectors: Sequence[SectorDocument], painter: Painter, width: int, height: int | None
) -> list[str]:
    """The sectors, the best first, as bars to the right and to the left of a line in the middle."""
    title = heading(painter, "SECTORS", width, "by SPDR fund")
    if not sectors:
        return [title, *nothing_yet(painter, width)]
    ranked = sorted(sectors, key=lambda row: -(row["performance"] or 0.0))
    if height is not None and height < len(ranked):
        # The best and the worst tell most.
        best = (max(1, height) + 1) // 2
        ranked = ranked[:best] + ranked[len(ranked) - (max(1, height) - best) :]
    largest = max((abs(row["performance"] or 0.0) for row in ranked), default=0.0)
    name_width = 16 if width >= 40 else min(16, max(4, width - 9))
    half = max(0, (width - name_width - 8 - 3) // 2)
    return [title, *(_sector(row, painter, width, name_width, half, largest) for row in ranked)]


def _sector(
    row: SectorDocument, painter: Painter, width: int, name_width: int, half: int, largest: float
) -> str:
    performance = row["performance"]
    tone = tone_of(performance)
    name = _SECTOR_NAMES.get(row["sector"], row["sector"])
    pieces: list[Piece] = [(cut(name, name_width), ""), (" ", "")]
    if half >= 2:
        share = abs(performance or 0.0) / largest if largest else 0.0
        length = round(share * half * 8)
        # Whatever is not nothing is seen.
        length = max(length, 1) if performance else 0
        if (performance or 0.0) < 0:
            pieces += [(_bar_to_the_left(length, half), tone), ("│", "dim"), (" " * half, "")]
        else:
            pieces += [(" " * half, ""), ("│", "dim"), (_bar_to_the_right(length, half), tone)]
    text = f"{performance:+.2f}%" if performance is not None else "n/a"
    end: list[Piece] = [(fit(text, 8, left=False), tone or "dim")]
    taken = pieces_width(pieces) + pieces_width(end)
    return line_of(painter, width, [*pieces, (" " * max(0, min(1, width - taken)), ""), *end], [])


def _bar_to_the_right(eighths: int, width: int) -> str:
    whole, rest = divmod(eighths, 8)
    return fit("█" * whole + (_EIGHTHS[rest] if rest else ""), width)


def _bar_to_the_left(eighths: int, width: int) -> str:
    # There are no blocks that fill a cell from the right but the half and the whole one.
    whole, rest = divmod(eighths, 8)
    return fit(("▐" if rest >= 3 or not whole else "") + "█" * whole, width, left=False)
