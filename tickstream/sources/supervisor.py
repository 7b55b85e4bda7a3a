"""A connection to one server, kept: connect, hand it over, and again when it is lost.

The rules it keeps: a close of any kind means again, unless the server says that
it must not; only data takes the backoff back to the start; at most 12 connects
a minute, and 0.3 s between any two to one host. The loop is our own, because
`async for ws in connect()` of websockets takes every handshake for a success: a
server that accepts and closes gets 800 of them a second.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidProxy, InvalidURI

from tickstream.core.pace import Limiter, Spacing
from tickstream.core.ports import Link, Status
from tickstream.core.retry import Backoff
from tickstream.sources.dial import Timing, dial, hang_up
from tickstream.sources.proxies import through
from tickstream.sources.trouble import Trouble, judge

__all__ = ["Clock", "Host", "Supervisor", "beside"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """The present and its passing, as parameters, so that tests need not wait."""

    wall: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Coroutine[Any, Any, None]] = asyncio.sleep
    uniform: Callable[[float, float], float] = random.uniform


def _no_mark(headers: Headers) -> str:
    return ""


@dataclass(slots=True)
class Host:
    """What all connections to one host share."""

    url: str
    timing: Timing
    clock: Clock
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)  # a key may be among them
    judge: Callable[..., Trouble] = judge
    """What an error means, as `sources.trouble.judge`."""
    opened: Callable[[Headers], str] = _no_mark
    """Told the headers of each handshake's response; it says what the data must be marked as."""
    backoff: Backoff = field(init=False)
    spacing: Spacing = field(init=False)
    tried: bool = False
    """Whether any try has ended, or brought data; what is fatal is so only at the very start."""

    def __post_init__(self) -> None:
        self.backoff = Backoff(uniform=self.clock.uniform)
        self.spacing = Spacing(self.timing.connect_gap)

    @property
    def name(self) -> str:
        return urlsplit(self.url).netloc.rpartition("@")[2]


class Supervisor:
    """One connection that is kept; `session` is what happens on it, and ends as ConnectionClosed."""

    def __init__(
        self,
        host: Host,
        say: Callable[[Status], None],
        session: Callable[[ClientConnection], Awaitable[NoReturn]],
    ) -> None:
        self._host, self._say, self._session = host, say, session
        self._clock = host.clock
        self._limiter = Limiter(host.timing.connects_a_minute)
        self.cause: Trouble | None = None
        """Why the session itself ended the connection, where it did."""
        self._mark = ""
        self._attempts = 0
        self._refusals = 0
        self._trouble = ""
        """Why the last try ended, until data comes."""

    async def run(self) -> None:
        """Connect and stay connected until cancelled.

        Raises:
            Refused: the first try was turned away in a way that will not change.
        """
        while True:
            await self._turn()
            self.status(Link.CONNECTING, "")
            trouble = await self._try()
            fatal, self._host.tried = trouble.fatal and not self._host.tried, True
            if fatal:
                raise trouble.error
            await self._rest(trouble)

    def alive(self) -> None:
        """Data came: all is well again."""
        self._host.tried = True
        self._host.backoff.succeeded()
        self._attempts = self._refusals = 0
        self._trouble = ""

    def status(self, link: Link, reason: str, retry_in: float | None = None) -> None:
        """Say the state of the link."""
        now = int(self._clock.wall() * 1000)
        self._say(Status(link, now, reason, self._attempts, retry_in, self._mark))

    async def _turn(self) -> None:
        wait = self._limiter.wait(self._clock.monotonic())
        if wait > 0:
            # That we wait is no reason why there is nothing to connect to.
            reason = "; ".join(filter(None, (self._trouble, "connecting too often")))
            self.status(Link.BACKOFF, reason, retry_in=wait)
            await self._clock.sleep(wait)
        await self._clock.sleep(self._host.spacing.take(self._clock.monotonic()))
        self._limiter.take(self._clock.monotonic())

    async def _try(self) -> Trouble:
        """One connection, from the handshake to its end; why it ended."""
        self.cause = None
        host = self._host
        try:
            ws = await dial(host.url, host.timing, host.headers)
        except (
            InvalidHandshake,
            InvalidURI,
            InvalidProxy,
            OSError,
            EOFError,
            # What a proxy that cannot be used looks like.
            ValueError,
            ImportError,
        ) as error:
            return host.judge(through(error, host.url), host.name, times=self._refusals)
        except ConnectionClosed:
            # It was accepted, and reset before we had said anything.
            return host.judge(EOFError(), host.name, times=self._refusals)
        try:
            self._mark = host.opened(ws.response.headers) if ws.response else ""
            await self._session(ws)
        except ConnectionClosed as error:
            return self.cause or host.judge(error, host.name, times=self._refusals)
        finally:
            await hang_up(ws, host.timing.close_timeout)

    async def _rest(self, trouble: Trouble) -> None:
        self._refusals = self._refusals + 1 if trouble.refused else 0
        wait = max(trouble.wait, self._host.backoff.failed(self._clock.monotonic()))
        self._attempts += 1
        self._trouble = trouble.reason
        self.status(Link.REFUSED if trouble.refused else Link.BACKOFF, trouble.reason, retry_in=wait)
        await self._clock.sleep(wait)


@contextlib.asynccontextmanager
async def beside(*work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run `work` for as long as the block lasts; it fails only together with the connection."""
    tasks = [asyncio.create_task(coroutine) for coroutine in work]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for end in await asyncio.gather(*tasks, return_exceptions=True):
            # A connection that is gone ends them as well; anything else is a bug, and must be seen.
            if isinstance(end, Exception) and not isinstance(end, ConnectionClosed):
                raise end
