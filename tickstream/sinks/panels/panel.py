"""What a panel is, and one that scrolls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from tickstream.core.board import Now
from tickstream.sinks.frame import Piece
from tickstream.sinks.screens.page import Canvas

__all__ = ["Panel", "Scrolled"]


class Panel(Protocol):
    """Something that is shown in the place of rows."""

    @property
    def title(self) -> str: ...
    @property
    def hints(self) -> Sequence[tuple[str, str]]:
        """The keys that it has of its own, and what they do."""

    @property
    def of_row(self) -> bool:
        """Whether it is about the chosen row, and follows when another one is chosen."""

    def lines(self, canvas: Canvas, now: Now) -> list[str]:
        """Lines as wide as the canvas, and no more of them than it has."""

    def press(self, action: str, key: str) -> bool:
        """Do what a key asks for, by its action or by itself; whether that is something the panel does."""


class Scrolled:
    """A panel of lines of which there may be more than fit."""

    title = ""
    hints: Sequence[tuple[str, str]] = ()
    of_row = False

    def __init__(self) -> None:
        self._first = 0
        self._room = 1

    def content(self, width: int, now: Now) -> list[list[Piece]]:
        """All lines."""
        raise NotImplementedError

    def lines(self, canvas: Canvas, now: Now) -> list[str]:
        content = self.content(canvas.width, now)
        self._room = max(1, canvas.height or len(content))
        self._first = max(0, min(self._first, len(content) - self._room))
        shown = content[self._first : self._first + self._room]
        left = len(content) - self._first - len(shown)
        lines = [canvas.line(line) for line in shown]
        if left and lines:
            lines[-1] = canvas.line([(f"  … {left + 1} more", "dim")])
        return lines

    def press(self, action: str, key: str) -> bool:
        steps = {"up": -1, "down": 1, "page-up": 1 - self._room, "page-down": self._room - 1}
        steps |= {"top": -1_000_000, "bottom": 1_000_000}
        if action in steps:
            self._first = max(0, self._first + steps[action])
        return action in steps
