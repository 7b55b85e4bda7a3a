"""The server: one upstream, shared by all who connect, from entering `serving` to leaving it."""

from __future__ import annotations

import asyncio
import errno
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from functools import partial
from typing import Any

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request as Handshake
from websockets.http11 import Response as HandshakeResponse
from websockets.protocol import State

from tickstream.core.ports import SIMULATED, Link, PartSource, Source, Status
from tickstream.errors import SourceError, TickstreamError
from tickstream.http import Listener, Terms, listen
from tickstream.hub import Hub
from tickstream.server.attend import Attendant
from tickstream.server.budget import Budget
from tickstream.server.channels import PATIENCE, Channels
from tickstream.server.client import SHUTDOWN, WITHDRAWN, Client
from tickstream.server.door import Door
from tickstream.server.fan import Fan
from tickstream.server.gate import Gate
from tickstream.server.keeping import keep
from tickstream.server.keys import Keys
from tickstream.server.log import Log
from tickstream.server.measured import measure
from tickstream.server.metrics import Metrics
from tickstream.server.plain import Plain
from tickstream.server.room import Room, descriptor_limit
from tickstream.server.settings import Place, Settings
from tickstream.server.sharing import Sharing
from tickstream.server.solo import Solo
from tickstream.server.upstream import Upstream
from tickstream.sources.remote import MARK

__all__ = ["Place", "Server"]

SERVER = "tickstream"
_LOOK = 0.25
"""Seconds between two looks at who takes nothing."""
_LATE = 0.5
"""Seconds by which the event loop may be late before that is said: rows are due each quarter of one."""
_DRAIN = 8.0
"""Seconds for clients to say goodbye."""
_AGAIN = 60.0
"""Seconds until a source that refused is asked again."""


class Server:
    """Shares `ticks` and `parts` among WebSocket clients. Constructing it opens nothing."""

    def __init__(
        self,
        settings: Settings,
        ticks: Source,
        parts: PartSource,
        keys: Keys,
        log: Log,
        *,
        loopback: bool,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.settings, self.log = settings, log
        self.sharing = self._share(ticks, parts)
        self.hub = Hub()
        self.fan = Fan(self.hub, failed=self._failed)
        self.channels = Channels(
            parts, self.hub, self.fan, settings.interval, self.sharing, failed=self._failed
        )
        self.upstream = Upstream(self.hub, log, self._views_trouble)
        self.clients: dict[Client, str] = {}
        """Who is connected, and by which route."""
        self.metrics = Metrics()
        self.door = Door(Gate(settings, keys, loopback=loopback), self.metrics, log)
        self.room = Room(self.door.gate, settings.limits.per_address, descriptor_limit(), self.door.turn_away)
        self.lag = 0.0
        """Seconds by which the event loop was late, when last looked at."""
        self.parts, self._tls = parts, tls
        self._leaving: set[asyncio.Task[None]] = set()
        """Those who are being sent away."""
        self._dropped = self.metrics.counter("dropped_total", "Clients cut off, by reason", "reason")
        self._errors = self.metrics.counter("errors_total", "Bugs that were met and survived")
        self._plain = Plain(self, self.door)
        self.attendant = Attendant(settings.limits, self.fan, self.channels, self.dropped, self._status)
        measure(self)

    def admit_by(self, keys: Keys) -> int:
        """Let in by these keys from now on; end what came in by others, and say how many that are."""
        self.door.gate.keys = keys
        withdrawn = self.door.withdrawn()
        for connection in withdrawn:
            task = asyncio.ensure_future(_send_away(connection))
            self._leaving.add(task)
            task.add_done_callback(self._leaving.discard)
        return len(withdrawn)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Place]:
        """Listen while this is entered; then clients are told that it ends, and leave within ten seconds.

        Raises:
            OSError: the address cannot be listened on.
        """
        settings = self.settings
        hosts = ["127.0.0.1", "::1"] if settings.host == "localhost" else [settings.host]
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self.sharing.running())
            await self._learn_mark()
            listeners: list[Listener] = []
            port = settings.port
            for host in hosts:
                listener = self._listener(host, port)
                try:
                    await stack.enter_async_context(listener)
                except OSError as error:
                    # A machine without IPv6 is one on which localhost is one address. But whoever else
                    # has this port on the other one would be taken for us.
                    if not listeners or error.errno == errno.EADDRINUSE:
                        raise
                    continue
                listeners.append(listener)
                port = listener.port
            kept = ((self.channels.run, 1.0), (self._stream, _AGAIN), (self._look, 1.0))
            work = [asyncio.create_task(keep(run, again, self._failed)) for run, again in kept]
            try:
                yield Place(settings.host, port, self._tls is not None)
            finally:
                await self._drain(listeners)
                for task in work:
                    task.cancel()
                await asyncio.gather(*work, return_exceptions=True)
                self.fan.close()

    @property
    def ready(self) -> tuple[bool, str]:
        """Whether clients get what is live, and what is known about it."""
        ready, text = self._state()
        sharing = self.sharing.state
        said = [
            text,
            "" if sharing == "alone" else f"redis {sharing}",
            f"prices {self.mark}" if self.mark else "",
        ]
        return ready, "; ".join(filter(None, said))

    @property
    def mark(self) -> str:
        """What the data must be marked as."""
        if self.settings.source == "demo":
            return SIMULATED
        return self.hub.status.mark or self.parts.mark or self.sharing.mark

    def _status(self) -> Status:
        """The state of upstream, for who has not been told of it yet."""
        return replace(self.hub.status, mark=self.mark)

    async def _learn_mark(self) -> None:
        """Ask upstream what it is before anybody is let in: what is simulated is never served unmarked."""
        if self.mark or self.settings.source == "yahoo":
            return
        with suppress(TickstreamError, TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await self.parts.fetch(["markettime"])

    def _say_mark(self, connection: ServerConnection, _: Handshake, answer: HandshakeResponse) -> None:
        """Put the mark into the handshake, so that it is known before the first data."""
        if self.mark:
            answer.headers[MARK] = self.mark

    def _state(self) -> tuple[bool, str]:
        state = self.hub.status.state
        if self.fan.symbols and state not in (Link.LIVE, Link.STALE):
            return False, f"upstream {state}"
        if self.channels.poll.failing and not self.channels.poll.parts:
            return False, f"upstream: {self.channels.poll.trouble}"
        return True, f"upstream {state if self.fan.symbols else 'not needed'}"

    def _share(self, ticks: Source, parts: PartSource) -> Sharing:
        """This instance alone, or with those that are at the same Redis."""
        settings = self.settings
        if not settings.redis_url:
            return Solo(ticks, Budget(settings.upstream_rate, lambda: parts.requests))
        from tickstream.server.cluster.opening import open_cluster

        return open_cluster(settings, ticks, lambda: parts.requests, self.log, self._failed)

    def _views_trouble(self) -> str:
        poll = self.channels.poll
        # To see whose failures matter all wishes are gone through: not four times a second for nothing.
        return poll.trouble if poll.failing or self.parts.shortage else ""

    def dropped(self, reason: str) -> None:
        """Count a client that was cut off."""
        self._dropped[reason] += 1
        self.log("dropped", every=1.0, reason=reason)

    def _listener(self, host: str, port: int) -> Listener:
        options: dict[str, Any] = {}
        if self._tls is not None:
            # Less than draining takes: Python 3.12 waits for these too.
            options = {"ssl": self._tls, "ssl_handshake_timeout": min(self.settings.limits.handshake, 5.0)}
        return listen(
            self._attend,
            self._plain.answer,
            host,
            port,
            terms=self._terms(),
            process_request=self.door.admit,
            process_response=self._say_mark,
            select_subprotocol=self.door.subprotocol,
            server_header=SERVER,
            max_size=16_384,
            max_queue=16,
            ping_interval=self.settings.limits.ping,
            ping_timeout=self.settings.limits.pong,
            close_timeout=3,
            backlog=1024,
            **options,
        )

    def _terms(self) -> Terms:
        return Terms(
            admit=self.room.admit,
            settled=self.room.settle,
            malformed=partial(self.door.turn_away, "malformed"),
            full=partial(self.door.turn_away, "descriptors", "unknown"),
            head_seconds=self.settings.limits.handshake,
            body_bytes=16_384,
            idle_seconds=30.0,
            rate=self.settings.limits.rate,
        )

    async def _attend(self, connection: ServerConnection) -> None:
        admitted = self.door.admitted(connection)
        if admitted is None:
            return
        admission, route = admitted
        told = connection.response.headers.get(MARK, "") if connection.response else ""
        client = Client(connection, admission, self.settings.limits, self.dropped, lambda: told == self.mark)
        self.clients[client] = route.kind
        try:
            await self.attendant.attend(client, route)
        except ConnectionClosed:
            pass
        except Exception as error:
            self._failed(error)
            await client.close(1011, "")
        finally:
            del self.clients[client]

    async def _stream(self) -> None:
        """Stream from upstream until it refuses."""
        try:
            await self.hub.run(self.sharing.ticks)
        except SourceError as error:
            self.log("upstream-refused", reason=error, retry=int(_AGAIN))
            return
        # By itself none ends but a tape, and that is not to begin again.
        await asyncio.Event().wait()

    async def _look(self) -> None:
        """Cut off who takes nothing; see how late the event loop is."""
        while True:
            before = time.monotonic()
            await asyncio.sleep(_LOOK)
            now = time.monotonic()
            self.lag = max(0.0, now - before - _LOOK)
            if self.lag >= _LATE:
                self.log("late", every=60.0, seconds=f"{self.lag:.1f}")
            self.upstream.look(now)
            for client in self.clients:
                client.look(now)
            self.fan.catch_up()

    async def _drain(self, listeners: list[Listener]) -> None:
        """Tell all clients that this ends, and wait for them, but not for long."""
        for listener in listeners:
            listener.close(code=SHUTDOWN, reason="the server ends", grace=2.0)
        try:
            async with asyncio.timeout(_DRAIN):
                await asyncio.gather(*(listener.wait_closed() for listener in listeners))
        except TimeoutError:
            for listener in listeners:
                for connection in tuple(listener.connections):
                    connection.transport.abort()

    def _failed(self, error: Exception) -> None:
        """Count and log a bug that was met; what it hit goes on."""
        self._errors[""] += 1
        place = error.__traceback__
        while place and place.tb_next:
            place = place.tb_next
        where = f"{place.tb_frame.f_code.co_filename.rpartition('/')[2]}:{place.tb_lineno}" if place else ""
        expected = isinstance(error, TickstreamError)
        self.log("failed" if expected else "bug", every=1.0, error=repr(error), at=where)


async def _send_away(connection: ServerConnection) -> None:
    """Say that its key is gone, and cut it off where it does not answer soon."""
    with suppress(TimeoutError):
        async with asyncio.timeout(2.0):
            # In the middle of its handshake there is nothing to say yet.
            if connection.state is State.OPEN:
                await connection.close(WITHDRAWN, "the key opens no longer")
    connection.transport.abort()
