"""The chooser of columns: all that there are, and which of them are shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tickstream.core.board import Now
from tickstream.core.columns import COLUMNS, Column
from tickstream.sinks.paint import fit
from tickstream.sinks.screens.page import Canvas
from tickstream.sinks.window import Window

__all__ = ["Chooser"]

_NAME = 12


class Chooser:
    """`chosen` is called with the names of the columns each time that they change.

    What is added goes where it stands among all; what was there stays in its
    order. The symbol stays: without it a row is of nobody.
    """

    title = "columns"
    hints = (("space", "show or hide"), ("esc", "done"))
    of_row = False

    def __init__(self, names: Sequence[str], chosen: Callable[[tuple[str, ...]], None]) -> None:
        self._names, self._chosen = tuple(names), chosen
        self._window = Window()
        self._window.show(tuple(COLUMNS), 1)
        self._window.top()

    def lines(self, canvas: Canvas, now: Now) -> list[str]:
        shown = tuple(COLUMNS)[self._window.show(tuple(COLUMNS), canvas.height or len(COLUMNS))]
        return [self._line(COLUMNS[name], canvas) for name in shown]

    def press(self, action: str, key: str) -> bool:
        # Space is a page in a list of rows, and a mark in a list of choices.
        if key == " " or action == "detail":
            self._toggle()
            return True
        window = self._window
        moves: dict[str, Callable[[], None]] = {
            "up": lambda: window.move(-1),
            "down": lambda: window.move(1),
            "page-up": lambda: window.page(-1),
            "page-down": lambda: window.page(1),
            "top": window.top,
            "bottom": window.bottom,
        }
        if action in moves:
            moves[action]()
        return action in moves

    def _toggle(self) -> None:
        name = self._window.cursor
        if name is None or name == "symbol":
            return
        if name in self._names:
            names = tuple(other for other in self._names if other != name)
        else:
            before = list(COLUMNS)[: list(COLUMNS).index(name)]
            after = [place for place, other in enumerate(self._names) if other in before]
            place = after[-1] + 1 if after else len(self._names)
            names = (*self._names[:place], name, *self._names[place:])
        self._names = names
        self._chosen(names)

    def _line(self, column: Column, canvas: Canvas) -> str:
        at = column.name == self._window.cursor
        mark = "✓" if column.name in self._names else " "
        tone = "title" if at else "bold" if mark != " " else ""
        name = (f" {mark} {fit(column.name, _NAME)} ", tone)
        return canvas.line([("▶" if at else " ", "accent"), name, (f" {column.header}", "dim")])
