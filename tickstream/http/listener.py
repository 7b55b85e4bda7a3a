"""The listener: one port, each connection left to websockets or to h11 by the head that it begins with."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Any, Self

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.protocol import State

from tickstream.http.binding import ListeningSocket, bind
from tickstream.http.messages import Cut, HttpHandler, Terms, WebSocketHandler
from tickstream.http.plain import Plain

__all__ = ["Listener", "listen"]

_log = logging.getLogger(__name__)


def listen(
    websocket_handler: WebSocketHandler,
    http_handler: HttpHandler,
    host: str,
    port: int,
    **options: Any,
) -> Listener:
    """Both on one port, while this is entered; options: `terms`, and those of websockets' `serve`."""
    terms = options.pop("terms", Terms())
    options = {"compression": None, "backlog": 100} | options
    find = partial(bind, host, port, options["backlog"], terms.full)
    return Listener(find, partial(serve, websocket_handler, **options), http_handler, terms)


class Listener:
    """A port that is listened on while this is entered."""

    def __init__(
        self,
        find: Callable[[], Awaitable[list[ListeningSocket]]],
        start: Callable[..., Awaitable[Server]],
        http_handler: HttpHandler,
        terms: Terms,
    ) -> None:
        self.http_handler = http_handler
        self.terms = terms
        self.closing = False
        self.connections: set[_Connection] = set()
        self.servers: list[Server] = []
        """The servers of websockets below, one for each address."""
        self.endings: set[asyncio.Task[None]] = set()
        """The closing handshakes that are under way."""
        self._find, self._start = find, start

    @property
    def port(self) -> int:
        """The port listened on, also where the system chose it."""
        port: int = self.servers[0].sockets[0].getsockname()[1]
        return port

    async def __aenter__(self) -> Self:
        # The deadline of websockets would cover keep-alive as well; ours ends with the first head.
        for found in await self._find():
            made = partial(_Connection, self)
            self.servers.append(await self._start(sock=found, create_connection=made, open_timeout=None))
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()
        await self.wait_closed()

    def close(self, *, code: int = 1001, reason: str = "", grace: float = 0.0) -> None:
        """Stop listening and close all connections; requests being answered have `grace` seconds left."""
        self.closing = True
        for server in self.servers:
            server.close(close_connections=False)
        for connection in tuple(self.connections):
            connection.leave(code, reason, grace)

    async def wait_closed(self) -> None:
        """Until the last connection and its handler have ended."""
        for server in self.servers:
            await server.wait_closed()
        if self.endings:
            await asyncio.wait(self.endings)
            self.endings.clear()


class _Connection(ServerConnection):
    """A connection of websockets whose bytes are held back until they ask for a WebSocket."""

    def __init__(self, listener: Listener, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.listener = listener
        self.plain: Plain | None = Plain(self, listener.terms)
        self._admitted: str | None = None
        """From which address, until it is a WebSocket or gone."""
        self._due = 0.0
        """When all that was read would have come, had it come at the rate that is allowed."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.listener.connections.add(self)
        if self.plain:
            self.plain.peer = self.peer
            self.plain.reader.set_transport(transport)
        if not self.listener.closing and self.listener.terms.admit(self.peer):
            self._admitted = self.peer
        else:
            self.transport.abort()

    def data_received(self, data: bytes) -> None:
        if self.plain is None:
            super().data_received(data)
            self._pace(len(data))
        else:
            self.plain.reader.feed_data(data)

    def _pace(self, size: int) -> None:
        now, rate = self.loop.time(), self.listener.terms.rate
        self._due = max(self._due, now - 1.0) + size / rate
        if self._due > now:
            self.transport.pause_reading()
            self.loop.call_later(self._due - now, self._read_on)

    def _read_on(self) -> None:
        # websockets holds back by itself what nobody takes yet, and lets it go when somebody has.
        if not self.recv_messages.paused:
            self.transport.resume_reading()

    def eof_received(self) -> bool | None:  # type: ignore[override]  # what asyncio's own protocols return
        if self.plain is None:
            super().eof_received()
            return None
        # A client may send its request, shut down its side, and wait for the answer; but not for ever.
        self.loop.call_later(self.listener.terms.stall_seconds, self.transport.abort)
        self.plain.reader.feed_eof()
        # TLS closes both ways at once, whatever is said here.
        return self.transport.get_extra_info("ssl_object") is None

    def connection_lost(self, exc: Exception | None) -> None:
        self.listener.connections.discard(self)
        self._settle()
        if self.protocol.handshake_exc is not None:
            self.listener.terms.malformed(self.peer)
        super().connection_lost(exc)

    def _settle(self) -> None:
        peer, self._admitted = self._admitted, None
        if peer is not None:
            self.listener.terms.settled(peer)

    @property
    def peer(self) -> str:
        """The address that it came from."""
        address = self.remote_address
        return str(address[0]) if isinstance(address, tuple) else ""

    async def handshake(self, *args: Any, **kwargs: Any) -> None:
        # If no WebSocket is open when this returns, websockets aborts what is left of the connection.
        conversation = asyncio.create_task(self._converse(*args, **kwargs))
        try:
            ends = [conversation, self.connection_lost_waiter]
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            conversation.cancel()
            await asyncio.wait([conversation])
        if not conversation.cancelled() and (error := conversation.exception()):
            _log.error("a connection failed", exc_info=error)

    async def _converse(self, *args: Any, **kwargs: Any) -> None:
        plain = self.plain
        assert plain is not None
        with suppress(Cut, TimeoutError):
            async with asyncio.timeout(self.listener.terms.head_seconds) as deadline:
                if not await plain.is_websocket():
                    deadline.reschedule(None)
                    await plain.run(self.listener.http_handler)
                elif not plain.reader.at_eof():
                    self.plain = None
                    super().data_received(bytes(plain.head))
                    await super().handshake(*args, **kwargs)
                    if self.state is State.OPEN:
                        self._settle()
            return
        self.transport.abort()

    def leave(self, code: int, reason: str, grace: float) -> None:
        """Close: at once, unless a request is being answered."""
        if self.state is State.OPEN:
            # Not left to websockets: one whose handshake has just been answered it does not know yet.
            self.listener.endings.add(self.loop.create_task(self.close(code, reason)))
        elif self.plain is None:
            self.transport.abort()
        elif self.plain.busy and grace > 0:
            self.plain.last = True
            self.loop.call_later(grace, self.transport.abort)
        else:
            self.transport.close()
            self.loop.call_later(self.listener.terms.linger_seconds, self.transport.abort)
