"""The terminal: taken over for a while, drawn on line by line, and always given back.

Only lines that changed are sent, within a synchronized update, so that a
table over a slow link neither flickers nor piles up. What was taken is given
back in every way to leave: a normal end, an error, a signal, Ctrl-Z.
"""

from __future__ import annotations

import os
import sys
import weakref
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from tickstream.errors import OutputError
from tickstream.sinks.output import Output, can_write, write_all

__all__ = ["Screen", "give_all_back", "hurry_all", "size_of"]

_screens: weakref.WeakSet[Screen] = weakref.WeakSet()

# Alternate screen, no cursor, no line wrap; and back.
_TAKE = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[H\x1b[2J"
_GIVE_BACK = "\x1b[?7h\x1b[?25h\x1b[?1049l"
_BEGIN_UPDATE, _END_UPDATE = "\x1b[?2026h", "\x1b[?2026l"
_PATIENCE, _HURRY = 2.0, 0.4
"""Seconds that a terminal may take nothing before it is left as it is, and after a signal."""


def size_of(fd: int) -> tuple[int, int]:
    """Columns and lines of the terminal, at least 1 by 1; 80 by 24 where it does not say."""
    try:
        columns, lines = os.get_terminal_size(fd)
    except OSError:
        return 80, 24
    return columns or 80, lines or 24


def give_all_back() -> None:
    """Give every terminal back that takes it at once, before the process ends without unwinding."""
    for screen in tuple(_screens):
        screen.give_back(patience=0.0)


def hurry_all() -> None:
    """A signal came: no terminal is waited for as long as otherwise."""
    for screen in tuple(_screens):
        screen.patience = _HURRY


class Screen:
    """The alternate screen of the terminal that `output` writes to, and the keys typed on `keyboard`.

    Entering takes the terminal over; leaving gives it back as it was. Drawing
    hands one frame to the output's thread, and is skipped while that is busy.
    """

    def __init__(self, output: Output, keyboard: int | None = None) -> None:
        self._output = output
        self._keyboard = keyboard
        self._modes: list[Any] | None = None
        self._shown: list[str] = []
        self._size = (0, 0)
        self._taken = self._take_later = False
        self._aside: deque[str] = deque(maxlen=20)
        self.patience = _PATIENCE
        """Seconds that the terminal may take nothing before it is left as it is."""
        _screens.add(self)

    def __enter__(self) -> Self:
        self.take()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.give_back()

    @property
    def size(self) -> tuple[int, int]:
        return size_of(self._output.fd)

    @property
    def has_keys(self) -> bool:
        """Whether keys reach us, one by one."""
        return self._modes is not None or (sys.platform == "win32" and self._keyboard is not None)

    def take(self) -> None:
        """Take the terminal over; the next frame is drawn whole."""
        self._taken = True
        self.forget()
        self._read_keys()
        # A terminal that was stopped would stop us with it: then it is taken with the first frame.
        self._take_later = not can_write(self._output.fd, 0.0)
        if not self._take_later:
            write_all(self._output.fd, _TAKE.encode())

    def forget(self) -> None:
        """What stands on the screen may not be what was drawn: the next frame is drawn whole."""
        self._shown = []
        self._size = (0, 0)

    def give_back(self, patience: float | None = None) -> None:
        """Give the terminal back, if it takes anything in time; again does no harm."""
        if not self._taken:
            return
        self._restore_keys()
        # A frame may be half written, to a terminal that is slow: nobody will look at the other half.
        self._output.cut()
        with suppress(OutputError):
            if can_write(self._output.fd, self.patience if patience is None else patience):
                # The end of an update goes first.
                write_all(self._output.fd, (_END_UPDATE + _GIVE_BACK).encode())
        # Last: where this takes too long another thread does it, and ends the process.
        self._taken = False

    @property
    def ready(self) -> bool:
        """Whether a frame can be drawn now: the screen is ours, and the last one was taken."""
        return self._taken and self._output.idle

    def draw(self, lines: Sequence[str]) -> bool:
        """Show `lines`, each exactly as wide as the screen; whether it could be drawn now."""
        if not self.ready:
            return False
        self._output.check()
        frame = self._difference(lines)
        if self._take_later:
            self._take_later, frame = False, _TAKE + frame
        aside = "".join(dict.fromkeys(self._aside))
        self._aside.clear()
        if frame:
            frame = f"{_BEGIN_UPDATE}{frame}{_END_UPDATE}"
        if frame or aside:
            self._output.write((frame + aside).encode("utf-8", "replace"))
        return True

    def send(self, text: str) -> None:
        """Send `text`, which shows nothing on the screen, with the next frame: the bell, a notification."""
        self._aside.append(text)

    def _difference(self, lines: Sequence[str]) -> str:
        size = self.size
        shown = self._shown
        start = ""
        if size != self._size:
            self._size, shown, start = size, [], "\x1b[2J"
        changed = [
            f"\x1b[{number + 1};1H{line}"
            for number, line in enumerate(lines)
            if number >= len(shown) or shown[number] != line
        ]
        below = [f"\x1b[{number + 1};1H\x1b[2K" for number in range(len(lines), len(shown))]
        self._shown = list(lines)
        return start + "".join(changed) + "".join(below)

    def _read_keys(self) -> None:
        if self._keyboard is None or sys.platform == "win32":
            return
        import termios
        import tty

        with suppress(termios.error):
            self._modes = termios.tcgetattr(self._keyboard)
            # Keys come one by one and unseen; Ctrl-C and Ctrl-Z stay signals.
            tty.setcbreak(self._keyboard, termios.TCSANOW)

    def _restore_keys(self) -> None:
        if self._modes is None or self._keyboard is None or sys.platform == "win32":
            return
        import termios

        with suppress(termios.error):
            termios.tcsetattr(self._keyboard, termios.TCSANOW, self._modes)
        self._modes = None
