"""What a terminal sends when keys are pressed, as the names of keys.

A key is one character as it was typed, or a name: `up`, `pgdn`, `enter`,
`esc`. What is none of these, as a mouse or an answer of the terminal, is nothing.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from importlib import import_module

__all__ = ["KeyDecoder", "console_keys"]

_CONTROLS: Mapping[str, str] = {
    "\r": "enter",
    "\n": "enter",
    "\t": "tab",
    "\x7f": "backspace",
    "\b": "backspace",
    "\x15": "clear",
}
_LETTERS: Mapping[str, str] = {
    "A": "up",
    "B": "down",
    "C": "right",
    "D": "left",
    "H": "home",
    "F": "end",
    "M": "enter",
}
_NUMBERS: Mapping[str, str] = {
    "1": "home",
    "3": "delete",
    "4": "end",
    "5": "pgup",
    "6": "pgdn",
    "7": "home",
    "8": "end",
}
_CONSOLE: Mapping[str, str] = {
    "H": "up",
    "P": "down",
    "K": "left",
    "M": "right",
    "G": "home",
    "O": "end",
    "I": "pgup",
    "Q": "pgdn",
    "S": "delete",
}
"""The second character that a Windows console sends for a key without one of its own."""

# A control sequence of ECMA-48, one of an application keypad, a string up to its end, or Alt and a key.
_SEQUENCE = re.compile(
    r"\x1b(?:\[([0-9;:<=>?]*)[ -/]*([@-~])|O([ -~])|[\]P^_X](?s:.*?)(?:\x07|\x1b\\)|([^\[O\]P^_X\x1b]))"
)
_MOST = 4096


class KeyDecoder:
    """Bytes in, keys out, however the bytes were cut.

    An escape may be the key, or begin a sequence: while `waiting` says so, `flush`
    is to be called once nothing has followed for a moment.
    """

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("ignore")
        self._text = ""

    @property
    def waiting(self) -> bool:
        return bool(self._text)

    def feed(self, data: bytes) -> list[str]:
        """The keys that are complete now."""
        self._text += self._decoder.decode(data)
        keys: list[str] = []
        while self._text:
            if self._text[0] != "\x1b":
                keys.append(_plain(self._text[0]))
                self._text = self._text[1:]
            elif found := _SEQUENCE.match(self._text):
                keys.append(_named(found))
                self._text = self._text[found.end() :]
            elif self._text.startswith("\x1b\x1b"):
                keys.append("esc")
                self._text = self._text[1:]
            else:
                break
        if len(self._text) > _MOST:
            self._text = ""
        return [key for key in keys if key]

    def flush(self) -> list[str]:
        """Nothing followed: an escape was the key, and what has only begun is none."""
        text, self._text = self._text, ""
        return ["esc"] if text == "\x1b" else []


def _plain(char: str) -> str:
    return _CONTROLS.get(char) or (char if char.isprintable() else "")


def _named(found: re.Match[str]) -> str:
    numbers, final, keypad, _ = found.groups()
    if keypad:
        return _LETTERS.get(keypad, "")
    if final == "~":
        return _NUMBERS.get((numbers or "").partition(";")[0], "")
    return _LETTERS.get(final or "", "") if not (numbers or "").startswith(("<", "?", ">")) else ""


def console_keys() -> list[str]:
    """The keys that wait in a Windows console."""
    console = import_module("msvcrt")
    keys = []
    while console.kbhit():
        char = console.getwch()
        if char in ("\0", "\xe0"):
            keys.append(_CONSOLE.get(console.getwch(), ""))
        else:
            keys.append("esc" if char == "\x1b" else _plain(char))
    return [key for key in keys if key]
