"""Highlights: which rows stand out for a while since an alert of theirs came true, and what it said."""

from __future__ import annotations

from tickstream.core.board import Now
from tickstream.core.ports import Fired

__all__ = ["LIT", "Highlights"]

LIT = 10.0
"""Seconds that a row stands out."""


class Highlights:
    """What fired lately. A view asks; nothing is told to it."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}
        self._note, self._note_until = "", float("-inf")

    def add(self, fired: Fired, now: Now) -> None:
        self._until[fired.id] = now.monotonic + LIT
        self.say(str(fired), now)

    def say(self, text: str, now: Now) -> None:
        """Let `text` be the note for a while."""
        self._note, self._note_until = text, now.monotonic + LIT

    def is_lit(self, symbol: str, now: Now) -> bool:
        return bool(self._until) and self._until.get(symbol, now.monotonic) > now.monotonic

    def note(self, now: Now) -> str:
        """What was said last, while it is news; else empty."""
        return self._note if now.monotonic < self._note_until else ""
