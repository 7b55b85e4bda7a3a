"""The user's terminal: where keys are typed, and the signals that come from it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["STDIN", "STDOUT", "keyboard_of", "terminal_signals", "until_typed"]

STDIN = 0
STDOUT = 1


@contextmanager
def keyboard_of() -> Iterator[int | None]:
    """Where keys are typed: stdin, or the terminal itself where symbols were read from stdin."""
    if os.isatty(STDIN):
        yield STDIN
        return
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
    except OSError:
        yield None
        return
    try:
        yield terminal
    finally:
        os.close(terminal)


async def until_typed(key: str, screen: Any, keyboard: int | None) -> None:
    """Until `key` is typed, a letter in either case."""
    ends = key.lower().encode(), key.upper().encode()
    done = asyncio.Event()
    if keyboard is None or not screen.has_keys:
        await done.wait()
        return
    loop = asyncio.get_running_loop()

    def typed() -> None:
        keys = os.read(keyboard, 1024)
        if not keys or any(end in keys for end in ends):
            done.set()

    loop.add_reader(keyboard, typed)
    try:
        await done.wait()
    finally:
        loop.remove_reader(keyboard)


@contextmanager
def terminal_signals(screen: Any, redraw: Any) -> Iterator[None]:
    """Ctrl-Z gives the terminal back and stops us; fg takes it again. A new size is drawn anew."""
    if sys.platform == "win32":
        yield
        return
    loop = asyncio.get_running_loop()

    def stop() -> None:
        screen.give_back()
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)
        loop.add_signal_handler(signal.SIGTSTP, stop)
        screen.take()
        redraw()

    loop.add_signal_handler(signal.SIGTSTP, stop)
    loop.add_signal_handler(signal.SIGWINCH, redraw)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGTSTP)
        loop.remove_signal_handler(signal.SIGWINCH)
