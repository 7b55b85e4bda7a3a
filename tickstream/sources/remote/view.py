"""One view of a tickstream server: its route, followed, and the newest document that came over it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any, NoReturn

from websockets.asyncio.client import ClientConnection
from websockets.datastructures import Headers

from tickstream.core.ports import Link, Status
from tickstream.core.received import Request, read_document
from tickstream.errors import WireError
from tickstream.sources.dial import Timing
from tickstream.sources.remote import Address, said_mark
from tickstream.sources.remote.answers import judge_server
from tickstream.sources.supervisor import Clock, Host, Supervisor
from tickstream.sources.trouble import Trouble

__all__ = ["RemoteView"]

_ABOUT_NOW = 2.0
"""Seconds by which two clocks may differ before it counts: a header says whole ones."""


class RemoteView:
    """Keeps the newest document of a route. Constructing it does nothing; running it connects, and again.

    `changed` is called when a document came, and when the state of the link is another.
    """

    def __init__(
        self,
        address: Address,
        request: Request,
        changed: Callable[[], None],
        *,
        timing: Timing = Timing(),  # noqa: B008 - frozen
        clock: Clock = Clock(),  # noqa: B008 - frozen
    ) -> None:
        self._request, self._changed = request, changed
        self._timing, self._clock = timing, clock
        self._host = Host(
            f"{address.root}{request.path}",
            timing,
            clock,
            headers=address.headers,
            judge=judge_server(keyed=bool(address.key)),
            opened=self._opened,
        )
        self._link = Supervisor(self._host, self._say, self._session)
        self._ahead = 0.0
        """Seconds by which the server's clock is ahead of ours."""
        self.document: Any = None
        self.number = 0
        """How many documents came."""
        self.came = 0.0
        """When the newest came; monotonic."""
        self.every: float | None = None
        """Seconds between the last two over one connection; not the first two, as one comes at once."""
        self._since = 0
        """How many came over this connection."""
        self.status = Status(Link.CONNECTING, int(clock.wall() * 1000))
        self.unreadable = ""
        """Why the last message could not be read; empty where it could."""

    @property
    def host(self) -> str:
        """The server's name, for people."""
        return self._host.name

    @property
    def mark(self) -> str:
        """What the data must be marked as."""
        return self.status.mark

    def now(self) -> float:
        """Seconds since the epoch by the server's clock, which is the one that its documents are dated by."""
        return self._clock.wall() + self._ahead

    def monotonic(self) -> float:
        return self._clock.monotonic()

    async def run(self) -> NoReturn:
        """Follow the route until cancelled.

        Raises:
            BadKey: the server wants a key, or another one.
            Refused: it turned the very first try away in a way that will not change.
        """
        await self._link.run()
        raise AssertionError("a supervisor runs until it is cancelled")

    def _opened(self, headers: Headers) -> str:
        self._ahead = self._difference(headers.get("Date", ""))
        return said_mark(headers)

    def _difference(self, date: str) -> float:
        try:
            ahead = parsedate_to_datetime(date).timestamp() - self._clock.wall()
        except (ValueError, OverflowError):
            return 0.0
        return ahead if abs(ahead) > _ABOUT_NOW else 0.0

    async def _session(self, ws: ClientConnection) -> NoReturn:
        self._link.status(Link.CONNECTING, "connected, waiting for data")
        self._since = 0
        if self._request.message:
            await ws.send(self._request.message)
        while True:
            try:
                async with asyncio.timeout(self._timing.mute_again):
                    text = await ws.recv(decode=False)
            except TimeoutError:
                # Pings are answered, so the link is not dead; but what is behind it seems to be.
                self._link.cause = Trouble(f"connected, but mute for {self._timing.mute_again:.0f} s")
                ws.transport.abort()
                continue
            self._take(text)

    def _take(self, text: bytes) -> None:
        try:
            document = read_document(self._request.view, text)
        except WireError as error:
            self.unreadable = f"{self.host} sent what cannot be read: {error}"
        else:
            self.unreadable = ""
            now = self._clock.monotonic()
            if self._since > 1:
                self.every = now - self.came
            self._since, self.number, self.came = self._since + 1, self.number + 1, now
            self.document = document
            self._link.alive()
            self._link.status(Link.LIVE, "")
        self._changed()

    def _say(self, status: Status) -> None:
        self.status = status
        self._changed()
