"""A line that is typed below a live view, and what is done with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tickstream.sinks.frame import Piece

__all__ = ["Prompt"]

_MOST = 200


class Prompt:
    """Asks for one line. `typed` hears of each change; `done` gets the line, unless Esc is pressed."""

    def __init__(
        self, what: str, done: Callable[[str], None], typed: Callable[[str], None] = lambda text: None
    ) -> None:
        self.text = ""
        self._what, self._done, self._typed = what, done, typed

    @property
    def pieces(self) -> Sequence[Piece]:
        return ((f" {self._what} ", "title"), (f" {self.text}", ""), ("▏", "accent"))

    @property
    def hints(self) -> Sequence[tuple[str, str]]:
        return (("enter", "done"), ("esc", "not at all"))

    def press(self, key: str) -> bool:
        """Whether it goes on after this key."""
        if key == "enter":
            self._done(self.text.strip())
        if key in ("enter", "esc"):
            return False
        before = self.text
        if key == "backspace":
            self.text = self.text[:-1]
        elif key == "clear":
            self.text = ""
        elif len(key) == 1:
            self.text = (self.text + key)[:_MOST]
        if self.text != before:
            self._typed(self.text)
        return True
