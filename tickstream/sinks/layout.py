"""The layout of a table: which columns fit, how wide each is, and what stands between two of them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tickstream.core.columns import Column

__all__ = ["MARGIN", "Layout", "lay_out"]

MARGIN = 1
"""Columns of the screen before the first one of the table."""
_DETAILS = 16
"""Columns of this priority and after it come only where all the others have what they can use."""
_ROOMY = 60
"""From so many columns on, one is left free at the right, too."""
_LEAST = 4
"""Columns of the screen that a symbol keeps, where even its price hardly fits."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Which columns are shown, how wide each is, and what stands between two of them."""

    columns: tuple[Column, ...]
    widths: tuple[int, ...]
    gap: str


def lay_out(columns: Sequence[Column], needed: dict[str, int], width: int) -> Layout:
    """The columns that fit into `width`, of those that may be shown.

    `needed` is what the texts of each column need. Columns leave by priority;
    what is left over goes to those that can use it, texts before drawings, then
    between them.
    """
    shown = list(columns)
    width -= MARGIN if width >= _ROOMY else 0
    widths = {column.name: _least_of(column, needed) for column in shown}

    def total() -> int:
        return MARGIN + sum(widths[column.name] for column in shown) + 2 * (len(shown) - 1)

    def too_wide() -> bool:
        if max(column.priority for column in shown) < _DETAILS:
            return total() > width
        return total() + sum(_wish_of(column, needed) for column in shown) > width

    while len(shown) > 2 and too_wide():
        last = max(map(_rank, shown))
        # A bid and an ask, a high and a low: one alone is half of it.
        shown = [column for column in shown if _rank(column) != last] or shown[:1]
    if len(shown) == 2 and total() > width:
        # A symbol can be cut, a price cannot.
        first = min(shown, key=lambda column: column.priority).name
        widths[first] = max(_LEAST, widths[first] - (total() - width))
    while len(shown) > 1 and total() > width:
        shown.remove(max(shown, key=_rank))
    widths[shown[0].name] = min(widths[shown[0].name], max(0, width - MARGIN))
    for column in sorted(shown, key=lambda column: (column.elastic, column.priority)):
        widths[column.name] += max(0, min(_wish_of(column, needed), width - total()))
    spare = max(0, width - total()) // max(1, len(shown) - 1)
    return Layout(tuple(shown), tuple(widths[column.name] for column in shown), " " * (2 + min(2, spare)))


def _least_of(column: Column, needed: dict[str, int]) -> int:
    return max(0 if column.stretch else needed.get(column.name, 0), column.width, len(column.header))


def _wish_of(column: Column, needed: dict[str, int]) -> int:
    """How much wider than the least a column would like to be: a text as it is, a drawing as it can."""
    if column.elastic:
        return column.stretch
    return max(0, min(column.stretch, needed.get(column.name, 0) - _least_of(column, needed)))


def _rank(column: Column) -> tuple[int, int]:
    """The larger, the sooner a column leaves."""
    return column.priority, column.wide
