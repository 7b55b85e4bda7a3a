"""The simulator: all of it on one loopback port, from entering `serving` to leaving it."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from random import Random
from typing import Any
from urllib.parse import urlsplit

from websockets.asyncio.server import ServerConnection
from websockets.http11 import Request, Response

from tickstream.http import Terms, listen
from tickstream.simulator.faults import Fault, FaultKind, Faults
from tickstream.simulator.market import MarketClock, Session
from tickstream.simulator.pace import Evenly, Naturally
from tickstream.simulator.prices import Prices
from tickstream.simulator.streamer import Client, Streamer, Timing
from tickstream.simulator.yahoo_http.gateway import YahooHttp

__all__ = ["SERVER", "Address", "Options", "Simulator"]

SERVER = "tickstream-simulator"
"""How its handshake names the server, so that a client can tell its prices from real ones."""


@dataclass(frozen=True, slots=True)
class Options:
    """What to simulate."""

    seed: int = 0
    rate: float | None = None
    """Messages a second in all; without it at most one a second and symbol."""
    session: Session = Session.REGULAR
    snapshot_delay: float = 0.0
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Address:
    """Where the simulator listens."""

    host: str
    port: int

    @property
    def netloc(self) -> str:
        """Host and port as they stand in a URL."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        """What `--source` takes."""
        return f"yahoo+http://{self.netloc}"

    @property
    def ws_url(self) -> str:
        """The streamer's URL, as clients of version 2 of its protocol take it."""
        return f"ws://{self.netloc}/?version=2"


class Simulator:
    """A simulated Yahoo. Its prices go on where they were when it is served again."""

    def __init__(
        self,
        options: Options | None = None,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.options = options or Options()
        self.faults = Faults(self.options.faults)
        """The faults in force; `faults.set("mute@5")` changes them while it runs."""
        self._clock = clock
        self._sleep = sleep
        self._tasks: set[asyncio.Task[None]] = set()

    @cached_property
    def prices(self) -> Prices:
        """All quotes; the market's session begins where they are first asked for."""
        return Prices(self.options.seed, MarketClock(self.options.session, self._clock()))

    @cached_property
    def streamer(self) -> Streamer:
        """Who follows what; `streamer.tick("AAPL")` pushes at once."""
        rate = self.options.rate
        self._pace = Evenly(rate) if rate else Naturally(Random(f"{self.options.seed}:pace"))
        timing = Timing(self._clock, self._later, self.options.snapshot_delay)
        return Streamer(self.prices, self._pace, self.faults, timing)

    @cached_property
    def web(self) -> YahooHttp:
        """Its HTTP."""
        return YahooHttp(self.prices, self.faults, self._clock, self._sleep)

    @property
    def requests(self) -> Counter[str]:
        """How often each endpoint of its HTTP was asked, by the names that faults know them by."""
        return self.web.requests

    @property
    def clients(self) -> frozenset[Client]:
        """The connections to the streamer that are open."""
        return frozenset(self.streamer.clients)

    def afflict(self, *faults: Fault | str) -> None:
        """Have just these faults, and let those due strike the open connections now."""
        self.faults.set(*faults)
        for client in self.clients:
            self.streamer.strike(client)

    @asynccontextmanager
    async def serving(self, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[Address]:
        """Listen while this is entered; port 0 = the system chooses.

        Raises:
            OSError: the address cannot be listened on.
        """
        async with listen(
            self.streamer.attend,
            self.web.answer,
            host,
            port,
            terms=Terms(admit=self._admit),
            process_request=self._process_request,
            server_header=SERVER,
            ping_interval=None,
            close_timeout=1,
        ) as listener:
            self._spawn(self._run())
            try:
                yield Address(host, listener.port)
            finally:
                for client in self.clients:
                    if client.ended:
                        client.abort()
                await self._end_tasks()

    async def _run(self) -> None:
        while True:
            await self._sleep(self._pace.wait(self._clock()))
            self.streamer.advance(self._clock())

    def _later(self, seconds: float, call: Callable[[], None]) -> None:
        async def wait() -> None:
            await self._sleep(seconds)
            call()

        self._spawn(wait())

    def _spawn(self, coroutine: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _end_tasks(self) -> None:
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        for result in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(result, Exception):
                raise result

    def _admit(self, _peer: str) -> bool:
        return self.faults.strike(FaultKind.REFUSE) is None

    async def _process_request(self, connection: ServerConnection, request: Request) -> Response | None:
        if self.faults.strike(FaultKind.HANG):
            await asyncio.get_running_loop().create_future()
        if fault := self.faults.strike(FaultKind.STATUS):
            return _refusal(connection, fault)
        if urlsplit(request.path).path != "/":
            return connection.respond(HTTPStatus.NOT_FOUND, "Not Found\n")
        return None


_PORTAL = "<!doctype html><title>Welcome</title><h1>Accept the terms to go online</h1>\n"
_ELSEWHERE = "https://consent.invalid/"


def _refusal(connection: ServerConnection, fault: Fault) -> Response:
    """The answer to a handshake that a `status` fault asks for."""
    status = int(fault.number)
    # Yahoo's 429 is this text and has no Retry-After; a captive portal says 200 and shows a page.
    text = {200: _PORTAL, 429: "Too Many Requests\r\n"}.get(status, "Forbidden by the simulator\n")
    response = connection.respond(HTTPStatus.OK, text)
    response.status_code, response.reason_phrase = status, _phrase(status)
    if status == HTTPStatus.OK:
        del response.headers["Content-Type"]
        response.headers["Content-Type"] = "text/html; charset=utf-8"
    if 300 <= status < 400:
        response.headers["Location"] = fault.detail or _ELSEWHERE
    elif fault.detail:
        response.headers["Retry-After"] = fault.detail
    return response


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
