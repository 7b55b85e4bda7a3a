"""The user's terminal: where keys are typed, and the signals that come from it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from tickstream.sinks.keyboard import KeyDecoder, console_keys

__all__ = ["STDIN", "STDOUT", "keyboard_of", "read_keys", "terminal_signals", "until_typed"]

STDIN = 0
STDOUT = 1

_ALONE = 0.05
"""Seconds after which an escape was a key, and not the beginning of another one's."""
_LOOK = 0.03
"""Seconds between two looks at a Windows console, which wakes nobody."""


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


async def read_keys(screen: Any, keyboard: int | None, press: Callable[[str], bool]) -> None:
    """Hand each key to `press` as it is typed, until that says that it is enough.

    Where there is no keyboard nothing is ever typed.
    """
    ended = asyncio.Event()

    def typed(keys: Sequence[str]) -> None:
        # None of those that were typed behind the last one means anything any more.
        if not ended.is_set() and any(map(press, keys)):
            ended.set()

    if keyboard is None or not screen.has_keys:
        await ended.wait()
    elif sys.platform == "win32":
        while not ended.is_set():
            typed(console_keys())
            await asyncio.sleep(_LOOK)
    else:
        with _reading(keyboard, typed, ended.set):
            await ended.wait()


@contextmanager
def _reading(
    keyboard: int, typed: Callable[[Sequence[str]], None], hung_up: Callable[[], None]
) -> Iterator[None]:
    """Let `typed` have the keys that come from `keyboard`, and tell where there is nobody any more."""
    loop, decoder = asyncio.get_running_loop(), KeyDecoder()
    alone: asyncio.TimerHandle | None = None

    def read() -> None:
        nonlocal alone
        if alone:
            alone.cancel()
        data = os.read(keyboard, 1024)
        if not data:
            hung_up()
            return
        typed(decoder.feed(data))
        if decoder.waiting:
            alone = loop.call_later(_ALONE, lambda: typed(decoder.flush()))

    loop.add_reader(keyboard, read)
    try:
        yield
    finally:
        loop.remove_reader(keyboard)
        if alone:
            alone.cancel()


async def until_typed(key: str, screen: Any, keyboard: int | None) -> None:
    """Until `key` is typed, a letter in either case."""
    await read_keys(screen, keyboard, lambda pressed: pressed.lower() == key.lower())


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

    def resized() -> None:
        # A window that was dragged small and back has the size of before, and not what stood in it.
        screen.forget()
        redraw()

    loop.add_signal_handler(signal.SIGTSTP, stop)
    loop.add_signal_handler(signal.SIGWINCH, resized)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGTSTP)
        loop.remove_signal_handler(signal.SIGWINCH)
