"""The live table: the board as lines, one a symbol, drawn at the frame rate and not the tick rate.

A row is made again only when its symbol said something, its flash ends or its
age reads differently: a frame costs what changed, not what is shown, and
nothing for rows that are off the screen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from tickstream.core.board import Now, Row
from tickstream.core.columns import CLOSED, OLD, Column, age_cell
from tickstream.core.figures import Cell
from tickstream.core.order import GIVEN, Order
from tickstream.core.values import Parts
from tickstream.hub import Hub
from tickstream.sinks.frame import footer_line, header_line, market_pieces, symbols_title
from tickstream.sinks.highlights import Highlights
from tickstream.sinks.layout import MARGIN, Layout, lay_out
from tickstream.sinks.paint import Painter, fit, width_of

__all__ = ["FLASH", "Beside", "Table"]

FLASH = 0.5
"""Seconds that digits which changed stay marked."""

_NONE = Cell("")
_MOST = 16
"""A number that needs more is none that anybody reads, and must not push the others out."""
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


@dataclass(slots=True)
class Drawn:
    """What is kept of a row between two frames."""

    symbol: str
    layout: Layout | None = None
    natural: dict[str, Cell] = field(default_factory=dict)
    """Its cells by column, as they are where the width does not matter."""
    cells: list[str] = field(default_factory=list)
    line: str = ""
    text: str = ""
    """The text of its price, to find the digits that change."""
    price: float | None = None
    age: str = ""
    old: bool = False
    lit: bool = False
    flash_from: int = 0
    flash_until: float = 0.0
    direction: str = "flat"


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
        highlights: Highlights | None = None,
    ) -> None:
        self._hub, self._symbols, self._order = hub, symbols, order
        self._beside = beside
        self._highlights = highlights or Highlights()
        self._columns, self._chosen, self._painter = columns, chosen, painter
        self._drawn: dict[str, Drawn] = {symbol: Drawn(symbol) for symbol in symbols}
        self._moved: set[str] = set(symbols)
        self._said: set[str] = set()
        """Every field that any row on the screen has."""
        self._needed: dict[str, int] = {}
        self._layout: tuple[object, Layout] | None = None
        self._able: tuple[Column, ...] = ()
        self._flashing: dict[str, float] = {}

    def moved(self, symbols: Iterable[str]) -> None:
        """These symbols said something since the last frame."""
        self._moved.update(symbols)

    @property
    def flash_ends(self) -> float | None:
        """When the next flash ends, by the monotonic clock; None while nothing flashes."""
        return min(self._flashing.values(), default=None)

    def lines(self, width: int, height: int, keys: Sequence[tuple[str, str]] = ()) -> list[str]:
        """The whole screen: header, titles, the rows that fit, and the footer in the last line."""
        now = self._hub.now()
        room = max(1, height - _FIXED - 1)
        rows = self._rows(now)[:room]
        body = self._body(rows, width, now)
        mark = self._mark
        header = self._header(width, len(self._existing), len(rows), now)
        beside = self._hub.note or (self._beside.note if self._beside else "")
        note = self._highlights.note(now) or beside
        footer = footer_line(self._painter, width, self._hub, now, keys, note)
        if height <= _FIXED + 1:
            # With very few lines the mark matters most, then a row, then whether it is live.
            return [*([header] if mark or height > 2 else []), *body[1:], footer][:height]
        lines = [header, *body]
        return [*lines, *[" " * width] * (height - 1 - len(lines)), footer]

    def still(self, width: int) -> list[str]:
        """The whole table, as it is left on a screen that scrolls."""
        now = self._hub.now()
        self._flashing.clear()
        for symbol in self._symbols:
            self._drawn[symbol] = Drawn(symbol)
        rows = self._rows(now)
        self._moved.update(self._symbols)
        return [self._header(width, len(rows), len(rows), now), *self._body(rows, width, now)]

    @property
    def _mark(self) -> str:
        """What the data must be marked as."""
        return self._beside.mark if self._beside else self._hub.status.mark

    def _header(self, width: int, symbols: int, shown: int, now: Now) -> str:
        market = market_pieces(self._beside.parts, now.wall) if self._beside else ()
        return header_line(self._painter, width, symbols_title(symbols, shown), self._mark, market)

    @property
    def _existing(self) -> Sequence[str]:
        """The symbols without those that do not exist: an empty row would not tell why it is empty."""
        unknown = self._beside.unknown if self._beside else {}
        if not unknown:
            return self._symbols
        return [symbol for symbol in self._symbols if symbol not in unknown]

    def _rows(self, now: Now) -> list[Row]:
        return self._order.sort(map(self._hub.board.row, self._existing), now)

    def _body(self, rows: Sequence[Row], width: int, now: Now) -> list[str]:
        moved = [row for row in rows if row.symbol in self._moved]
        for row in moved:
            self._said.update(row.said)
        able = tuple(column for column in self._columns if self._can_show(column, width))
        for row in moved:
            drawn = self._drawn[row.symbol]
            self._measure(row, drawn, able)
            self._flash(row, drawn, now)
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
            if column.stretch or column.name == "age":
                continue
            cell = drawn.natural[column.name] = column.cell(row, 0)
            width = min(width_of(cell.text), _MOST)
            if width > needed.get(column.name, 0):
                needed[column.name] = width

    def _lay_out(self, able: tuple[Column, ...], width: int) -> Layout:
        key = (width, able, tuple(self._needed.items()))
        if self._layout is None or self._layout[0] != key:
            self._layout = key, lay_out(able, self._needed, width)
        return self._layout[1]

    def _can_show(self, column: Column, width: int) -> bool:
        return self._chosen or (column.wide <= width and self._said.issuperset(column.needs))

    def _flash(self, row: Row, drawn: Drawn, now: Now) -> None:
        """Mark the digits of the price that changed; not those of the first price."""
        text, price = drawn.natural.get("last", _NONE).text, row.number("price")
        if drawn.text and text != drawn.text and price is not None and drawn.price is not None:
            old, new = drawn.text.rjust(len(text)), text.rjust(len(drawn.text))
            drawn.flash_from = max(0, _same_start(old, new) - (len(new) - len(text)))
            drawn.direction = "up" if price > drawn.price else "down"
            drawn.flash_until = self._flashing[drawn.symbol] = now.monotonic + FLASH
        drawn.text, drawn.price = text, price

    def _line(self, row: Row, layout: Layout, width: int, now: Now) -> str:
        drawn = self._drawn[row.symbol]
        if drawn.flash_until and now.monotonic >= drawn.flash_until:
            drawn.flash_until, drawn.layout = 0.0, None
        age = age_cell(row, now)
        old = age.tone == "warn" or row.state in CLOSED or self._is_cut_off(row)
        lit = self._highlights.is_lit(row.symbol, now)
        if drawn.layout is not layout or drawn.old is not old or drawn.lit is not lit:
            drawn.layout, drawn.old, drawn.lit = layout, old, lit
            drawn.cells = [
                "" if column.name == "age" else self._cell(column, row, size, drawn)
                for column, size in zip(layout.columns, layout.widths, strict=True)
            ]
        elif drawn.age == age.text:
            return drawn.line
        drawn.age = age.text
        drawn.line = self._join(drawn, layout, age, width)
        return drawn.line

    def _is_cut_off(self, row: Row) -> bool:
        """Whether the link was lost, and this row has said nothing since."""
        down = self._hub.down_since
        return down is not None and row.fresh is not None and row.fresh.wall < down

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
        taken = MARGIN + sum(layout.widths) + len(layout.gap) * (len(cells) - 1)
        return margin + layout.gap.join(cells) + " " * (width - taken)

    def _cell(self, column: Column, row: Row, width: int, drawn: Drawn) -> str:
        natural = None if column.elastic else drawn.natural.get(column.name)
        text, tone = natural or column.cell(row, width)
        shown = fit(text, width, left=column.left)
        if column.field == "price" and drawn.flash_until:
            start = len(shown) - len(text) + drawn.flash_from
            paint = self._painter.paint
            return paint(shown[:start], tone) + paint(shown[start:], f"flash-{drawn.direction}")
        if drawn.lit and column.name == "symbol":
            return self._painter.paint(shown, "mark")
        return self._painter.paint(shown, tone, dim=drawn.old)

    def _titles(self, layout: Layout, width: int) -> str:
        titles = [
            fit(column.header, size, left=column.left)
            for column, size in zip(layout.columns, layout.widths, strict=True)
        ]
        return self._painter.paint(fit(" " * MARGIN + layout.gap.join(titles), width), "head")


def _same_start(one: str, other: str) -> int:
    """How many characters both begin with."""
    for number, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return number
    return min(len(one), len(other))


assert OLD > FLASH, "a row must not flash and be old at once"
