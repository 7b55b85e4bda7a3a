"""One connection that ticks come over: say the wish, receive, notice silence.

It is kept by a supervisor. The wish is said whole on connect, when it changes
and every 15 s. How a server is spoken to is its dialect, which the server's own
package knows.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from typing import NoReturn, Protocol

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from tickstream.core.ports import Feed, Gap, Link, Status
from tickstream.core.quiet import should_tick
from tickstream.core.tick import Tick
from tickstream.errors import WireError
from tickstream.sources.dial import Direct
from tickstream.sources.supervisor import Host, Supervisor, beside
from tickstream.sources.trouble import Trouble

__all__ = ["Connection", "Dialect"]

Say = Callable[["Connection", Status], None]


class Dialect(Protocol):
    """How a server of ticks is spoken to."""

    @property
    def pause(self) -> float:
        """Seconds between two messages: some servers count them."""

    def decode(self, frame: bytes, *, now: float) -> Tick | None:
        """The tick in a frame; None for one that carries none.

        Raises:
            WireError: the frame is broken.
        """

    def wish(self, wanted: frozenset[str], unwanted: frozenset[str]) -> Iterable[str]:
        """The messages that say the whole wish, and what is no longer part of it."""

    @property
    def explains_silence(self) -> bool:
        """Whether the server has said why no ticks come."""


class Connection:
    """One connection and the symbols that it streams."""

    def __init__(self, host: Host, dialect: Dialect, feed: Feed, say: Say) -> None:
        self._dialect, self._feed = dialect, feed
        self._timing, self._clock = host.timing, host.clock
        self._decode = dialect.decode
        self._link = Supervisor(host, lambda status: say(self, status), self._session)
        self._wanted: frozenset[str] = frozenset()
        self._changed = asyncio.Event()
        self._last: dict[str, Tick] = {}
        self._said: float | None = None
        """When a tick last came, over any session; wall clock, which does not stand still in a sleep.

        What cannot be read, what nobody asked for, and pings are no sign of life.
        """
        self._proven = 0.0
        """When anything last came over the link, so that nothing sent before is lost; wall clock."""
        self._paused: tuple[float, float] = 0.0, 0.0
        """The last time that went by without us, or without the link: from when, until when; wall clock."""
        self._heard = 0.0
        """When the last tick was noticed, or the session began; monotonic."""
        self._live = False
        """Whether ticks come, in this session and since it was last mute."""
        self._stale = False
        self._muted_at = float("-inf")

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
        await self._link.run()

    async def _session(self, ws: ClientConnection) -> NoReturn:
        self._heard = self._clock.monotonic()
        self._proven = self._clock.wall()
        self._live = False
        self._link.status(Link.CONNECTING, "connected, waiting for data")
        self._stale = False
        if isinstance(ws, Direct):
            ws.take, ws.heard, ws.rest = self._take, self._prove, lambda: self._feed.rest
        async with beside(self._wish(ws), self._listen(ws)):
            try:
                while True:
                    # What did not come directly: the first frames, fragmented and binary ones.
                    self._take(await ws.recv(decode=False))
            except ConnectionClosed as error:
                if isinstance(ws, Direct) and ws.failed is not None:
                    raise ws.failed from None
                self._lose(error)
                raise

    def _prove(self) -> None:
        """Something came."""
        now = self._clock.wall()
        # Pongs come more often: we did not run meanwhile, and what came may all be of before.
        if now - self._proven > self._timing.ping_interval + self._timing.ping_timeout:
            self._paused = self._proven, now
        self._proven = now

    def _lose(self, error: ConnectionClosed) -> None:
        """The connection is gone: since now, or, if nobody told us, since the last that came over it.

        A goodbye that was waiting while we did not run may be as old as the pause.
        """
        if self._said is None or self._link.cause is not None:
            return
        now = self._clock.wall()
        since = self._proven if error.rcvd is None else now
        began, ended = self._paused
        if now - ended <= self._timing.look_every:
            since = began
        self._said = max(self._said, since)

    def _take(self, frame: bytes) -> None:
        """One frame: to the feed, or counted as broken."""
        now = self._clock.wall()
        try:
            tick = self._decode(frame, now=now)
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
        self._link.alive()
        if self._said is not None:
            self._feed.report(Gap(int(min(self._said, now) * 1000), int(now * 1000)))
        self._link.status(Link.LIVE, "")

    async def _wish(self, ws: ClientConnection) -> None:
        """Say the wish, whole, when it changes and every 15 s; what is unwanted first, to free its place."""
        sent: frozenset[str] = frozenset()
        while True:
            self._changed.clear()
            wanted = self._wanted
            for message in self._dialect.wish(wanted, sent - wanted):
                await ws.send(message)
                if self._dialect.pause:
                    await self._clock.sleep(self._dialect.pause)
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
            if self._said != said or self._dialect.explains_silence:
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
            self._link.cause = Trouble("the link did not survive a pause")
            ws.transport.abort()

    def _should_tick(self, now: float) -> bool:
        return any(should_tick(symbol, self._last.get(symbol), now) for symbol in self._wanted)

    def _mute(self, ws: ClientConnection, silence: float, now: float) -> None:
        reason = f"connected, but mute for {silence:.0f} s"
        if not self._stale:
            # The next tick begins anew: it says that the link is live again, and what was missed.
            self._stale, self._live = True, False
            self._link.status(Link.STALE, reason)
        if now - self._muted_at >= self._timing.mute_again:
            self._muted_at = now
            self._link.cause = Trouble(reason)
            ws.transport.abort()
