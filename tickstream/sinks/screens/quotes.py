"""The quotes view on a screen: the columns of the live table, from what was fetched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tickstream.core.board import Now, Row
from tickstream.core.cells import CLOSED, age_cell
from tickstream.core.columns import COLUMNS, DEFAULT, Column, with_names
from tickstream.core.documents import QuoteDocument
from tickstream.core.figures import NOTHING, Cell, digits_for, number_text, percent_cell, tone_of
from tickstream.core.snapshot import Extended, extended_of, row_of
from tickstream.core.values import Closes, Quote, value_of
from tickstream.sinks.layout import lay_out
from tickstream.sinks.paint import fit, width_of
from tickstream.sinks.screens.page import Canvas, View

__all__ = ["quotes_body"]

_NOT_THERE = Cell("n/a", "dim")


class QuoteRow(Row):
    """A row, and its price outside of the regular session."""

    __slots__ = ("extended",)

    def __init__(self, row: Row, extended: Extended | None) -> None:
        super().__init__(row.symbol)
        self.said, self.fresh, self.trend, self.state = row.said, row.fresh, row.trend, row.state
        self.known = row.known
        self.extended = extended


def _extended_cell(row: Row, width: int) -> Cell:
    extended = row.extended if isinstance(row, QuoteRow) else None
    if extended is None:
        return NOTHING
    hint = row.said.get("price_hint")
    digits = digits_for(extended.price, hint if isinstance(hint, int) else None)
    tone = tone_of(extended.percent)
    percent = percent_cell(extended.percent, tone).text
    return Cell(f"{extended.name:<5} {number_text(extended.price, digits)} {percent}", tone)


# As of the live table, without what changes too fast to be polled; the previous close is one of a quote.
_COLUMNS: Mapping[str, Column] = {
    **{name: COLUMNS[name] for name in DEFAULT if name not in ("size", "lag", "age", "sess")},
    "extended": Column(
        name="extended", header="EXTENDED", priority=6, wide=100, left=True, needs=("extended",),
        cell=_extended_cell,
    ),
    "sess": COLUMNS["sess"],
    "age": replace(COLUMNS["age"], header="TRADED"),
}  # fmt: skip


def quotes_body(view: View, canvas: Canvas) -> list[str]:
    """A line a symbol, below the titles."""
    document: Sequence[QuoteDocument] = view.document
    now = Now(view.now, view.now)
    rows = [_row(entry, view, now) for entry in document]
    room = len(rows) if canvas.height is None else max(1, canvas.height - 1)
    hidden = len(rows) - room
    if hidden > 0:
        room = max(1, room - 1)
        hidden = len(rows) - room
    shown = rows[:room]
    able = [column for column in _COLUMNS.values() if _can_show(column, rows, canvas.width)]
    columns = with_names(able, view.names)
    cells = {row.symbol: _cells(row, columns, now) for row in shown}
    needed = {
        column.name: max((width_of(cells[row.symbol][column.name].text) for row in shown), default=0)
        for column in columns
        if not (column.stretch and column.elastic)
    }
    layout = lay_out(columns, needed, canvas.width)
    titles = layout.gap.join(
        fit(column.header, width, left=column.left)
        for column, width in zip(layout.columns, layout.widths, strict=True)
    )
    lines = [canvas.painter.paint(fit(f" {titles}", canvas.width), "head")]
    for row in shown:
        way = canvas.moves.of(row.symbol, row.number("price"), view.now)
        dim = row.state in CLOSED or not row.said
        texts = []
        for column, width in zip(layout.columns, layout.widths, strict=True):
            text, tone = _cell(column, row, width, cells[row.symbol])
            if column.name == "last" and way:
                tone = f"flash-{way}"
            texts.append(canvas.painter.paint(fit(text, width, left=column.left), tone, dim=dim))
        taken = 1 + sum(layout.widths) + len(layout.gap) * (len(texts) - 1)
        lines.append(" " + layout.gap.join(texts) + " " * (canvas.width - taken))
    if hidden > 0:
        lines.append(canvas.line([(f" … and {hidden:,} more", "dim")]))
    return lines


def _row(entry: QuoteDocument, view: View, now: Now) -> QuoteRow:
    symbol = entry["symbol"]
    quote = value_of(Quote, view.parts, f"quote:{symbol}", view.now)
    if quote is None:
        return QuoteRow(Row(symbol), None)
    closes = value_of(Closes, view.parts, f"trend:{symbol}", view.now)
    return QuoteRow(row_of(quote, closes, now), extended_of(quote))


def _can_show(column: Column, rows: Sequence[QuoteRow], width: int) -> bool:
    if column.wide > width:
        return False
    if column.name == "extended":
        return any(row.extended for row in rows)
    return any(row.said.keys() | row.known.keys() >= set(column.needs) for row in rows)


def _cells(row: QuoteRow, columns: Sequence[Column], now: Now) -> dict[str, Cell]:
    """The cells of a row whose text does not depend on their width."""
    cells = {column.name: column.cell(row, 0) for column in columns if column.name != "age"}
    cells["age"] = age_cell(row, now) if row.said else NOTHING
    if "price" not in row.said:
        cells["last"] = _NOT_THERE
    return cells


def _cell(column: Column, row: QuoteRow, width: int, cells: Mapping[str, Cell]) -> Cell:
    return column.cell(row, width) if column.elastic else cells[column.name]
