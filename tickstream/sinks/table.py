"""The live table: the board as lines, one a symbol, drawn at the frame rate and not the tick rate.

Rows that are off the screen cost nothing; only positions are reckoned there too.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from tickstream.core.board import Now, Row
from tickstream.core.cells import age_cell
from tickstream.core.columns import Column
from tickstream.core.order import GIVEN, Order
from tickstream.core.positions import Book
from tickstream.core.values import Parts
from tickstream.hub import Hub
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
from tickstream.sinks.paint import Painter, width_of
from tickstream.sinks.rows import Rows
from tickstream.sinks.screens.page import Canvas, Moves
from tickstream.sinks.totals import TotalsLine
from tickstream.sinks.window import Window

if TYPE_CHECKING:
    from tickstream.sinks.panels.panel import Panel

__all__ = ["Beside", "Table"]

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
        self._painter = painter
        self._totals = TotalsLine()
        self._unreckoned = book is not None
        self.window = Window()
        self._rows = self._rows_of(columns, chosen=chosen)
        self.note = ""
        """What else is to be said in the footer."""
        self.title = ""
        """The name of the list that is shown; empty where it has none."""
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
        self._symbols, self._painter, self._order, self._book = symbols, painter, order, book
        self._totals, self._unreckoned = TotalsLine(), book is not None
        self._rows = self._rows_of(columns, chosen=chosen, kept=self._rows)
        if self.held.paused:
            self.held.pause(symbols)

    def _rows_of(self, columns: Sequence[Column], *, chosen: bool, kept: Rows | None = None) -> Rows:
        return Rows(
            self._hub,
            self._symbols,
            columns,
            painter=self._painter,
            order=self._order,
            chosen=chosen,
            highlights=self._highlights,
            window=self.window,
            kept=kept,
        )

    def moved(self, symbols: Collection[str]) -> None:
        """These symbols said something since the last frame."""
        self._rows.moved(symbols)
        if self._book and self._book.concerns(symbols):
            self._unreckoned = True

    @property
    def pairs(self) -> frozenset[str]:
        """The symbols beside those of the rows that are needed to convert currencies."""
        return self._book.pairs if self._book else frozenset()

    @property
    def values_hidden(self) -> bool:
        """Whether amounts of one's own are hidden, as from those who look over a shoulder."""
        return self._rows.values_hidden

    @values_hidden.setter
    def values_hidden(self, hidden: bool) -> None:
        self._rows.values_hidden = hidden

    @property
    def flash_ends(self) -> float | None:
        """When the next flash ends, by the monotonic clock; None while nothing flashes."""
        return self._rows.flash_ends

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
        body = self._rows.lines(rows, width, self.held.now())
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
            self._rows.settle()
            self.held.pause(self._symbols)
        else:
            self.held.resume()
        self._rows.renew()

    @property
    def shown(self) -> Sequence[Column]:
        """The columns that there is room for, as they were last drawn."""
        return self._rows.shown

    def still(self, width: int) -> list[str]:
        """The whole table, as it is left on a screen that scrolls."""
        self.panel = None
        self.held.resume()
        self.window.leave()
        now = self._hub.now()
        self._reckon()
        self._rows.forget()
        rows = self._order.sort(map(self.held.row, self._existing), now)
        return [self._header(width, len(rows), len(rows), now), *self._rows.lines(rows, width, now)]

    def is_old(self, row: Row) -> bool:
        """Whether a row must not look live at the moment."""
        return self._rows.is_old(row, age_cell(row, self.held.now()))

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
            self._rows.moved(self._book.update(self._hub.board.row))

    def _totals_pieces(self, room: int, now: Now) -> list[Piece]:
        """Totals, dim where all that is held is old."""
        if not self._book:
            return []
        room -= _NAME + (width_of(self._mark) + 4 if self._mark else 0)
        held = map(self._hub.board.row, self._book.symbols)
        old = all(self._rows.is_old(row, age_cell(row, now)) for row in held)
        return self._totals.pieces(self._book.totals, room, hidden=self.values_hidden, old=old)

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
