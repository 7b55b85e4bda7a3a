"""The listener: one port, each connection left to websockets or to h11 by the head that it begins with."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from email.utils import formatdate
from functools import partial
from http import HTTPStatus
from typing import Any, Self

import h11
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.protocol import State

from tickstream.http.messages import Cut, HttpHandler, Request, Response, Terms, WebSocketHandler

__all__ = ["Listener", "listen"]

_log = logging.getLogger(__name__)
_AT_ONCE = 1_048_576


def listen(
    websocket_handler: WebSocketHandler,
    http_handler: HttpHandler,
    host: str,
    port: int,
    **options: Any,
) -> Listener:
    """Both on one port, while this is entered; options: `terms`, and those of websockets' `serve`."""
    terms = options.pop("terms", Terms())
    start = partial(serve, websocket_handler, host, port, **{"compression": None} | options)
    return Listener(start, http_handler, terms)


class Listener:
    """A port that is listened on while this is entered."""

    def __init__(self, start: Callable[..., Any], http_handler: HttpHandler, terms: Terms) -> None:
        self.http_handler = http_handler
        self.terms = terms
        self.closing = False
        self.connections: set[_Connection] = set()
        self.server: Server
        """The server of websockets below."""
        self.endings: set[asyncio.Task[None]] = set()
        """The closing handshakes that are under way."""
        self._start = start

    @property
    def port(self) -> int:
        """The port listened on, also where the system chose it."""
        port: int = self.server.sockets[0].getsockname()[1]
        return port

    async def __aenter__(self) -> Self:
        # The deadline of websockets would cover keep-alive as well; ours ends with the first head.
        self.server = await self._start(create_connection=partial(_Connection, self), open_timeout=None)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()
        await self.wait_closed()

    def close(self, *, code: int = 1001, reason: str = "", grace: float = 0.0) -> None:
        """Stop listening and close all connections; requests being answered have `grace` seconds left."""
        self.closing = True
        self.server.close(close_connections=False)
        for connection in tuple(self.connections):
            connection.leave(code, reason, grace)

    async def wait_closed(self) -> None:
        """Until the last connection and its handler have ended."""
        await self.server.wait_closed()
        if self.endings:
            await asyncio.wait(self.endings)
            self.endings.clear()


class _Connection(ServerConnection):
    """A connection of websockets whose bytes are held back until they ask for a WebSocket."""

    def __init__(self, listener: Listener, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.listener = listener
        self.plain: _Plain | None = _Plain(self, listener.terms)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.listener.connections.add(self)
        if self.plain:
            self.plain.reader.set_transport(transport)
        if self.listener.closing or not self.listener.terms.admit(self.peer):
            self.transport.abort()

    def data_received(self, data: bytes) -> None:
        if self.plain is None:
            super().data_received(data)
        else:
            self.plain.reader.feed_data(data)

    def eof_received(self) -> bool | None:  # type: ignore[override]  # what asyncio's own protocols return
        if self.plain is None:
            super().eof_received()
            return None
        # A client may send its request, shut down its side, and wait for the answer; but not for ever.
        self.loop.call_later(self.listener.terms.stall_seconds, self.transport.abort)
        self.plain.reader.feed_eof()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        self.listener.connections.discard(self)
        super().connection_lost(exc)

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


class _Plain:
    """The HTTP side of a connection: bytes through h11 to the handler and back."""

    def __init__(self, connection: _Connection, terms: Terms) -> None:
        self.reader = asyncio.StreamReader(limit=terms.head_bytes, loop=connection.loop)
        self.head = bytearray()
        """All that came before it was clear what this is; a WebSocket's handshake is made of it."""
        self.busy = False
        self.last = False
        """Whether the connection closes after the request being answered."""
        self._connection = connection
        self._terms = terms
        self._h11 = h11.Connection(h11.SERVER, max_incomplete_event_size=terms.head_bytes)
        self._first: object = None

    async def is_websocket(self) -> bool:
        """Whether the first head, once it is there, asks for a WebSocket."""
        try:
            self._first = first = await self._next_event()
        except h11.RemoteProtocolError as error:
            self._first = error
            return False
        return isinstance(first, h11.Request) and first.method == b"GET" and _upgrades(first)

    async def run(self, handler: HttpHandler) -> None:
        """Answer requests until either side ends it."""
        event = self._first
        try:
            if isinstance(event, h11.RemoteProtocolError):
                raise event
            while isinstance(event, h11.Request):
                self.busy = True
                await self._answer(event, handler)
                self.busy = False
                if self.last or {self._h11.our_state, self._h11.their_state} != {h11.DONE}:
                    break
                self._h11.start_next_cycle()
                async with asyncio.timeout(self._terms.idle_seconds):
                    event = await self._next_event()
        except h11.RemoteProtocolError as error:
            self.last = True
            if self._h11.our_state in (h11.IDLE, h11.SEND_RESPONSE):
                await self._send(_words(error.error_status_hint))
        await self._linger()

    async def _next_event(self) -> object:
        while (event := self._h11.next_event()) is h11.NEED_DATA:
            data = await self.reader.read(_AT_ONCE)
            if self._first is None:
                self.head += data
            self._h11.receive_data(data)
        if isinstance(event, h11.Request) and _size(event) > self._terms.head_bytes:
            # h11 limits only a head that is still incomplete.
            raise h11.RemoteProtocolError("head too long", HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        return event

    async def _answer(self, head: h11.Request, handler: HttpHandler) -> None:
        async with asyncio.timeout(self._terms.body_seconds):
            body = await self._body()
        headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in head.headers)
        method, target = head.method.decode("latin-1"), head.target.decode("latin-1")
        try:
            response = await handler(Request(method, target, headers, body, self._connection.peer))
        except Cut:
            raise
        except Exception:
            _log.exception("%s %s failed", method, target)
            response = _words(HTTPStatus.INTERNAL_SERVER_ERROR)
        await self._send(response, bodiless=method == "HEAD")

    async def _body(self) -> bytes:
        body = bytearray()
        if self._h11.they_are_waiting_for_100_continue:
            self._write(h11.InformationalResponse(status_code=100, headers=[]))
        while isinstance(event := await self._next_event(), h11.Data):
            body += event.data
            if len(body) > self._terms.body_bytes:
                raise h11.RemoteProtocolError("body too long", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return bytes(body)

    async def _send(self, response: Response, *, bodiless: bool = False) -> None:
        body, never = response.body, response.status in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)
        headers = [("date", formatdate(usegmt=True)), *response.headers]
        if isinstance(body, bytes) and not never:
            headers.append(("content-length", str(len(body))))
        if self.last:
            headers.append(("connection", "close"))
        head = h11.Response(status_code=response.status, headers=headers, reason=_phrase(response.status))
        if bodiless or never:
            self._write(head, h11.EndOfMessage())
        elif isinstance(body, bytes):
            self._write(head, h11.Data(data=body), h11.EndOfMessage())
        else:
            self._write(head)
            async for piece in body:
                self._write(h11.Data(data=piece))
                await self._drain()
            self._write(h11.EndOfMessage())
        await self._drain()

    def _write(self, *events: h11.Event) -> None:
        self._connection.transport.write(b"".join(self._h11.send(event) or b"" for event in events))

    async def _drain(self) -> None:
        async with asyncio.timeout(self._terms.stall_seconds):
            await self._connection.drain()

    async def _linger(self) -> None:
        # Closing with bytes unread resets the connection, and the peer may lose what it was just sent.
        with suppress(OSError, RuntimeError):
            self._connection.transport.write_eof()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._terms.linger_seconds):
                while await self.reader.read(_AT_ONCE):
                    pass
        self._connection.transport.close()
        async with asyncio.timeout(self._terms.stall_seconds):
            await asyncio.shield(self._connection.connection_lost_waiter)


def _size(request: h11.Request) -> int:
    return len(request.target) + sum(len(name) + len(value) + 4 for name, value in request.headers)


def _upgrades(request: h11.Request) -> bool:
    return any(name == b"upgrade" and b"websocket" in value.lower() for name, value in request.headers)


def _phrase(status: int) -> str:
    with suppress(ValueError):
        return HTTPStatus(status).phrase
    return ""


def _words(status: int) -> Response:
    return Response(status, (("content-type", "text/plain; charset=utf-8"),), f"{_phrase(status)}\n".encode())
