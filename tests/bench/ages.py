"""How old ticks are when clients have them: `python -m tests.bench.ages PORT PATH UPSTREAM COUNT`.

`COUNT` clients parse what they are sent. A connection of its own to the
upstream says what was pushed there, and when. The age of a pushed tick is the
time from its stamp until a client that follows its symbol has it, or a newer
one of that symbol; so what was conflated away counts as well, from its own
stamp. Whatever never was pushed upstream, and whatever is older than what the
client had, is counted as an error.

Each line on stdin ends a period; its figures are a line of JSON on stdout. What
the first period says is of no use: not all are there yet.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice, pairwise
from typing import Any

from websockets.asyncio.client import connect

from tests.bench.watch import SYMBOLS
from tests.bench.wire import raise_open_files, sets
from tickstream.sources.yahoo.frames import decode

LATEST = 1000.0
"""Ticks of the last so many ms of a period are left to the next one."""


@dataclass
class Client:
    """What one client had of each symbol: stamps, and when they came (both in ms)."""

    symbols: list[str]
    had: dict[str, list[tuple[int, float]]] = field(default_factory=lambda: defaultdict(list))


class Ages:
    """All clients, and what was pushed to them."""

    def __init__(self, count: int) -> None:
        self.clients = [Client(symbols) for symbols in islice(sets(7), count)]
        self.pushed: dict[str, list[tuple[int, float]]] = defaultdict(list)
        self.began = time.time() * 1000

    async def observe(self, url: str) -> None:
        """Follow the upstream itself."""
        async with connect(url, proxy=None, compression=None) as socket:
            await socket.send(json.dumps({"subscribe": SYMBOLS}))
            async for message in socket:
                tick = decode(message)
                if tick is not None:
                    self.pushed[tick.id].append((_int(tick.time), float(tick.price or 0)))

    async def listen(self, url: str, client: Client) -> None:
        form = "json" if "json" in url else "yahoo"
        async with connect(url, proxy=None, compression=None) as socket:
            await socket.send(json.dumps({"subscribe": client.symbols}))
            async for message in socket:
                now = time.time() * 1000
                said: Any = json.loads(message) if form == "json" else decode(message)
                symbol, stamp = (said["id"], said["time"]) if form == "json" else (said.id, said.time)
                client.had[symbol].append((stamp, now))

    def report(self) -> dict[str, float]:
        """The figures of the period that ends now."""
        until = time.time() * 1000
        end = until - LATEST
        ages: list[float] = []
        errors = 0
        for symbol, ticks in self.pushed.items():
            pushed = sorted({stamp for stamp, _ in ticks if self.began <= stamp < end})
            for client in self.clients:
                if symbol in client.symbols:
                    had = client.had[symbol]
                    ages += _ages(pushed, had, until)
                    errors += _errors(set(pushed), had, self.began, end)
        self.began = end
        ages.sort()
        figures = {f"p{part}": ages[min(len(ages) - 1, len(ages) * part // 100)] for part in (50, 99)}
        return figures | {"max": ages[-1], "ticks": len(ages), "errors": errors}


def _ages(pushed: list[int], had: list[tuple[int, float]], until: float) -> Iterator[float]:
    """Of each tick of one symbol, until the client had it or a newer one, or has still not."""
    newest = 0
    rows = iter(had)
    came = until
    for stamp in pushed:
        while newest < stamp:
            newest, came = next(rows, (sys.maxsize, until))
        yield came - stamp


def _errors(pushed: set[int], had: list[tuple[int, float]], began: float, end: float) -> int:
    """How many rows were never pushed, or older than the one before."""
    stamps = [stamp for stamp, _ in had]
    unknown = sum(began <= stamp < end and stamp not in pushed for stamp in stamps)
    return unknown + sum(later < earlier for earlier, later in pairwise(stamps))


def _int(value: int | None) -> int:
    assert value is not None
    return value


async def main(port: str, path: str, upstream: str, count: str) -> None:
    ages = Ages(int(count))
    async with asyncio.TaskGroup() as group:
        url = f"ws://127.0.0.1:{port}{path}"
        work = [group.create_task(ages.listen(url, client)) for client in ages.clients]
        work.append(group.create_task(ages.observe(upstream)))
        while await asyncio.to_thread(sys.stdin.readline):
            print(json.dumps(ages.report()), flush=True)
        for task in work:
            task.cancel()


if __name__ == "__main__":
    raise_open_files()
    asyncio.run(main(*sys.argv[1:]))
