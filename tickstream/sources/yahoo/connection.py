"""One connection to a streamer, kept: connect, say the wish, receive, notice silence, again.

The rules it keeps: a close of any kind means again; only data takes the
backoff back to the start; at most 12 connects a minute, and 0.3 s between any
two to one host; the wish is said whole on connect and every 15 s. The loop is
our own, because `async for ws in connect()` of websockets takes every
handshake for a success: a server that accepts and closes gets 800 of them a
second.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, NoReturn
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidProxy, InvalidURI

from tickstream.core.pace import Limiter, Spacing
from tickstream.core.ports import Feed, Gap, Link, Status
from tickstream.core.quiet import should_tick
from tickstream.core.retry import Backoff
from tickstream.core.tick import Tick
from tickstream.errors import Refused, WireError
from tickstream.sources.dial import Direct, Timing, dial, hang_up
from tickstream.sources.trouble import Trouble, judge
from tickstream.sources.yahoo import mark_of
from tickstream.sources.yahoo.frames import decode

__all__ = ["Clock", "Connection", "Host"]

# ValueError and ImportError are what a proxy that cannot be used looks like.
_NOT_DIALED = (InvalidHandshake, InvalidURI, InvalidProxy, OSError, EOFError, ValueError, ImportError)

Say = Callable[["Connection", Status], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """The present and its passing, as parameters, so that tests need not wait."""

    wall: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Coroutine[Any, Any, None]] = asyncio.sleep
    uniform: Callable[[float, float], float] = random.uniform


@dataclass(slots=True)
class Host:
    """What all connections to one host share."""

    url: str
    timing: Timing
    clock: Clock
    backoff: Backoff = field(init=False)
    spacing: Spacing = field(init=False)
    tried: bool = False
    """Whether any try has ended; what is fatal is so only at the very start."""

    def __post_init__(self) -> None:
        self.backoff = Backoff(uniform=self.clock.uniform)
        self.spacing = Spacing(self.timing.connect_gap)

    @property
    def name(self) -> str:
        return urlsplit(self.url).netloc.rpartition("@")[2]


class Connection:
    """One connection and the at most 100 symbols that it streams."""

    def __init__(self, host: Host, feed: Feed, say: Say) -> None:
        self._host, self._feed, self._say = host, feed, say
        self._timing, self._clock = host.timing, host.clock
        self._limiter = Limiter(host.timing.connects_a_minute)
        self._wanted: frozenset[str] = frozenset()
        self._changed = asyncio.Event()
        self._last: dict[str, Tick] = {}
        self._said: float | None = None
        """When a tick last came, over any session; wall clock, which does not stand still in a sleep.

        What cannot be read, what nobody asked for, and pings are no sign of life.
        """
        self._heard = 0.0
        """When the last tick was noticed, or the session began; monotonic."""
        self._live = False
        """Whether ticks come, in this session and since it was last mute."""
        self._stale = False
        self._muted_at = float("-inf")
        self._cause: Trouble | None = None
        self._mark = ""
        self._attempts = 0
        self._refusals = 0

    def want(self, symbols: frozenset[str]) -> None:
        """Stream just these symbols from now on."""
        if symbols != self._wanted:
            self._wanted = symbols
            self._last = {symbol: tick for symbol, tick in self._last.items() if symbol in symbols}
            self._changed.set()

    async def run(self) -> None:
        """Connect and stay connected until cancelled.

        Raises:
            Refused: the first try was turned away in a way that will not change.
        """
        while True:
            await self._turn()
            self._status(Link.CONNECTING, "")
            trouble = await self._try()
            fatal, self._host.tried = trouble.fatal and not self._host.tried, True
            if fatal:
                raise Refused(trouble.reason)
            await self._rest(trouble)

    async def _turn(self) -> None:
        wait = self._limiter.wait(self._clock.monotonic())
        if wait > 0:
            self._status(Link.BACKOFF, "connecting too often", retry_in=wait)
            await self._clock.sleep(wait)
        await self._clock.sleep(self._host.spacing.take(self._clock.monotonic()))
        self._limiter.take(self._clock.monotonic())

    async def _try(self) -> Trouble:
        """One connection, from the handshake to its end; why it ended."""
        self._cause = None
        host = self._host
        try:
            ws = await dial(host.url, self._timing)
        except (
            InvalidHandshake,
            InvalidURI,
            InvalidProxy,
            OSError,
            EOFError,
            ValueError,
            ImportError,
        ) as error:
            return judge(error, host.name, times=self._refusals)
        except ConnectionClosed:
            # It was accepted, and reset before we had said anything.
            return judge(EOFError(), host.name)
        try:
            await self._session(ws)
        except ConnectionClosed as error:
            self._lose(error)
            return self._cause or judge(error, host.name)
        finally:
            await hang_up(ws, self._timing.close_timeout)

    def _lose(self, error: ConnectionClosed) -> None:
        """The connection is gone: since now, or, if nobody told us, since the last that came over it."""
        if self._said is None:
            return
        silent = error.rcvd is None and error.sent is not None
        if self._cause is None:
            unnoticed = self._timing.ping_interval + self._timing.ping_timeout if silent else 0.0
            self._said = max(self._said, self._clock.wall() - unnoticed)

    async def _rest(self, trouble: Trouble) -> None:
        self._refusals = self._refusals + 1 if trouble.refused else 0
        wait = max(trouble.wait, self._host.backoff.failed(self._clock.monotonic()))
        self._attempts += 1
        self._status(Link.REFUSED if trouble.refused else Link.BACKOFF, trouble.reason, retry_in=wait)
        await self._clock.sleep(wait)

    async def _session(self, ws: ClientConnection) -> NoReturn:
        self._heard = self._clock.monotonic()
        self._live = False
        self._mark = mark_of(ws.response.headers.get("Server")) if ws.response else ""
        self._status(Link.CONNECTING, "connected, waiting for data")
        self._stale = False
        if isinstance(ws, Direct):
            ws.take = self._take
        async with _beside(self._wish(ws), self._listen(ws)):
            try:
                while True:
                    # What did not come directly: the first frames, fragmented and binary ones.
                    self._take(await ws.recv(decode=False))
            except ConnectionClosed:
                if isinstance(ws, Direct) and ws.failed is not None:
                    raise ws.failed from None
                raise

    def _take(self, frame: bytes) -> None:
        """One frame: to the feed, or counted as broken."""
        now = self._clock.wall()
        try:
            tick = decode(frame, now=now)
        except WireError as error:
            self._feed.broken(error)
            return
        if tick is None:
            return
        if tick.id in self._wanted:
            if not self._live:
                self._begin(now)
            self._said = now
            self._last[tick.id] = tick
        self._feed.publish(tick)

    def _begin(self, now: float) -> None:
        """The first tick of a session: all is well again."""
        self._live, self._stale = True, False
        self._host.backoff.succeeded()
        self._attempts = self._refusals = 0
        if self._said is not None:
            self._feed.report(Gap(int(min(self._said, now) * 1000), int(now * 1000)))
        self._status(Link.LIVE, "")

    async def _wish(self, ws: ClientConnection) -> None:
        """Say the wish, whole, when it changes and every 15 s; what is unwanted first, to free its place."""
        sent: frozenset[str] = frozenset()
        while True:
            self._changed.clear()
            wanted = self._wanted
            if unwanted := sorted(sent - wanted):
                await ws.send(json.dumps({"unsubscribe": unwanted}))
            if wanted:
                await ws.send(json.dumps({"subscribe": sorted(wanted)}))
            sent = wanted
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._timing.wish_every):
                    await self._changed.wait()

    async def _listen(self, ws: ClientConnection) -> None:
        """Notice silence that should not be, and time that went by without us."""
        said = self._said
        before = self._clock.wall(), self._clock.monotonic()
        while True:
            await self._clock.sleep(self._timing.look_every)
            now = self._clock.wall(), self._clock.monotonic()
            if self._said != said:
                said, self._heard = self._said, now[1]
            passed = max(now[0] - before[0], now[1] - before[1])
            before = now
            if passed > self._timing.look_every + self._timing.ping_interval:
                await self._probe(ws)
            silence = now[1] - self._heard
            if silence > self._timing.mute_after and self._should_tick(now[0]):
                self._mute(ws, silence, now[1])

    async def _probe(self, ws: ClientConnection) -> None:
        """The machine slept: what was a live link may be none, and the next ping is too far off."""
        try:
            async with asyncio.timeout(self._timing.ping_timeout):
                await (await ws.ping())
        except TimeoutError:
            self._cause = Trouble("the link did not survive a pause")
            ws.transport.abort()

    def _should_tick(self, now: float) -> bool:
        return any(should_tick(symbol, self._last.get(symbol), now) for symbol in self._wanted)

    def _mute(self, ws: ClientConnection, silence: float, now: float) -> None:
        reason = f"connected, but mute for {silence:.0f} s"
        if not self._stale:
            # The next tick begins anew: it says that the link is live again, and what was missed.
            self._stale, self._live = True, False
            self._status(Link.STALE, reason)
        if now - self._muted_at >= self._timing.mute_again:
            self._muted_at = now
            self._cause = Trouble(reason)
            ws.transport.abort()

    def _status(self, link: Link, reason: str, retry_in: float | None = None) -> None:
        now = int(self._clock.wall() * 1000)
        self._say(self, Status(link, now, reason, self._attempts, retry_in, self._mark))


@contextlib.asynccontextmanager
async def _beside(*work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
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
