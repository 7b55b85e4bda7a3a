"""What is kept of a row of the table between two frames: its cells, its line, and which digits flash."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tickstream.core.board import Row
from tickstream.core.columns import Column
from tickstream.core.figures import NOTHING, Cell
from tickstream.sinks.layout import Layout

__all__ = ["FLASH", "Drawn"]

FLASH = 0.5
"""Seconds that digits which changed stay marked."""


@dataclass(slots=True)
class Drawn:
    """One row, as it was last drawn."""

    symbol: str
    layout: Layout | None = None
    natural: dict[str, Cell] = field(default_factory=dict)
    """Its cells by column, as they are where the width does not matter."""
    alone: dict[str, Cell] = field(default_factory=dict)
    """Those that are others where no column shows the price outside of the regular session."""
    painted: dict[str, tuple[Cell, int, bool, str]] = field(default_factory=dict)
    """By column what was painted of which cell, how wide, and whether dim: most say the same again."""
    cells: list[str] = field(default_factory=list)
    line: str = ""
    text: str = ""
    """The text of its newest price, to find the digits that change."""
    price: float | None = None
    age: str = ""
    old: bool = False
    lit: bool = False
    """Whether an alert of it fired just now."""
    at: bool = False
    """Whether the cursor stands on it."""
    flash_from: int = 0
    flash_until: float = 0.0
    flashing: str = ""
    """The column whose digits are marked, while they are."""
    direction: str = "flat"

    def make(self, column: Column, row: Row) -> Sequence[Cell]:
        """Make the cells of a column: all that it may show, since its width does not depend on which."""
        cell = self.natural[column.name] = column.cell(row, 0)
        if column.alone is None:
            return (cell,)
        if not row.is_extended:
            self.alone[column.name] = cell
            return (cell,)
        alone = self.alone[column.name] = column.alone(row, 0)
        return cell, alone

    def cell(self, column: Column, row: Row, width: int, *, alone: bool) -> Cell:
        """What a column shows in this width; `alone`, where none shows the price of extended hours."""
        alone = alone and column.alone is not None
        made = (self.alone if alone else self.natural).get(column.name)
        # One that fills its width as it is does so again.
        if made is not None and (not column.elastic or len(made.text) == width):
            return made
        return column.alone(row, width) if alone and column.alone else column.cell(row, width)

    def flash(self, row: Row, now: float) -> bool:
        """Mark the digits of the price that changed; not those of the first price. Whether any did."""
        text, price = self.alone.get("last", NOTHING).text, row.number("price")
        before, was = self.text, self.price
        self.text, self.price = text, price
        # The text alone changes too, where a currency comes later: that is no move.
        if price is None or was is None or price == was or text == before:
            return False
        old, new = before.rjust(len(text)), text.rjust(len(before))
        self.flash_from = max(0, _same_start(old, new) - (len(new) - len(text)))
        self.direction = "up" if price > was else "down"
        self.flash_until = now + FLASH
        return True


def _same_start(one: str, other: str) -> int:
    """How many characters both begin with."""
    for number, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return number
    return min(len(one), len(other))
