"""The rows that a table shows: those of the board, or what they were when it was paused."""

from __future__ import annotations

from collections.abc import Iterable

from tickstream.core.board import Now, Row
from tickstream.core.text import seconds_text
from tickstream.hub import Hub

__all__ = ["Held"]


class Held:
    """Rows by symbol, and when it is for them: a row that stands still does not age either."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._since: Now | None = None
        self._rows: dict[str, Row] = {}

    @property
    def paused(self) -> bool:
        return self._since is not None

    @property
    def mark(self) -> str:
        """What rows that stand still are marked as, and for how long they have; else empty."""
        if self._since is None:
            return ""
        return f"PAUSED {seconds_text(self._hub.now().wall - self._since.wall)}"

    def now(self) -> Now:
        return self._since or self._hub.now()

    def row(self, symbol: str) -> Row:
        """The row of `symbol`; one that was not there when it was paused stays empty."""
        if self._since is None:
            return self._hub.board.row(symbol)
        return self._rows.get(symbol) or Row(symbol)

    def pause(self, symbols: Iterable[str]) -> None:
        """Hold these rows as they are."""
        self._since = self._hub.now()
        self._rows = {symbol: self._hub.board.row(symbol).copy() for symbol in symbols}

    def resume(self) -> None:
        self._since, self._rows = None, {}
