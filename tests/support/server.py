"""A server of ours on a loopback port, in front of a simulated Yahoo, and clients of it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from tests.support.web import yahoo
from tickstream.server.app import Place, Server
from tickstream.server.keys import Keys
from tickstream.server.log import Log
from tickstream.server.settings import Access, Limits, Settings
from tickstream.server.tls import load_tls
from tickstream.simulator import Options, Simulator
from tickstream.sources.yahoo.stream import YahooStream
from tickstream.sources.yahoo.views import YahooViews

LONG = 30.0


@dataclass
class There:
    """A server, and what is before and behind it."""

    server: Server
    simulator: Simulator
    place: Place
    said: list[str] = field(default_factory=list)
    """Its log."""

    @property
    def base(self) -> str:
        return f"ws://{self.place.netloc}"

    def connect(self, path: str, **options: Any) -> connect:
        return connect(f"{self.base}{path}", **({"proxy": None} | options))

    async def until(self, condition: Callable[[], bool]) -> None:
        """Until something is so, letting the loop run meanwhile."""
        deadline = time.monotonic() + LONG
        while not condition():
            assert time.monotonic() < deadline, "never happened"
            await asyncio.sleep(0.01)

    def metric(self, name: str) -> float:
        """A number of its metrics, labels and all."""
        lines = self.server.metrics.text().splitlines()
        return next(
            float(line.rpartition(" ")[2]) for line in lines if line.startswith(f"tickstream_{name} ")
        )


@asynccontextmanager
async def serving(
    *faults: str,
    access: Access | None = None,
    limits: Limits | None = None,
    interval: float = 5.0,
    upstream_rate: int = 600,
    options: Options | None = None,
    loopback: bool = True,
    **more: Any,
) -> AsyncIterator[There]:
    """A server in front of a simulator that has these faults."""
    access = access or Access()
    said: list[str] = []
    async with yahoo(*faults, options=options) as there:
        settings = Settings(
            host="127.0.0.1",
            port=0,
            source=f"yahoo+http://{there.web.host}",
            interval=interval,
            upstream_rate=upstream_rate,
            access=access,
            limits=limits or Limits(),
            **more,
        )
        ticks = YahooStream(f"ws://{there.web.host}/?version=2")
        server = Server(
            settings,
            ticks,
            YahooViews(there.session),
            Keys.load(access),
            Log(said.append),
            loopback=loopback,
            tls=load_tls(settings),
        )
        async with server.serving() as place:
            yield There(server, there.simulator, place, said)


async def receive(socket: ClientConnection) -> Any:
    """The next message, as JSON."""
    async with asyncio.timeout(LONG):
        return json.loads(await socket.recv())
