"""A view that a tickstream server composes: its documents as they come, and what is to be said about them."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from tickstream.api.plans import Plan
from tickstream.api.showing import PATIENCE, ages_of, check_known
from tickstream.core.ports import Link
from tickstream.core.received import newest_of, parts_of
from tickstream.core.values import KEEP, Part, Parts
from tickstream.errors import SourceError
from tickstream.sources.remote import Address
from tickstream.sources.remote.view import RemoteView

__all__ = ["Relayed", "relaying"]

SLACK = 1.0
"""Seconds by which a document may be early, so that one which comes each interval is not left out."""
EVERY = 5.0
"""Seconds from document to document, where the server has not said otherwise yet."""
LATE = 3.0
"""Seconds that a document may take on its way, beside two intervals, before it is old."""


@asynccontextmanager
async def relaying(address: Address, plan: Plan, interval: float) -> AsyncIterator[Relayed]:
    """The view of a server, followed while this is entered."""
    relayed = Relayed(plan, interval)
    relayed.follow(RemoteView(address, plan.request, relayed.notice))
    try:
        yield relayed
    finally:
        await relayed.close()


class Relayed:
    """Shows what a server sends, and no more often than each `interval`."""

    def __init__(self, plan: Plan, interval: float) -> None:
        self._plan, self._asked = plan, interval
        self._view = plan.request.view
        self._remote: RemoteView
        self._running: asyncio.Task[None]
        self._news = asyncio.Event()
        self._document: Any = None
        self._number = 0
        """That of the document, of those that came."""
        self._taken = 0.0
        """When the document came; monotonic."""
        self._lost = ""
        """Why the link was lost; empty once a document came over the next."""
        self.parts: Parts = dict[str, Part]()

    def follow(self, remote: RemoteView) -> None:
        """Show what `remote` receives, which runs from now on."""
        self._remote = remote
        self._running = asyncio.create_task(remote.run())
        self._running.add_done_callback(lambda _: self.notice())

    async def close(self) -> None:
        self._running.cancel()
        await asyncio.gather(self._running, return_exceptions=True)

    def notice(self) -> None:
        """Something came, or failed: whoever waits looks again."""
        status = self._remote.status
        if status.state in (Link.BACKOFF, Link.REFUSED):
            self._lost = status.reason
        elif status.state is Link.LIVE:
            self._lost = ""
        news, self._news = self._news, asyncio.Event()
        news.set()

    @property
    def interval(self) -> float:
        every = self._remote.every
        if not every:
            return self._asked
        return max(1.0, round(every * max(1, math.ceil((self._asked - SLACK) / every))))

    @property
    def came(self) -> bool:
        return self._number > 0

    @property
    def ages(self) -> Mapping[str, float | None]:
        return ages_of(self.parts, self.parts, self.now())

    @property
    def mark(self) -> str:
        return self._remote.mark

    @property
    def trouble(self) -> str:
        if self._lost or self._remote.unreadable:
            return self._lost or self._remote.unreadable
        if self.came and self._view != "hours" and newest_of(self._view, self._document) is None:
            return f"{self._remote.host} is up, but has nothing"
        return f"{self._remote.host} is up, but what it has is old" if self.old else ""

    @property
    def old(self) -> bool:
        """The age is by the server's clock, and never less than the time since it came."""
        if not self.came:
            return False
        newest = newest_of(self._view, self._document)
        since = self._remote.monotonic() - self._taken
        age = since if newest is None else max(since, self.now() - newest)
        interval = self.interval if self._remote.every else max(self.interval, EVERY)
        return age > 2 * interval + LATE

    @property
    def unknown(self) -> frozenset[str]:
        """The server leaves out of the quotes what does not exist, and nothing else."""
        if not self.came or self._view != "quotes":
            return frozenset()
        return frozenset(self._plan.symbols) - {row["symbol"] for row in self._document}

    def now(self) -> float:
        return self._remote.now()

    def document(self) -> Any:
        if self.came and self._remote.monotonic() - self._taken < KEEP:
            return self._document
        return self._plan.compose({}, frozenset(), self.now())

    async def rounds(self, *, patience: float = PATIENCE, once: bool = False) -> AsyncGenerator[None, None]:
        if once:
            await self._first(patience)
            yield
            return
        while True:
            await self._until(self._is_due)
            self._take()
            yield

    async def changed(self) -> None:
        await self._news.wait()

    async def meant(self, symbol: str) -> str:
        """A server has no search."""
        return ""

    def check_known(self) -> None:
        check_known(self._plan, self.unknown)

    def check_reached(self) -> None:
        if not self.came and self._lost:
            raise SourceError(self._lost)

    async def _first(self, patience: float) -> None:
        """The first document, unless the server cannot be had, or needs more time than there is."""
        try:
            async with asyncio.timeout(patience):
                await self._until(lambda: self._is_due() or bool(self._lost))
        except TimeoutError:
            return
        if self._is_due():
            self._take()

    def _is_due(self) -> bool:
        """Whether a document came that is not shown, and is not too early."""
        remote = self._remote
        early = self.came and remote.came - self._taken < self._asked - SLACK
        return remote.number > self._number and not early

    def _take(self) -> None:
        remote = self._remote
        self._document, self._number, self._taken = remote.document, remote.number, remote.came
        self.parts = parts_of(self._view, self._document)

    async def _until(self, condition: Callable[[], bool]) -> None:
        """Until something is so; what ended the following is raised."""
        while not condition():
            if self._running.done():
                self._running.result()
            await self._news.wait()
