"""The server's log: one line an event, `time event key=value …`, whatever is in the values."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from tickstream.core.jsontext import json_text
from tickstream.core.text import clean
from tickstream.core.views import iso

__all__ = ["Log"]

_SECRETS = re.compile(
    r"""(?<=//)[^/@\s]+(?=@)|(?<=[?&])(key|token|crumb|password)=[^&\s'"]*""", re.IGNORECASE
)
"""What may stand in an address and is nobody's business: who we are there, and what opens it."""


class Log:
    """Says events by `write`, a line each; the same event no more often than `every` seconds asks."""

    def __init__(self, write: Callable[[str], None], *, wall: Callable[[], float] = time.time) -> None:
        self._write, self._wall = write, wall
        self._last: dict[str, float] = {}
        self._held: dict[str, int] = {}

    def __call__(self, event: str, *, every: float = 0.0, **values: object) -> None:
        """Say it; with `every`, what comes sooner after the last is only counted, and said with the next."""
        now = self._wall()
        if every and 0 <= now - self._last.get(event, float("-inf")) < every:
            self._held[event] = self._held.get(event, 0) + 1
            return
        self._last[event] = now
        if held := self._held.pop(event, 0):
            values["more"] = held
        words = [iso(now) or "", event, *(f"{name}={_value(value)}" for name, value in values.items())]
        self._write(" ".join(words))


def _value(value: object) -> str:
    """Plain where it is plain, else as JSON in ASCII: no line can be forged by what a client says."""
    text = clean(_SECRETS.sub("***", str(value)), 200)
    if text and all(letter.isascii() and (letter.isalnum() or letter in "-_.:/,%") for letter in text):
        return text
    return json_text(text).decode()
