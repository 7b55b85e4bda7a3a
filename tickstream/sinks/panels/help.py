"""The help: every key, and what it does."""

from __future__ import annotations

from collections.abc import Mapping

from tickstream.core.board import Now
from tickstream.core.keys import ACTIONS, keys_of
from tickstream.sinks.frame import Piece
from tickstream.sinks.paint import fit
from tickstream.sinks.panels.panel import Scrolled

__all__ = ["Help"]

_TYPED: Mapping[str, str] = {
    "up": "↑",
    "down": "↓",
    "pgup": "PgUp",
    "pgdn": "PgDn",
    "home": "Home",
    "end": "End",
    "enter": "Enter",
    "tab": "Tab",
    "delete": "Del",
    " ": "Space",
}
_KEYS, _COLUMN = 16, 60
"""Columns for the keys of an action, and for an action with them."""


class Help(Scrolled):
    """The keys by what they do, beside each other where there is room."""

    title = "keys"

    def __init__(self, keys: Mapping[str, str]) -> None:
        super().__init__()
        self._entries = [
            (" ".join(_TYPED.get(key, key) for key in keys_of(name, keys)), action.says)
            for name, action in ACTIONS.items()
        ]
        self._entries.append(("Esc", "close this, else let the row go, else quit"))

    def content(self, width: int, now: Now) -> list[list[Piece]]:
        columns = 2 if width >= 2 * _COLUMN else 1
        height = -(-len(self._entries) // columns)
        return [
            [piece for entry in self._entries[line::height] for piece in _entry(*entry, width // columns)]
            for line in range(height)
        ]


def _entry(keys: str, says: str, width: int) -> list[Piece]:
    return [(f"  {fit(keys, _KEYS)}", "bold"), (fit(says, max(1, width - _KEYS - 2)), "")]
