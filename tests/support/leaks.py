"""What a test may not leave behind: tasks, descriptors, threads, processes, and who a gauge still counts.

A `Watch` begins before a test and is asked after it. What it sees at first may
be about to go (a thread that ends, a socket that only the collector closes),
so it looks again before it calls that left. Where there is no /proc,
descriptors and processes are not looked at.
"""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import wraps
from pathlib import Path
from typing import Any

__all__ = ["KEPT", "KEPT_DESCRIPTORS", "Watch", "watch_loops"]

GRACE = 2.0
"""Seconds for what ends by itself."""

KEPT: set[int] = set()
"""Processes that the whole run keeps."""
KEPT_DESCRIPTORS: set[int] = set()
"""Descriptors that the whole run keeps."""

_FDS = "/proc/self/fd"
_THREADS = "/proc/self/task"

_tasks: list[str] = []
"""Tasks that were pending when the coroutine that a loop was run for had ended, since last asked."""
_built: list[Any] = []
"""Servers that were built, and hubs that ran, since last asked."""
_wrapped: set[str] = set()

_GAUGES = ("clients", "channels", "symbols", "unopened", "buffered_bytes")
"""Those of a server that count what there is while somebody is there."""


class Watch:
    """What there was before a test."""

    def __init__(self) -> None:
        # Collections of other tests are of no concern to this one.
        _tasks.clear()
        _built.clear()
        _wrap_built()
        self._descriptors = _descriptors()
        self._threads = set(threading.enumerate())
        self._children = set(_children())

    def left(self) -> list[str]:
        """What is left of the test, a line each; it is given time to go."""
        found = [*_tasks, *(text for one in _built for text in _counted(one))]
        _built.clear()
        found += _settled(self._left_threads)
        found += _settled(self._left_children)
        found += _settled(self._left_descriptors, gc.collect)
        return found

    def _left_threads(self) -> list[str]:
        left = (one for one in threading.enumerate() if one not in self._threads)
        return [f"the thread {one.name}" for one in left]

    def _left_children(self) -> list[str]:
        left = set(_children()) - self._children - KEPT
        return [f"the process {pid} ({_command(pid)})" for pid in sorted(left)]

    def _left_descriptors(self) -> list[str]:
        before = Counter(self._descriptors.values())
        found = []
        for number, target in _descriptors().items():
            before[target] -= 1
            if before[target] < 0:
                found.append(f"the descriptor {number} ({target})")
        return found


def _settled(look: Callable[[], list[str]], collect: Callable[[], object] | None = None) -> list[str]:
    """What `look` still finds after some time, if it finds anything at all."""
    if not (left := look()):
        return []
    if collect is not None:
        collect()
    deadline = time.monotonic() + GRACE
    while (left := look()) and time.monotonic() < deadline:
        time.sleep(0.005)
    return left


def _descriptors() -> dict[str, str]:
    """What is open, by its number."""
    found = {}
    try:
        numbers = os.listdir(_FDS)  # noqa: PTH208 - after each test: a Path costs ten times as much
    except OSError:
        return {}
    for number in numbers:
        if int(number) in KEPT_DESCRIPTORS:
            continue
        # The one that the list was read by is gone, and another thread may close one meanwhile.
        with suppress(OSError):
            found[number] = os.readlink(f"{_FDS}/{number}")  # noqa: PTH115
    return found


def _children() -> Iterator[int]:
    """Our child processes, those included that have ended and that nobody waited for."""
    with suppress(OSError):
        for thread in os.listdir(_THREADS):  # noqa: PTH208
            with suppress(OSError):
                yield from map(int, Path(f"{_THREADS}/{thread}/children").read_text().split())


def _command(pid: int) -> str:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return "gone"
    return " ".join(words).strip()[:100] or "a zombie"


def _counted(one: Any) -> Iterator[str]:
    """What a hub or a server still counts, when all has ended."""
    if hasattr(one, "publish"):
        if one.symbols:
            yield f"readers of {', '.join(sorted(one.symbols)[:5])} in a hub"
        return
    for line in one.metrics.text().splitlines():
        name, _, value = line.removeprefix("tickstream_").rpartition(" ")
        if name.partition("{")[0] in _GAUGES and float(value):
            yield f"the gauge {name} of a server at {value}"


def _wrap_built() -> None:
    """Note servers as they are built and hubs as they run, from when something has imported them."""
    of = (("tickstream.hub", "Hub", "run"), ("tickstream.server.app", "Server", "__init__"))
    for module, name, method in of:
        if module in sys.modules and module not in _wrapped:
            _wrapped.add(module)
            _note(getattr(sys.modules[module], name), method)


def _note(kind: Any, method: str) -> None:
    call = getattr(kind, method)

    @wraps(call)
    def noted(self: Any, *arguments: Any, **options: Any) -> Any:
        if all(self is not other for other in _built):
            _built.append(self)
        return call(self, *arguments, **options)

    setattr(kind, method, noted)


def watch_loops() -> None:
    """Note what asyncio.run would cancel in silence: tasks that outlive the coroutine it ran."""
    runners: Any = asyncio.runners
    cancel = runners._cancel_all_tasks

    @wraps(cancel)
    def noted(loop: asyncio.AbstractEventLoop) -> None:
        if tasks := asyncio.all_tasks(loop):
            _, pending = loop.run_until_complete(asyncio.wait(tasks, timeout=GRACE))
            _tasks.extend(f"the task {task.get_name()} ({_work_of(task)})" for task in pending)
        cancel(loop)

    runners._cancel_all_tasks = noted


def _work_of(task: asyncio.Task[Any]) -> str:
    return str(getattr(task.get_coro(), "__qualname__", task.get_coro()))
