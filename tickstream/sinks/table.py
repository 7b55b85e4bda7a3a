"""The live table: the board as lines, one a symbol, drawn at the frame rate and not the tick rate.

A row is made again only when its symbol said something, its flash ends or its
age reads differently: a frame costs what changed, not what is shown, and
nothing for rows that are off the screen; only positions are reckoned there too.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from tickstream.core.board import Now, Row
from tickstream.core.cells import CLOSED, OLD, age_cell
from tickstream.core.columns import Column
from tickstream.core.figures import Cell
from tickstream.core.order import GIVEN, Order
from tickstream.core.positions import Book
from tickstream.core.values import Parts
from tickstream.hub import Hub
from tickstream.sinks.drawn import FLASH, Drawn
from tickstream.sinks.frame import (
    Piece,
    footer_line,
    header_line,
    keys_pieces,
    line_of,
    market_pieces,
    pieces_width,
    symbols_title,
)
from tickstream.sinks.held import Held
from tickstream.sinks.highlights import Highlights
from tickstream.sinks.layout import MARGIN, Layout, lay_out
from tickstream.sinks.paint import Painter, fit, width_of
from tickstream.sinks.screens.page import Canvas, Moves
from tickstream.sinks.totals import HIDDEN, TotalsLine
from tickstream.sinks.window import Window

if TYPE_CHECKING:
    from tickstream.sinks.panels.panel import Panel

__all__ = ["FLASH", "Beside", "Table"]

_MOST = 16
"""A number that needs more is none that anybody reads, and must not push the others out."""
_NAME = len(" tickstream ")
_FIXED = 2
"""Header and titles: what stands above the rows."""


class Beside(Protocol):
    """What is known beside the board (api/backing)."""

    @property
    def parts(self) -> Parts: ...
    @property
    def unknown(self) -> Mapping[str, str]:
        """Symbols that do not exist, and what is to be said about each."""

    @property
    def note(self) -> str:
        """What is missing at the moment."""

    @property
    def mark(self) -> str:
        """What the data must be marked as, pushed or polled."""


class Table:
    """Lines for a screen of any size, from the board of a hub.

    `symbols` are the rows, in the order given. Of `columns` those are shown
    that have something to show, or all if they were `chosen`; they leave by
    priority where the screen is narrow.
    """

    def __init__(
        self,
        hub: Hub,
        symbols: Sequence[str],
        columns: Sequence[Column],
        *,
        painter: Painter,
        order: Order = GIVEN,
        chosen: bool = False,
        beside: Beside | None = None,
        book: Book | None = None,
        highlights: Highlights | None = None,
    ) -> None:
        self._hub, self._symbols, self._order = hub, symbols, order
        self._beside, self._book = beside, book
        self._highlights = highlights or Highlights()
        self._totals = TotalsLine()
        self._values_hidden = False
        self._unreckoned = book is not None
        self._extended: set[str] = set()
        """The rows on the screen whose price is from outside of the regular session."""
        self._columns, self._chosen, self._painter = columns, chosen, painter
        self._drawn: dict[str, Drawn] = {symbol: Drawn(symbol) for symbol in symbols}
        self._moved: set[str] = set(symbols)
        self._said: set[str] = set()
        """Every field, and every figure, that any row on the screen has."""
        self._needed: dict[str, int] = {}
        self._layout: tuple[object, Layout] | None = None
        self._has_ext = False
        """Whether a column shows the price outside of the regular session, so that no other has to."""
        self._able: tuple[Column, ...] = ()
        self._flashing: dict[str, float] = {}
        self.note = ""
        """What else is to be said in the footer."""
        self.title = ""
        """The name of the list that is shown; empty where it has none."""
        self.window = Window()
        self.panel: Panel | None = None
        """What is shown in the place of the rows."""
        self.prompt: Sequence[Piece] = ()
        """What is being typed, in the place of the footer."""
        self.held = Held(hub)
        self._panel_moves = Moves()

    def show(
        self,
        symbols: Sequence[str],
        columns: Sequence[Column],
        *,
        painter: Painter,
        order: Order,
        chosen: bool,
        book: Book | None = None,
    ) -> None:
        """Show these rows and columns so from now on; what is known of a row that stays is kept."""
        if self._book:
            self._book.leave(self._hub.board.row)
        self._symbols, self._columns, self._painter = symbols, columns, painter
        self._order, self._chosen, self._book = order, chosen, book
        self._totals, self._unreckoned = TotalsLine(), book is not None
        self._drawn = {symbol: self._drawn.get(symbol) or Drawn(symbol) for symbol in symbols}
        for drawn in self._drawn.values():
            drawn.painted.clear()
        if self.held.paused:
            self.held.pause(symbols)
        self._flashing = {symbol: ends for symbol, ends in self._flashing.items() if symbol in self._drawn}
        self._moved = set(symbols)
        self._said.clear()
        self._extended.clear()
        self._needed.clear()

    def moved(self, symbols: Collection[str]) -> None:
        """These symbols said something since the last frame."""
        self._moved.update(symbols)
        if self._book and self._book.concerns(symbols):
            self._unreckoned = True

    @property
    def pairs(self) -> frozenset[str]:
        """The symbols beside those of the rows that are needed to convert currencies."""
        return self._book.pairs if self._book else frozenset()

    @property
    def values_hidden(self) -> bool:
        """Whether amounts of one's own are hidden, as from those who look over a shoulder."""
        return self._values_hidden

    @values_hidden.setter
    def values_hidden(self, hidden: bool) -> None:
        self._values_hidden = hidden
        self._moved.update(self._symbols)

    @property
    def flash_ends(self) -> float | None:
        """When the next flash ends, by the monotonic clock; None while nothing flashes."""
        return min(self._flashing.values(), default=None)

    def lines(self, width: int, height: int, keys: Sequence[tuple[str, str]] = ()) -> list[str]:
        """The whole screen: header, titles, the rows that fit, and the footer in the last line."""
        now = self._hub.now()
        self._reckon()
        room = max(1, height - _FIXED - 1)
        existing = self._existing
        rows = self._on_screen(existing, room)
        mark = self._mark
        header = self._header(width, len(existing), len(rows), now)
        footer = self._footer(width, now, keys)
        if self.panel and height > _FIXED:
            lines = [
                header,
                *self.panel.lines(Canvas(self._painter, width, height - 2, self._panel_moves), now),
            ]
            return [*lines, *[" " * width] * (height - 1 - len(lines)), footer]
        body = self._body(rows, width, self.held.now())
        if height <= _FIXED + 1:
            # With very few lines the mark matters most, then a row, then whether it is live.
            return [*([header] if mark or height > 2 else []), *body[1:], footer][:height]
        lines = [header, *body]
        return [*lines, *[" " * width] * (height - 1 - len(lines)), footer]

    def _footer(self, width: int, now: Now, keys: Sequence[tuple[str, str]]) -> str:
        if self.prompt:
            return line_of(self._painter, width, self.prompt, keys_pieces(keys))
        beside = self._hub.note or (self._beside.note if self._beside else "")
        note = self._highlights.note(now) or self.note or beside
        return footer_line(self._painter, width, self._hub, now, keys, note)

    def say(self, text: str) -> None:
        """Say something in the footer, for a while."""
        self._highlights.say(text, self._hub.now())

    def pause(self, paused: bool) -> None:
        """Hold the rows still, or show again what they are."""
        if paused:
            self._flashing.clear()
            for drawn in self._drawn.values():
                drawn.flash_until = 0.0
            self.held.pause(self._symbols)
        else:
            self.held.resume()
        self._moved.update(self._symbols)

    @property
    def shown(self) -> Sequence[Column]:
        """The columns that there is room for, as they were last drawn."""
        return self._layout[1].columns if self._layout else self._columns

    def still(self, width: int) -> list[str]:
        """The whole table, as it is left on a screen that scrolls."""
        self.panel = None
        self.held.resume()
        self.window.leave()
        now = self._hub.now()
        self._reckon()
        self._flashing.clear()
        for symbol in self._symbols:
            self._drawn[symbol] = Drawn(symbol)
        rows = self._rows(now)
        self._moved.update(self._symbols)
        return [self._header(width, len(rows), len(rows), now), *self._body(rows, width, now)]

    @property
    def _mark(self) -> str:
        """What the data must be marked as, and whether it stands still."""
        mark = self._beside.mark if self._beside else self._hub.status.mark
        return " ".join(filter(None, (mark, self.held.mark)))

    def _header(self, width: int, symbols: int, shown: int, now: Now) -> str:
        market = market_pieces(self._beside.parts, now.wall) if self._beside else ()
        title = symbols_title(symbols, shown, self.window.first, self.title)
        if self.panel:
            title = [(f" {self.panel.title}", "bold")]
        if self._book:
            title += self._totals_pieces(width - pieces_width(title), now)
        return header_line(self._painter, width, title, self._mark, market)

    def _reckon(self) -> None:
        if self._book and self._unreckoned and not self.held.paused:
            self._unreckoned = False
            self._moved.update(self._book.update(self._hub.board.row))

    def _totals_pieces(self, room: int, now: Now) -> list[Piece]:
        """Totals, dim where all that is held is old."""
        if not self._book:
            return []
        room -= _NAME + (width_of(self._mark) + 4 if self._mark else 0)
        held = map(self._hub.board.row, self._book.symbols)
        old = all(self._is_old(row, age_cell(row, now)) for row in held)
        return self._totals.pieces(self._book.totals, room, hidden=self._values_hidden, old=old)

    @property
    def _existing(self) -> Sequence[str]:
        """The symbols without those that do not exist: an empty row would not tell why it is empty."""
        unknown = self._beside.unknown if self._beside else {}
        if not unknown:
            return self._symbols
        return [symbol for symbol in self._symbols if symbol not in unknown]

    def _on_screen(self, existing: Sequence[str], room: int) -> list[Row]:
        """The rows that there is room for; the others are looked at only where what they say sorts them."""
        if self._order.key is None:
            symbols = existing[::-1] if self._order.reverse else existing
            return [self.held.row(symbol) for symbol in symbols[self.window.show(symbols, room)]]
        rows = self._order.sort(map(self.held.row, existing), self.held.now())
        return rows[self.window.show([row.symbol for row in rows], room)]

    def _rows(self, now: Now) -> list[Row]:
        return self._order.sort(map(self.held.row, self._existing), now)

    def _body(self, rows: Sequence[Row], width: int, now: Now) -> list[str]:
        moved = [row for row in rows if row.symbol in self._moved]
        for row in moved:
            self._said.update(row.said, row.known)
            (self._extended.add if row.is_extended else self._extended.discard)(row.symbol)
        (self._said.add if self._extended else self._said.discard)("extended")
        able = tuple(column for column in self._columns if self._can_show(column, width))
        for row in moved:
            drawn = self._drawn[row.symbol]
            self._measure(row, drawn, able)
            if drawn.flash(row, now.monotonic):
                self._flashing[row.symbol] = drawn.flash_until
        if able != self._able:
            # Columns that come with a wider screen have not been measured yet.
            self._able = able
            for row in rows:
                self._measure(row, self._drawn[row.symbol], able)
        layout = self._lay_out(able, width)
        self._moved.difference_update(row.symbol for row in moved)
        # Those that ended while their row was off the screen, too.
        self._flashing = {symbol: ends for symbol, ends in self._flashing.items() if ends > now.monotonic}
        return [self._titles(layout, width), *(self._line(row, layout, width, now) for row in rows)]

    def _measure(self, row: Row, drawn: Drawn, columns: Sequence[Column]) -> None:
        """Make the cells of a row that moved, and let columns grow to what they need.

        Columns never shrink, so that nothing jumps.
        """
        needed = self._needed
        drawn.layout = None
        for column in columns:
            if (column.stretch and column.elastic) or column.name == "age":
                continue
            for cell in drawn.make(column, row):
                width = width_of(cell.text)
                if width > needed.get(column.name, 0):
                    needed[column.name] = min(width, max(_MOST, column.width + column.stretch))

    def _lay_out(self, able: tuple[Column, ...], width: int) -> Layout:
        for column in able:
            if column.name == self._order.name:
                # Its title has an arrow beside it.
                title = width_of(self._order.header(column))
                self._needed[column.name] = max(title, self._needed.get(column.name, 0))
        key = (width, able, tuple(self._needed.items()))
        if self._layout is None or self._layout[0] != key:
            self._layout = key, lay_out(able, self._needed, width)
            self._has_ext = any(column.name == "ext" for column in self._layout[1].columns)
        return self._layout[1]

    def _can_show(self, column: Column, width: int) -> bool:
        return self._chosen or (column.wide <= width and self._said.issuperset(column.needs))

    def _line(self, row: Row, layout: Layout, width: int, now: Now) -> str:
        drawn = self._drawn[row.symbol]
        if drawn.flash_until and now.monotonic >= drawn.flash_until:
            drawn.flash_until, drawn.layout = 0.0, None
        age = age_cell(row, now)
        old = self._is_old(row, age)
        lit = self._highlights.is_lit(row.symbol, now)
        at = row.symbol == self.window.cursor
        if drawn.layout is not layout or (drawn.old, drawn.lit, drawn.at) != (old, lit, at):
            drawn.layout, drawn.old, drawn.lit, drawn.at = layout, old, lit, at
            drawn.flashing = ""
            if drawn.flash_until:
                drawn.flashing = "ext" if row.is_extended and self._has_ext else "last"
            drawn.cells = [
                "" if column.name == "age" else self._cell(column, row, size, drawn)
                for column, size in zip(layout.columns, layout.widths, strict=True)
            ]
        elif drawn.age == age.text:
            return drawn.line
        drawn.age = age.text
        drawn.line = self._join(drawn, layout, age, width)
        return drawn.line

    def is_old(self, row: Row) -> bool:
        """Whether a row must not look live at the moment."""
        return self._is_old(row, age_cell(row, self.held.now()))

    def _is_old(self, row: Row, age: Cell) -> bool:
        """Whether it must not look live: it is old, its market closed, or the link was lost after it."""
        down = self._hub.down_since
        cut_off = down is not None and row.fresh is not None and row.fresh.wall < down
        return cut_off or age.tone == "warn" or row.state in CLOSED

    def _join(self, drawn: Drawn, layout: Layout, age: Cell, width: int) -> str:
        cells = drawn.cells
        for number, column in enumerate(layout.columns):
            if column.name == "age":
                cells[number] = self._painter.paint(
                    fit(age.text, layout.widths[number], left=False), age.tone
                )
        margin = self._painter.paint("▎", drawn.direction) if drawn.flash_until else " "
        if drawn.lit:
            margin = self._painter.paint("!", "mark")
        elif drawn.at:
            margin = self._painter.paint("▶", "accent")
        taken = MARGIN + sum(layout.widths) + len(layout.gap) * (len(cells) - 1)
        return margin + layout.gap.join(cells) + " " * (width - taken)

    def _cell(self, column: Column, row: Row, width: int, drawn: Drawn) -> str:
        cell = drawn.cell(column, row, width, alone=not self._has_ext)
        if column.private and self._values_hidden and cell.text:
            cell = Cell(HIDDEN, "dim")
        if column.name == drawn.flashing:
            shown = fit(cell.text, width, left=False)
            start = len(shown) - len(cell.text) + drawn.flash_from
            paint = self._painter.paint
            return paint(shown[:start], cell.tone) + paint(shown[start:], f"flash-{drawn.direction}")
        if (drawn.lit or drawn.at) and column.name == "symbol":
            return self._painter.paint(fit(cell.text, width), "mark" if drawn.lit else "title")
        held = drawn.painted.get(column.name)
        if held is not None and held[0] == cell and held[1] == width and held[2] == drawn.old:
            return held[3]
        painted = self._painter.paint(fit(cell.text, width, left=column.left), cell.tone, dim=drawn.old)
        drawn.painted[column.name] = cell, width, drawn.old, painted
        return painted

    def _titles(self, layout: Layout, width: int) -> str:
        titles = [
            fit(self._order.header(column), size, left=column.left)
            for column, size in zip(layout.columns, layout.widths, strict=True)
        ]
        return self._painter.paint(fit(" " * MARGIN + layout.gap.join(titles), width), "head")


assert OLD > FLASH, "a row must not flash and be old at once"
