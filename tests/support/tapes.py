"""Tapes for tests: written by hand, and played on a clock that needs no waiting."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path

from tests.support.streamer import frame
from tickstream.core.jsontext import json_lines
from tickstream.core.packing import packing_for
from tickstream.core.ports import Event, Link, Status
from tickstream.core.tape import line_of, version_line
from tickstream.core.tick import Tick, Value
from tickstream.sources.yahoo.frames import decode

__all__ = ["BEGAN", "FastTime", "live", "push", "write_tape"]

BEGAN = 1_789_032_600_000
"""2026-09-10, 09:30:00 UTC, in ms."""

Line = tuple[int, Tick | Event]
"""Milliseconds after the beginning, and what came then."""


def push(after: int, symbol: str = "AAPL", price: float = 100.0, **more: Value) -> Line:
    """A push that came so many ms after the beginning, stamped a tenth of a second before it came."""
    tick = decode(frame(symbol, price, time=BEGAN + after - 100, **more), now=(BEGAN + after) / 1000)
    assert tick is not None
    return after, tick


def live(after: int = 0, mark: str = "") -> Line:
    return after, Status(Link.LIVE, BEGAN + after, mark=mark)


def tape_bytes(*lines: Line) -> bytes:
    return version_line(BEGAN) + json_lines([line_of(BEGAN + after, item) for after, item in lines])


def write_tape(path: Path, *lines: Line, more: Iterable[bytes] = ()) -> Path:
    """A tape with these lines, and behind them `more` as it is; packed as its name says."""
    path.write_bytes(packing_for(path.name).pack(tape_bytes(*lines) + b"".join(more)))
    return path


class FastTime:
    """A clock that moves only when somebody sleeps, and then at once."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        if seconds > 0:
            self.slept.append(round(seconds, 6))
            self.now += seconds
        await asyncio.sleep(0)
