"""The window: which rows are on the screen, and on which of them the cursor stands.

The cursor stands on a symbol and not in a line: where rows are sorted anew it
goes with it, and the window follows. There is none until a key moves it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

__all__ = ["Window"]


class Window:
    """A part of a list of symbols."""

    def __init__(self) -> None:
        self.cursor: str | None = None
        self.first = 0
        """How many symbols are above the window."""
        self._symbols: Sequence[str] = ()
        self._room = 1
        self._at = 0
        """Where the cursor last stood, for when its symbol is gone."""

    def show(self, symbols: Sequence[str], room: int) -> slice:
        """The part of `symbols` that is on a screen with so many lines, the cursor's among them."""
        self._symbols, self._room = symbols, max(1, room)
        if self.cursor is not None:
            self._settle()
        self.first = max(0, min(self.first, len(symbols) - self._room))
        return slice(self.first, self.first + self._room)

    def leave(self) -> None:
        """Have no cursor any more."""
        self.cursor = None

    def go(self, symbol: str) -> None:
        """Put the cursor on this symbol."""
        if symbol in self._symbols:
            self.cursor = symbol
            self._settle()

    def drop(self, symbol: str) -> None:
        """This one is not shown any more; a cursor on it goes to the one below."""
        self._symbols = [other for other in self._symbols if other != symbol]
        self._settle()

    def move(self, by: int) -> None:
        """Move the cursor by so many rows; one that was not there comes up at the window's edge."""
        if self.cursor is None:
            last = min(self.first + self._room, len(self._symbols)) - 1
            self._put(self.first if by > 0 else last)
        else:
            self._put(self._at + by)

    def page(self, by: int) -> None:
        """Move the cursor by so many screens."""
        if self.cursor is None:
            self._put(self.first)
        self._put(self._at + by * max(1, self._room - 1))

    def top(self) -> None:
        self._put(0)

    def bottom(self) -> None:
        self._put(len(self._symbols) - 1)

    def find(self, matches: Callable[[str], bool], *, after: bool = False) -> bool:
        """Put the cursor on the next symbol that matches, its own too unless `after`. Whether one does."""
        start = self._at + after if self.cursor is not None else self.first
        order = [*self._symbols[start:], *self._symbols[:start]]
        found = next((symbol for symbol in order if matches(symbol)), None)
        if found is not None:
            self.go(found)
        return found is not None

    def _put(self, at: int) -> None:
        if self._symbols:
            self.cursor = self._symbols[max(0, min(at, len(self._symbols) - 1))]
            self._settle()

    def _settle(self) -> None:
        """See where the cursor's symbol stands now, and have it on the screen."""
        at = self._at
        if at < len(self._symbols) and self._symbols[at] == self.cursor:
            pass  # where it was, as nearly always
        elif self.cursor in self._symbols:
            self._at = self._symbols.index(self.cursor)
        elif self._symbols:
            self._at = min(self._at, len(self._symbols) - 1)
            self.cursor = self._symbols[self._at]
        else:
            self.cursor = None
            return
        self.first = max(self._at - self._room + 1, min(self.first, self._at))
