"""A tickstream server as a source of ticks: one connection, and what it says of its own upstream.

The server is up while its upstream may be down, so the state that is reported is
the worse of two: that of our connection to it, and the one that it says it has.
It says so before the first tick, and whenever it changes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

from websockets.datastructures import Headers

from tickstream.core.fromjson import read
from tickstream.core.ports import Event, Feed, Gap, Link, Status, Unreadable
from tickstream.core.symbols import MOST
from tickstream.core.tick import Tick
from tickstream.sources.dial import Timing
from tickstream.sources.remote import Address, said_mark
from tickstream.sources.remote.answers import judge_server
from tickstream.sources.stream import Stream
from tickstream.sources.supervisor import Clock, Host

__all__ = ["RemoteStream"]

_PIECE = 500
"""Symbols in one message: a server takes 16 KiB, and a symbol is at most 24 characters."""


class RemoteStream:
    """The ticks of the symbols that are followed; with `each` every push as it came, else rows.

    Constructing it does nothing. `run` connects, reconnects and resubscribes by
    itself until it is cancelled. How many symbols it may have is the server's to say.
    """

    def __init__(
        self,
        address: Address,
        *,
        each: bool = True,
        timing: Timing = Timing(),  # noqa: B008 - frozen
        clock: Clock = Clock(),  # noqa: B008 - frozen
    ) -> None:
        self.url = f"{address.root}/stream?format=json&events=1{'&every=0' if each else ''}"
        self._address, self._timing, self._clock = address, timing, clock
        self._dialect = RemoteDialect(urlsplit(address.root).netloc.rpartition("@")[2])
        self._stream = Stream(self._dialect, MOST)

    def follow(self, symbols: frozenset[str]) -> None:
        self._stream.follow(symbols)

    async def run(self, feed: Feed) -> None:
        """Stream until cancelled.

        Raises:
            BadKey: the server wants a key, or another one.
            Refused: it turned the very first try away in a way that will not change.
        """
        address = self._address
        both = self._dialect.both = Both(feed, self._dialect.name)

        def opened(headers: Headers) -> str:
            both.forget()
            return said_mark(headers)

        host = Host(
            self.url,
            self._timing,
            self._clock,
            headers=address.headers,
            judge=judge_server(keyed=bool(address.key)),
            opened=opened,
        )
        await self._stream.run(host, both)


class RemoteDialect:
    """How a tickstream server is spoken to."""

    pause = 0.25
    """It takes five messages a second."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.both: Both | None = None

    @property
    def explains_silence(self) -> bool:
        """Where its upstream is down it says so, and another connection to it would change nothing."""
        return self.both is not None and self.both.upstream_is_down

    def decode(self, frame: bytes, *, now: float) -> Tick | None:
        said = read(frame, now=now)
        if isinstance(said, Tick):
            return said
        if said is not None and self.both is not None:
            self.both.hear(said, now)
        return None

    def wish(self, wanted: frozenset[str], unwanted: frozenset[str]) -> Iterator[str]:
        for gone in _pieces(unwanted):
            yield json.dumps({"unsubscribe": gone})
        for piece in _pieces(wanted):
            yield json.dumps({"subscribe": piece})


def _pieces(symbols: frozenset[str]) -> Iterator[list[str]]:
    ordered = sorted(symbols)
    for start in range(0, len(ordered), _PIECE):
        yield ordered[start : start + _PIECE]


class Both:
    """A feed that is told of our link to the server and of the server's own, and passes the worse on."""

    def __init__(self, feed: Feed, name: str) -> None:
        self._feed, self._name = feed, name
        self.publish = feed.publish
        self.broken = feed.broken
        self._ours: Status | None = None
        self._theirs: Status | None = None
        """What the server said last, on this connection."""
        self._said: Status | None = None

    @property
    def rest(self) -> float:
        return self._feed.rest

    @property
    def upstream_is_down(self) -> bool:
        return self._theirs is not None and self._theirs.state is not Link.LIVE

    def report(self, event: Event) -> None:
        """What happened to our own link."""
        if not isinstance(event, Status):
            self._feed.report(event)
            return
        if event.state in (Link.BACKOFF, Link.REFUSED):
            self.forget()
        self._ours = event
        self._say()

    def forget(self) -> None:
        """A connection begins: what was said on another one tells nothing."""
        self._theirs = None

    def hear(self, event: Event, now: float) -> None:
        """What the server says happened to its own; `now` is seconds since the epoch."""
        match event:
            case Status():
                # Its clock may be ahead of ours, and nothing happens later than now.
                self._theirs = replace(event, time=min(event.time, int(now * 1000)))
                self._say()
            case Gap():
                self._feed.report(replace(event, reason=self._of_theirs(event.reason)))
            case Unreadable():
                self._feed.report(replace(event, reason=self._of_theirs(event.reason)))
            case _:
                self._feed.report(event)

    def _of_theirs(self, reason: str) -> str:
        return f"upstream of {self._name}: {reason}" if reason else f"upstream of {self._name}"

    def _say(self) -> None:
        status = self._worse()
        if status is not None and (self._said is None or status.news != self._said.news):
            self._said = status
            self._feed.report(status)

    def _worse(self) -> Status | None:
        ours, theirs = self._ours, self._theirs
        if ours is None:
            return None
        if theirs is None:
            if ours.state is Link.LIVE:
                return replace(
                    ours, state=Link.CONNECTING, reason=f"{self._name} does not say whether it is live"
                )
            return ours
        # The mark is in the handshake; what the server learnt since is in what it says.
        mark = theirs.mark or ours.mark
        if theirs.state is Link.LIVE:
            return replace(ours, mark=mark)
        reason = self._of_theirs(theirs.reason or str(theirs.state))
        return replace(theirs, reason=reason, mark=mark)
