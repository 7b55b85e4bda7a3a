"""All that takes part in a soak: started in order, sampled while it runs, ended in order."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack

from tests.soak.chaos import Chaos, chaos
from tests.soak.child import Child, Cost, cost_of, module
from tests.soak.consumers import Lines, Stuck, Table, Ticks, Views
from tests.soak.ledger import SYMBOLS, Account, Ledger
from tests.soak.metrics import read_metrics
from tests.support.process import TICKSTREAM
from tests.support.redis import REDIS, Redis, free_port

__all__ = ["Stage"]

AGAIN = 1000
"""Numbers that are left out where the simulator begins anew, so that none is given twice."""


class Stage:
    """Who takes part. Entering it starts all; `close` kills what is left."""

    def __init__(self, rate: float) -> None:
        self.ledger = Ledger()
        self.port = free_port()
        self.rate = rate
        self.redis = Redis() if REDIS else None
        self.costs: dict[str, list[tuple[float, Cost]]] = {}
        self.gauges: list[list[dict[str, float]]] = []
        """What the servers said of themselves, each time they were asked."""
        self.upstream: Child
        self.upstreams: list[Child] = []
        self.proxies: list[Chaos] = []
        self.servers: list[Child] = []
        self.places: list[str] = []
        self.lines: list[Lines] = []
        self.tables: list[Table] = []
        self.ticks: list[Ticks] = []
        self.views: list[Views] = []
        self.stuck: list[Stuck] = []
        self._work: list[asyncio.Task[None]] = []
        self._stack = AsyncExitStack()

    @property
    def accounts(self) -> list[Account]:
        """Of each who takes ticks."""
        consumers: list[Lines | Table | Ticks] = [*self.lines, *self.tables, *self.ticks]
        return [consumer.account for consumer in consumers]

    @property
    def watched(self) -> Sequence[Child | Table]:
        """The processes of ours that are under test."""
        return [*self.servers, *self.lines, *self.tables]

    async def start(self) -> None:
        self._stack.callback(self._kill)
        await self.start_upstream()
        for _ in range(2):
            self.proxies.append(await self._stack.enter_async_context(chaos(self.port)))
        if self.redis:
            await asyncio.to_thread(self.redis.start)
        direct, served = (f"yahoo+http://127.0.0.1:{proxy.port}" for proxy in self.proxies)
        names = ("serve A", "serve B")[: 2 if self.redis else 1]
        self.places += await asyncio.gather(*(self._serve(name, served) for name in names))
        first, last = (f"ws://{place}" for place in (self.places[0], self.places[-1]))
        self.lines += [Lines("lines", direct), Lines("lines of a server", last)]
        self.tables += [Table("table", direct), Table("table of a server", first)]
        consumers: list[Child | Table] = [*self.lines, *self.tables]
        await asyncio.gather(*(one.start() for one in consumers))
        for name, place in zip("AB", self.places, strict=False):
            self.ticks.append(Ticks(f"client of {name}, each push", place, every=True))
            self.ticks.append(Ticks(f"client of {name}, rows", place, every=False))
        self.views.append(Views("quotes", self.places[0], "/quotes", ",".join(SYMBOLS)))
        self.views.append(Views("hours", self.places[-1], "/hours"))
        self._work += [asyncio.create_task(client.run()) for client in (*self.ticks, *self.views)]
        self._work.append(asyncio.create_task(self._look()))

    async def start_upstream(self) -> None:
        """The simulator, at the port that it always has."""
        first = str(self.ledger.highest + AGAIN if self.ledger.highest else 0)
        command = module("tests.soak.upstream", str(self.port), f"{self.rate:g}", first)
        self.upstream = Child("simulator", command)
        self.upstream.read = self._note
        self.upstreams.append(self.upstream)
        await self.upstream.start()
        await self.upstream.until_said("listening")

    async def end_upstream(self, number: int) -> int:
        return await self.upstream.end(number)

    async def sample(self) -> None:
        """Note what each process costs now, and what the servers say of themselves."""
        now = time.monotonic()
        for one in self.watched:
            if cost := cost_of(one.pid):
                self.costs.setdefault(one.name, []).append((now, cost))
        self.gauges.append(await self.metrics())

    async def leave(self) -> list[str]:
        """End all but the servers and what they stand on; what was wrong about that."""
        wrong = []
        for task in self._work:
            task.cancel()
        await asyncio.gather(*self._work, return_exceptions=True)
        for stuck in self.stuck:
            stuck.close()
        for lines, number, code in zip(self.lines, (signal.SIGINT, signal.SIGTERM), (130, 143), strict=True):
            wrong += _code(lines.name, await lines.end(number), code)
        for table, key, code in zip(self.tables, ("q", "\x03"), (0, 130), strict=True):
            wrong += _code(table.name, await table.ended(key), code)
            wrong += table.wrong
        return wrong

    async def end(self) -> list[str]:
        """End the servers and the simulator."""
        wrong = []
        for child in (*self.servers, self.upstream):
            wrong += _code(child.name, await child.end(), 143)
        return wrong

    async def close(self) -> None:
        await self._stack.aclose()

    async def metrics(self) -> list[dict[str, float]]:
        """The numbers of each server."""
        return list(await asyncio.gather(*map(read_metrics, self.places)))

    @property
    def bugs(self) -> list[str]:
        """What was said on any stderr that nobody ever says."""
        return [bug for one in (*self.watched, *self.upstreams) for bug in one.bugs]

    async def _serve(self, name: str, source: str) -> str:
        """Start a server; where it listens."""
        variables = {"REDIS_URL": f"redis://127.0.0.1:{self.redis.port}/0"} if self.redis else {}
        child = Child(name, [*TICKSTREAM, "serve", "--source", source, "--port", "0"], **variables)
        self.servers.append(child)
        await child.start()
        found = await child.until_said(r"listening .*url=https?://\S+?:(\d+)/")
        return f"127.0.0.1:{found[1]}"

    async def _note(self, stream: asyncio.StreamReader) -> None:
        async for line in stream:
            self.ledger.note(line.decode())

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(0.5)
            for table in self.tables:
                table.look()

    def _kill(self) -> None:
        for child in (*self.servers, *self.lines, *self.upstreams):
            child.kill()
        for table in self.tables:
            table.close()
        if self.redis:
            self.redis.stop()


def _code(name: str, got: int, wanted: int) -> list[str]:
    return [] if got == wanted else [f"{name}: ended with {got}, not {wanted}"]
