"""Running a command's coroutine: signals end it in order, and soon in any case."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Coroutine
from typing import Any

from tickstream.sinks.terminal import give_all_back, hurry_all

__all__ = ["run_async", "set_log_level"]

GRACE = 0.9
"""Seconds in which a command has to end after a signal, unless it says how long it needs."""

COLLECT = 60.0
"""Seconds from one collection of garbage to the next."""
MOST_COLLECTING = 1 / 10_000
"""Of the time, for collections: with thousands of clients one takes a tenth of a second, and all waits; but
one in ten times as long there is."""

_DESCRIPTORS = 16
"""File descriptors that are needed at least: for the loop, a connection and modules still to be loaded."""
_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT")
_IGNORABLE = frozenset({"SIGHUP"})
"""What `nohup` has us started with ignored, so that we outlive the terminal."""


def run_async(
    main: Coroutine[Any, Any, None],
    *,
    grace: float = GRACE,
    hangup: Callable[[], None] | None = None,
    serves: bool = False,
) -> None:
    """Run `main` until it ends or a signal ends it, within `grace` seconds.

    Where there is a `hangup`, SIGHUP calls it and ends nothing. What `serves` many does not end because one
    connection found no memory.

    Raises:
        SystemExit: a signal ended it: 130 for Ctrl-C, 143 for SIGTERM, 129 for SIGHUP.
        MemoryError: there is not enough memory.
        OSError: there are too few file descriptors to begin with.
    """
    # httpx loads its own command line where it can, with all of rich, pygments and click: 15 MiB, and a third
    # of its import. This is the way of Python to say that there is none, and httpx does without.
    sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
    gc.freeze()
    gc.enable()
    try:
        _find_descriptors()
        loop = _new_loop()
    except OSError:
        main.close()
        raise
    loop.call_later(COLLECT, _collect, loop)
    try:
        loop.run_until_complete(_until_signal(main, grace, hangup, serves=serves))
    finally:
        # asyncio.run would wait here for a thread that looks up a name; close() does not.
        _cancel_rest(loop)
        loop.close()


def _find_descriptors() -> None:
    """Find out whether there are as many as are needed, before one is missing in the middle of an import."""
    found: list[int] = []
    try:
        found.extend(os.open(os.devnull, os.O_RDONLY) for _ in range(_DESCRIPTORS))
    finally:
        for descriptor in found:
            os.close(descriptor)


def _new_loop() -> asyncio.AbstractEventLoop:
    """uvloop's where the extra `[fast]` is installed, else asyncio's own."""
    try:
        from uvloop import new_event_loop
    except ImportError:
        return asyncio.new_event_loop()
    loop: asyncio.AbstractEventLoop = new_event_loop()
    return loop


async def _until_signal(
    main: Coroutine[Any, Any, None], grace: float, hangup: Callable[[], None] | None, *, serves: bool
) -> None:
    task = asyncio.ensure_future(main)
    got: list[int] = []

    def end(number: int) -> None:
        if hangup is not None and number == getattr(signal, "SIGHUP", None):
            hangup()
            return
        if got:
            _end_now(128 + number)
        got.append(number)
        hurry_all()
        hurry = threading.Timer(grace, _end_now, [128 + number])
        hurry.daemon = True
        hurry.start()
        task.cancel()

    _handle_signals(end, _IGNORABLE if hangup is None else frozenset())
    starved: list[MemoryError] = []
    if not serves:
        _handle_starving(task, starved)
    try:
        await task
    except asyncio.CancelledError:
        if starved and not got:
            raise starved[0] from None
        if not got:
            raise
    if got:
        raise SystemExit(128 + got[0])


def _collect(loop: asyncio.AbstractEventLoop) -> None:
    """Collect all garbage, now and from time to time.

    Python does so by itself after so many allocations more than releases, and we make so few that it looks
    through all of it each forty minutes: until then what each exchange over HTTP leaves in cycles piles up,
    and so do the tuples that CPython keeps for the next use, of which it lets go at no other time.
    """
    began = time.thread_time()
    gc.collect()
    took = time.thread_time() - began
    loop.call_later(min(max(COLLECT, took / MOST_COLLECTING), 10 * COLLECT), _collect, loop)


def _handle_starving(task: asyncio.Future[None], starved: list[MemoryError]) -> None:
    """End `task` where a callback finds no memory, as if it had met that itself.

    The loop would print a traceback, over a table, and go on without the connection.
    """

    def handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if not isinstance(error, MemoryError):
            loop.default_exception_handler(context)
            return
        starved.append(error)
        task.cancel()

    asyncio.get_running_loop().set_exception_handler(handle)


def _handle_signals(end: Any, ignorable: frozenset[str]) -> None:
    loop = asyncio.get_running_loop()
    for name in _SIGNALS:
        if not hasattr(signal, name):
            continue
        number = getattr(signal, name)
        if name in ignorable and signal.getsignal(number) is signal.SIG_IGN:
            continue
        if sys.platform == "win32":
            signal.signal(number, lambda number, frame: loop.call_soon_threadsafe(end, number))
        else:
            loop.add_signal_handler(number, end, number)


def _end_now(code: int) -> None:
    give_all_back()
    os._exit(code)


def _cancel_rest(loop: asyncio.AbstractEventLoop) -> None:
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    if tasks:
        loop.run_until_complete(asyncio.wait(tasks, timeout=GRACE))


def set_log_level(name: str) -> None:
    """Let the libraries say on stderr what is at least this important."""
    level = logging.getLevelNamesMapping()[name.upper()]
    logging.basicConfig(level=level, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    # At DEBUG these print headers, and with them whatever is secret in them; httpx at INFO whole addresses.
    for library, least in (
        ("websockets", logging.INFO),
        ("httpcore", logging.INFO),
        ("httpx", logging.WARNING),
    ):
        logging.getLogger(library).setLevel(max(level, least))
