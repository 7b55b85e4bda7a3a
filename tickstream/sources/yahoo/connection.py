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
from urllib.parse import urljoin, urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import (
    ConnectionClosed,
    InvalidHandshake,
    InvalidStatus,
    InvalidURI,
    SecurityError,
)
from websockets.frames import Frame, Opcode
from websockets.protocol import Event

from tickstream.core.calendar import should_tick
from tickstream.core.pace import Limiter, Spacing
from tickstream.core.ports import Feed, Gap, Link, Status
from tickstream.core.retry import Backoff
from tickstream.core.text import clean
from tickstream.core.tick import Tick
from tickstream.errors import Refused, WireError
from tickstream.sources.trouble import Trouble, judge
from tickstream.sources.yahoo.frames import decode

__all__ = ["SIMULATED", "SIMULATOR", "Clock", "Connection", "Host", "Timing"]

SIMULATOR = "tickstream-simulator"
"""How the `Server` header of a simulated streamer begins."""
SIMULATED = "SIMULATED"

Say = Callable[["Connection", Status], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Seconds. A dead link is noticed after `ping_interval + ping_timeout + close_timeout`."""

    ping_interval: float = 10.0
    ping_timeout: float = 5.0
    open_timeout: float = 10.0
    close_timeout: float = 1.0
    wish_every: float = 15.0
    """Two clients in the wild repeat their subscriptions this often; a server that forgets loses nothing."""
    mute_after: float = 60.0
    mute_again: float = 300.0
    """Silence ends a connection no more often than this."""
    look_every: float = 5.0
    connects_a_minute: int = 12
    connect_gap: float = 0.3


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


class SameOrigin(connect):
    """`connect` that follows a redirect only to where it came from."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        if not isinstance(exc, InvalidStatus) or not 300 <= exc.response.status_code < 400:
            return exc
        location = exc.response.headers.get("Location")
        if not location:
            return exc
        # Servers say http(s) where we say ws(s); urljoin knows only the former.
        target = urljoin(self.uri.replace("ws", "http", 1), location)
        if _origin(target) != _origin(self.uri.replace("ws", "http", 1)):
            place = clean(urlsplit(target).netloc, 80)
            return SecurityError(
                f"it sends us elsewhere, to {place}, and we do not go there (a captive portal?)"
            )
        return target.replace("http", "ws", 1)


class Direct(ClientConnection):
    """A connection that hands whole text frames over as they are parsed, and many at a time when busy.

    `recv` costs as much as parsing does: a queue and four coroutines a frame.
    What comes in another way, or with a version of websockets that does not
    ask `process_event`, is received as ever. Waking up for one frame costs
    more than the frame, so after a wake-up that came soon after the last one
    nothing is read for `REST` seconds.
    """

    REST = 0.02
    take: Callable[[bytes], None] | None = None
    _looked = 0.0

    def process_event(self, event: Event) -> None:
        if self.take is not None and isinstance(event, Frame) and event.opcode is Opcode.TEXT and event.fin:
            self.take(bytes(event.data))
        else:
            super().process_event(event)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        now = self.loop.time()
        if self.take is not None and now - self._looked < self.REST:
            self.transport.pause_reading()
            self.loop.call_later(self.REST, self.transport.resume_reading)
        self._looked = now


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.rpartition("@")[2].lower()


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
        """When a tick last came, over any session; wall clock, which does not stand still in a sleep."""
        self._ticks = 0
        """All ticks of all sessions: what cannot be read, and pings, are no sign of life."""
        self._heard = 0.0
        """When the last tick was noticed, or the session began; monotonic."""
        self._live = False
        """Whether this session has had a tick."""
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
        try:
            ws = await self._connect()
            try:
                await self._session(ws)
            finally:
                await _close(ws, self._timing.close_timeout)
        except (ConnectionClosed, InvalidHandshake, InvalidURI, OSError, EOFError) as error:
            return self._cause or judge(error, self._host.name, times=self._refusals)

    async def _rest(self, trouble: Trouble) -> None:
        self._refusals = self._refusals + 1 if trouble.refused else 0
        wait = max(trouble.wait, self._host.backoff.failed(self._clock.monotonic()))
        self._attempts += 1
        self._status(Link.REFUSED if trouble.refused else Link.BACKOFF, trouble.reason, retry_in=wait)
        await self._clock.sleep(wait)

    def _connect(self) -> connect:
        timing = self._timing
        parts = urlsplit(self._host.url)
        # asyncio does not try IPv4 beside a dead IPv6 by itself; uvloop, of the extra `[fast]`, cannot.
        asyncio_own = isinstance(asyncio.get_running_loop(), asyncio.BaseEventLoop)
        racing: dict[str, Any] = {"happy_eyeballs_delay": 0.25} if asyncio_own else {}
        return SameOrigin(
            self._host.url,
            proxy=None if _is_loopback(parts.hostname or "") else True,
            compression=None,
            open_timeout=timing.open_timeout,
            ping_interval=timing.ping_interval,
            ping_timeout=timing.ping_timeout,
            close_timeout=timing.close_timeout,
            max_size=2**20,
            max_queue=64,
            **racing,
            create_connection=Direct,
        )

    async def _session(self, ws: ClientConnection) -> NoReturn:
        self._heard = self._clock.monotonic()
        self._live = False
        self._mark = SIMULATED if _is_simulator(ws) else ""
        self._status(Link.CONNECTING, "connected, waiting for data")
        if isinstance(ws, Direct):
            ws.take = self._take
        async with _beside(self._wish(ws), self._listen(ws)):
            while True:
                # What did not come directly: the first frames, fragmented and binary ones.
                self._take(await ws.recv(decode=False))

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
        if not self._live:
            self._begin(now)
        self._said = now
        self._ticks += 1
        self._last[tick.id] = tick
        self._feed.publish(tick)

    def _begin(self, now: float) -> None:
        """The first tick of a session: all is well again."""
        self._live = True
        self._host.backoff.succeeded()
        self._attempts = self._refusals = 0
        if self._said is not None:
            self._feed.report(Gap(int(self._said * 1000), int(now * 1000)))
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
        ticks = self._ticks
        before = self._clock.wall(), self._clock.monotonic()
        while True:
            await self._clock.sleep(self._timing.look_every)
            now = self._clock.wall(), self._clock.monotonic()
            if self._ticks != ticks:
                ticks, self._heard = self._ticks, now[1]
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
        self._status(Link.STALE, reason)
        if now - self._muted_at >= self._timing.mute_again:
            self._muted_at = now
            self._cause = Trouble(reason)
            ws.transport.abort()

    def _status(self, link: Link, reason: str, retry_in: float | None = None) -> None:
        now = int(self._clock.wall() * 1000)
        self._say(self, Status(link, now, reason, self._attempts, retry_in, self._mark))


async def _close(ws: ClientConnection, seconds: float) -> None:
    """Say goodbye, if that is soon done: who quits does not wait for a link that is dead."""
    try:
        async with asyncio.timeout(min(seconds, 0.3)):
            await ws.close()
    except TimeoutError:
        ws.transport.abort()


@contextlib.asynccontextmanager
async def _beside(*work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run `work` for as long as the block lasts; it fails only together with the connection."""
    tasks = [asyncio.create_task(coroutine) for coroutine in work]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _is_simulator(ws: ClientConnection) -> bool:
    """Our simulator says what it is, so that its prices never look real, whoever it is asked by."""
    return ws.response is not None and ws.response.headers.get("Server", "").startswith(SIMULATOR)


def _is_loopback(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")
