"""A server of ticks as a source of them: as many connections as the symbols need, as one."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace

from tickstream.core.ports import Feed, Link, Status
from tickstream.errors import TickstreamError
from tickstream.sources.connection import Connection, Dialect
from tickstream.sources.shards import share_out
from tickstream.sources.supervisor import Host

__all__ = ["Stream"]


_WORST_FIRST = (Link.REFUSED, Link.BACKOFF, Link.STALE, Link.CONNECTING, Link.LIVE)


class Stream:
    """What comes over all connections to one server; each has at most `most` symbols.

    It connects, reconnects and resubscribes by itself until it is cancelled; more
    symbols open more connections.
    """

    def __init__(self, dialect: Dialect, most: int) -> None:
        self._dialect, self._most = dialect, most
        self._wanted: frozenset[str] = frozenset()
        self._changed = asyncio.Event()
        self._states: dict[Connection, Status] = {}
        self._said: Status | None = None

    def follow(self, symbols: frozenset[str]) -> None:
        """Say the whole wish."""
        self._wanted = symbols
        self._changed.set()

    async def run(self, host: Host, feed: Feed) -> None:
        """Stream until cancelled.

        Raises:
            Refused: the server turned the very first try away in a way that will not change.
        """
        try:
            async with asyncio.TaskGroup() as tasks:
                await self._keep(host, feed, tasks)
        except* TickstreamError as group:
            raise _first(group) from None

    async def _keep(self, host: Host, feed: Feed, tasks: asyncio.TaskGroup) -> None:
        """Keep a connection for each share of the wish."""
        running: list[tuple[Connection, asyncio.Task[None]]] = []
        shares: list[frozenset[str]] = []

        def say(connection: Connection, status: Status) -> None:
            # One that nobody needs any more may still have a last word.
            if connection in self._states:
                self._states[connection] = status
                self._report(feed)

        while True:
            self._changed.clear()
            shares = share_out(self._wanted, shares, most=self._most)
            for _ in range(len(shares) - len(running)):
                connection = Connection(host, self._dialect, feed, say)
                # It counts from now on, so that the whole is not live before all of it is.
                self._states[connection] = Status(Link.CONNECTING, int(host.clock.wall() * 1000))
                running.append((connection, tasks.create_task(connection.run())))
            for (connection, task), share in zip(running, shares, strict=True):
                connection.want(share)
                if not share:
                    task.cancel()
                    del self._states[connection]
                    self._report(feed)
            running = [pair for pair, share in zip(running, shares, strict=True) if share]
            shares = [share for share in shares if share]
            await self._changed.wait()

    def _report(self, feed: Feed) -> None:
        """Say the state of all connections as one: that of the worst."""
        states = list(self._states.values())
        if not states:
            return
        counts = Counter(status.state for status in states)
        worst = next(link for link in _WORST_FIRST if counts[link])
        of = next(status for status in states if status.state is worst)
        some = f"{counts[worst]} of {len(states)} connections" if len(counts) > 1 else ""
        reason = ": ".join(text for text in (some, of.reason) if text)
        # What is simulated is so for all connections, also where one of them never got through.
        mark = next((status.mark for status in states if status.mark), "")
        status = replace(of, reason=reason, mark=mark)
        if self._said is None or status.news != self._said.news:
            self._said = status
            feed.report(status)


def _first(group: BaseExceptionGroup[TickstreamError]) -> TickstreamError:
    error = group.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error
