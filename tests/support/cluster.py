"""Instances of the server that share one Redis and one simulated Yahoo, in one process."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import connect

from tests.support.chaos import Proxy, proxied
from tests.support.redis import Redis
from tests.support.web import yahoo
from tickstream.core.ports import Fetched, PartSource
from tickstream.core.values import Found
from tickstream.server.app import Place, Server
from tickstream.server.keys import Keys
from tickstream.server.log import Log
from tickstream.server.settings import Settings
from tickstream.simulator import Options, Simulator
from tickstream.sources.yahoo.stream import YahooStream
from tickstream.sources.yahoo.views import YahooViews

LONG = 40.0


class Recorded:
    """A source of parts that writes down what is fetched, and when."""

    def __init__(self, source: PartSource, log: list[tuple[float, int, str]], instance: int) -> None:
        self._source, self._log, self._instance = source, log, instance

    @property
    def mark(self) -> str:
        return self._source.mark

    @property
    def requests(self) -> int:
        return self._source.requests

    @property
    def shortage(self) -> str:
        return self._source.shortage

    def limit(self, key: str) -> float:
        return self._source.limit(key)

    def bound(self, spend: Callable[[int], int]) -> None:
        pass

    def batches(self, keys: Iterable[str]) -> Iterable[tuple[str, ...]]:
        return self._source.batches(keys)

    async def fetch(self, keys: Sequence[str]) -> Fetched:
        now = time.monotonic()
        self._log.extend((now, self._instance, key) for key in keys)
        return await self._source.fetch(keys)

    async def search(self, text: str) -> list[Found]:
        return await self._source.search(text)

    async def close(self) -> None:
        await self._source.close()


@dataclass
class Instance:
    """One server of several."""

    server: Server
    place: Place
    proxy: Proxy
    """Its line to Redis."""
    said: list[str]
    """Its log."""
    stack: AsyncExitStack

    async def end(self) -> None:
        """End it, as SIGTERM does."""
        await self.stack.aclose()

    def connect(self, path: str, **options: Any) -> connect:
        return connect(f"ws://{self.place.netloc}{path}", **({"proxy": None} | options))

    @property
    def state(self) -> str:
        return self.server.sharing.state

    @property
    def leases(self) -> float:
        return self.server.sharing.numbers()["leases"]

    def redis_lines(self) -> list[str]:
        return [line.partition("redis ")[2] for line in self.said if " redis " in line]


@dataclass
class Instances:
    """All of them."""

    simulator: Simulator
    redis: Redis
    all: list[Instance] = field(default_factory=list)
    fetched: list[tuple[float, int, str]] = field(default_factory=list)
    """When, by which instance, and what."""

    def since(self, when: float) -> Counter[str]:
        """How often each part was fetched since then, by whomever."""
        return Counter(key for at, _, key in self.fetched if at >= when)

    def fetches(self, key: str) -> list[tuple[float, int]]:
        """When a part was fetched, and by which instance."""
        return [(at, number) for at, number, other in self.fetched if other == key]

    def streams(self, symbol: str) -> int:
        """How many connections stream a symbol from upstream."""
        return sum(symbol in client.symbols for client in self.simulator.clients)

    def by(self, instance: int, when: float) -> int:
        return sum(1 for at, number, _ in self.fetched if at >= when and number == instance)

    async def until(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + LONG
        while not condition():
            assert time.monotonic() < deadline, "never happened"
            await asyncio.sleep(0.01)

    async def shared(self) -> None:
        """Until all instances know of each other."""
        count = len(self.all)
        await self.until(
            lambda: all(
                one.state == "shared" and one.server.sharing.numbers()["instances"] == count
                for one in self.all
            )
        )


@asynccontextmanager
async def instances(
    redis: Redis, count: int = 3, *, interval: float = 1.0, rate: int = 600, options: Options | None = None
) -> AsyncIterator[Instances]:
    """`count` instances, each with a line of its own to `redis`."""
    async with AsyncExitStack() as stack:
        there = await stack.enter_async_context(yahoo(options=options))
        found = Instances(there.simulator, redis)
        for number in range(count):
            proxy = await stack.enter_async_context(proxied(redis.port))
            settings = Settings(
                host="127.0.0.1",
                port=0,
                interval=interval,
                upstream_rate=rate,
                redis_url=f"redis://127.0.0.1:{proxy.port}/0",
                source="yahoo+http://simulated",
            )
            said: list[str] = []
            server = Server(
                settings,
                YahooStream(f"ws://{there.web.host}/?version=2"),
                Recorded(YahooViews(there.session), found.fetched, number),
                Keys.load(settings.access),
                Log(said.append),
                loopback=True,
            )
            own = await stack.enter_async_context(AsyncExitStack())
            place = await own.enter_async_context(server.serving())
            found.all.append(Instance(server, place, proxy, said, own))
        await found.shared()
        yield found
