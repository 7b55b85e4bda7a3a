"""The rows of the table and their titles as lines, as wide as the screen.

A row is made again only when its symbol said something, its flash ends or its
age reads differently: a frame costs what changed, not what is shown.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from tickstream.core.board import Now, Row
from tickstream.core.cells import CLOSED, OLD, age_cell
from tickstream.core.columns import Column
from tickstream.core.figures import Cell
from tickstream.core.order import Order
from tickstream.hub import Hub
from tickstream.sinks.drawn import FLASH, Drawn
from tickstream.sinks.highlights import Highlights
from tickstream.sinks.layout import MARGIN, Layout, lay_out
from tickstream.sinks.paint import Painter, fit, width_of
from tickstream.sinks.totals import HIDDEN
from tickstream.sinks.window import Window

__all__ = ["Rows"]

_MOST = 16
"""A number that needs more is none that anybody reads, and must not push the others out."""


class Rows:
    """The rows of `symbols`, in `columns`; what is known of a row that was among `kept` is kept.

    Of the columns those are shown that have something to show, or all if they
    were `chosen`; they leave by priority where the screen is narrow. An alert
    lights its row up by `highlights`, and the cursor of `window` stands on one.
    """

    def __init__(
        self,
        hub: Hub,
        symbols: Sequence[str],
        columns: Sequence[Column],
        *,
        painter: Painter,
        order: Order,
        chosen: bool,
        highlights: Highlights,
        window: Window,
        kept: Rows | None = None,
    ) -> None:
        self._hub, self._columns, self._chosen = hub, columns, chosen
        self._painter, self._order = painter, order
        self._highlights, self._window = highlights, window
        before: dict[str, Drawn] = kept._drawn if kept else {}
        flashing: dict[str, float] = kept._flashing if kept else {}
        self._drawn: dict[str, Drawn] = {symbol: before.get(symbol) or Drawn(symbol) for symbol in symbols}
        for drawn in self._drawn.values():
            drawn.painted.clear()
        self._flashing: dict[str, float] = {
            symbol: ends for symbol, ends in flashing.items() if symbol in self._drawn
        }
        self._shown: Sequence[Column] = kept.shown if kept else columns
        self._values_hidden = kept is not None and kept.values_hidden
        self._moved: set[str] = set(symbols)
        self._said: set[str] = set()
        """Every field, and every figure, that any row on the screen has."""
        self._extended: set[str] = set()
        """The rows on the screen whose price is from outside of the regular session."""
        self._needed: dict[str, int] = {}
        self._layout: tuple[object, Layout] | None = None
        self._has_ext = False
        """Whether a column shows the price outside of the regular session, so that no other has to."""
        self._able: tuple[Column, ...] = ()

    def moved(self, symbols: Collection[str]) -> None:
        """These symbols said something since the last frame."""
        self._moved.update(symbols)

    @property
    def values_hidden(self) -> bool:
        """Whether amounts of one's own are hidden, as from those who look over a shoulder."""
        return self._values_hidden

    @values_hidden.setter
    def values_hidden(self, hidden: bool) -> None:
        self._values_hidden = hidden
        self.renew()

    @property
    def flash_ends(self) -> float | None:
        """When the next flash ends, by the monotonic clock; None while nothing flashes."""
        return min(self._flashing.values(), default=None)

    @property
    def shown(self) -> Sequence[Column]:
        """The columns that there is room for, as they were last drawn."""
        return self._layout[1].columns if self._layout else self._shown

    def renew(self) -> None:
        """Make every row again with the next frame."""
        self._moved.update(self._drawn)

    def settle(self) -> None:
        """Let nothing flash any more."""
        self._flashing.clear()
        for drawn in self._drawn.values():
            drawn.flash_until = 0.0

    def forget(self) -> None:
        """Draw as if nothing had ever been drawn."""
        self._flashing.clear()
        for symbol in self._drawn:
            self._drawn[symbol] = Drawn(symbol)
        self.renew()

    def is_old(self, row: Row, age: Cell) -> bool:
        """Whether a row must not look live: it is old, its market closed, or the link was lost after it."""
        return self._hub.cut_off(row) or age.tone == "warn" or row.state in CLOSED

    def lines(self, rows: Sequence[Row], width: int, now: Now) -> list[str]:
        """The titles, and these rows as they are by now."""
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
        old = self.is_old(row, age)
        lit = self._highlights.is_lit(row.symbol, now)
        at = row.symbol == self._window.cursor
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
