"""The order of rows: as given, or sorted by what a column shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from tickstream.core.board import Now, Row
from tickstream.core.columns import COLUMNS, Column, column_named
from tickstream.core.text import meant
from tickstream.core.tick import FIELDS
from tickstream.errors import UsageError

__all__ = ["GIVEN", "Order", "parse_order"]

Key = Callable[[Row, Now], str | float | None]


@dataclass(frozen=True, slots=True)
class Order:
    """By what rows are sorted; rows that have no value for it come last, in the order given."""

    name: str
    key: Key | None = None
    reverse: bool = False

    def header(self, column: Column) -> str:
        """The title of a column; with an arrow where rows are sorted by it."""
        if column.name != self.name:
            return column.header
        return f"{column.header}{'▾' if self.reverse else '▴'}"

    @property
    def text(self) -> str:
        """As `parse_order` takes it."""
        return f"{self.name}:{'desc' if self.reverse else 'asc'}"

    def sort(self, rows: Iterable[Row], now: Now) -> list[Row]:
        rows = list(rows)
        key = self.key
        if key is None:
            return rows[::-1] if self.reverse else rows
        known = [(value, row) for row in rows if (value := key(row, now)) is not None]
        known.sort(key=lambda pair: pair[0], reverse=self.reverse)
        sorted_rows = [row for _, row in known]
        return sorted_rows + [row for row in rows if key(row, now) is None]


GIVEN = Order("given")


def _by_field(field: str) -> Key:
    def key(row: Row, now: Now) -> str | float | None:
        value = row.said.get(field)
        return value if isinstance(value, (int, float, str)) else None

    return key


def _by_figure(figure: str) -> Key:
    return lambda row, now: row.known.get(figure)


_KEYS: dict[str, Key] = {name: _by_field(column.field) for name, column in COLUMNS.items() if column.field}
_KEYS |= {name: _by_figure(column.figure) for name, column in COLUMNS.items() if column.figure}
_KEYS["symbol"] = lambda row, now: row.symbol
_KEYS["age"] = lambda row, now: row.age(now)
_ASCENDING = frozenset({"symbol", "name", "exchange", "currency", "age"})
NAMES: Sequence[str] = ("given", *_KEYS)


def parse_order(text: str) -> Order:
    """The order that is meant by `chg%`, `symbol`, `last:asc`; numbers go downwards unless said otherwise."""
    name, _, way = text.strip().lower().partition(":")
    name = column_named(name)
    if name not in NAMES or way not in ("", "asc", "desc"):
        near = meant(name, (*NAMES, *(field for field in FIELDS if column_named(field) in NAMES)))
        raise UsageError(
            f"cannot sort by {text!r}: {near}use one of {', '.join(NAMES)}, with :asc or :desc if need be"
        )
    if name == "given":
        return Order("given", None, reverse=way == "desc")
    return Order(name, _KEYS[name], reverse=way == "desc" or (not way and name not in _ASCENDING))
