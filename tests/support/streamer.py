"""A streamer that does as it is told: a real WebSocket server on a loopback port, one script a connection."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from tickstream.core.ports import Event, Gap, Link, Status
from tickstream.core.tick import Tick, Value
from tickstream.sources.supervisor import Clock
from tickstream.sources.yahoo.frames import encode


def frame(symbol: str = "AAPL", price: float = 100.0, time: int = 1_789_000_000_000, **more: Value) -> str:
    """A frame of version 2 with a regular push."""
    said: dict[str, Value] = {"id": symbol, "price": price, "time": time, "quote_type": 8, "market_hours": 1}
    return encode(said | more)


@dataclass
class Visit:
    """One connection to the streamer."""

    number: int
    ws: ServerConnection
    wishes: list[dict[str, list[str]]] = field(default_factory=list)

    async def wish(self) -> dict[str, list[str]]:
        """The next message of the client."""
        wish: dict[str, list[str]] = json.loads(await self.ws.recv())
        self.wishes.append(wish)
        return wish

    async def send(self, *frames: str | bytes) -> None:
        for one in frames:
            await self.ws.send(one)

    async def stay(self) -> None:
        """Read on until the client leaves."""
        with suppress(ConnectionClosed):
            async for message in self.ws:
                self.wishes.append(json.loads(message))


Script = Callable[[Visit], Awaitable[None]]


class FakeStreamer:
    """Runs `script` for each connection; `refuse` may answer a handshake with an HTTP response instead."""

    def __init__(
        self, script: Script, *, refuse: Callable[[int], Response | None] | None = None, **options: Any
    ) -> None:
        self.script = script
        self.visits: list[Visit] = []
        self.requests = 0
        self.url = ""
        self._refuse = refuse
        self._options = options

    @asynccontextmanager
    async def serving(self, port: int = 0) -> AsyncIterator[FakeStreamer]:
        server = await serve(
            self._attend, "127.0.0.1", port, compression=None, process_request=self._answer, **self._options
        )
        self.port = server.sockets[0].getsockname()[1]
        scheme = "wss" if "ssl" in self._options else "ws"
        self.url = f"{scheme}://127.0.0.1:{self.port}/?version=2"
        try:
            yield self
        finally:
            for visit in self.visits:
                visit.ws.transport.abort()
            server.close()
            await server.wait_closed()

    def _answer(self, ws: ServerConnection, request: Request) -> Response | None:
        self.requests += 1
        return self._refuse(self.requests) if self._refuse else None

    async def _attend(self, ws: ServerConnection) -> None:
        visit = Visit(len(self.visits) + 1, ws)
        self.visits.append(visit)
        with suppress(ConnectionClosed):
            await self.script(visit)


@contextmanager
def in_a_thread(script: Script, port: int = 0, **options: Any) -> Iterator[FakeStreamer]:
    """A streamer in a thread of its own, for clients that block."""
    fake = FakeStreamer(script, **options)
    ready, stops = threading.Event(), list[Callable[[], object]]()

    async def serve_until_stopped() -> None:
        # Nothing is left to a thread of asyncio's: starting one is no match for a test that forks meanwhile.
        loop, stop = asyncio.get_running_loop(), asyncio.Event()
        stops.append(lambda: loop.call_soon_threadsafe(stop.set))
        async with fake.serving(port):
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=asyncio.run, args=(serve_until_stopped(),))
    thread.start()
    assert ready.wait(30)
    try:
        yield fake
    finally:
        stops[0]()
        thread.join()


def response(status: int, headers: dict[str, str] | None = None, body: bytes = b"") -> Response:
    from websockets.datastructures import Headers

    all_headers = Headers({"Content-Length": str(len(body)), "Connection": "close"} | (headers or {}))
    return Response(status, HTTPStatus(status).phrase, all_headers, body)


class Recorder:
    """A feed that remembers all that it is told, and can wait for it."""

    rest = 0.02

    def __init__(self) -> None:
        self.ticks: list[Tick] = []
        self.events: list[Event] = []
        self.errors: list[Exception] = []
        self._told = asyncio.Event()

    def publish(self, tick: Tick) -> None:
        self.ticks.append(tick)
        self._told.set()

    def report(self, event: Event) -> None:
        self.events.append(event)
        self._told.set()

    def broken(self, error: Exception) -> None:
        self.errors.append(error)
        self._told.set()

    @property
    def states(self) -> list[Link]:
        return [event.state for event in self.events if isinstance(event, Status)]

    @property
    def reasons(self) -> list[str]:
        return [event.reason for event in self.events if isinstance(event, Status)]

    @property
    def gaps(self) -> list[Gap]:
        return [event for event in self.events if isinstance(event, Gap)]

    async def until(self, condition: Callable[[], bool], seconds: float = 20.0) -> None:
        """Until `condition` holds; `seconds` only keep a broken test from hanging."""
        async with asyncio.timeout(seconds):
            while not condition():
                self._told.clear()
                await self._told.wait()


def fast_clock(factor: float = 50.0) -> Clock:
    """A clock on which time passes `factor` times as fast, sleeps included."""
    import time

    began = time.monotonic()
    wall = time.time()

    def elapsed() -> float:
        return (time.monotonic() - began) * factor

    async def sleep(seconds: float) -> None:
        await asyncio.sleep(seconds / factor)

    return Clock(wall=lambda: wall + elapsed(), monotonic=elapsed, sleep=sleep)
