"""The HTTP side of a connection: bytes through h11 to the handler and back."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from email.utils import formatdate
from http import HTTPStatus

import h11
from websockets.asyncio.server import ServerConnection

from tickstream.http.messages import Cut, HttpHandler, Request, Response, Terms

__all__ = ["Plain"]

_log = logging.getLogger(__name__)
_AT_ONCE = 1_048_576


class Plain:
    """What one connection asks, and is answered."""

    def __init__(self, connection: ServerConnection, terms: Terms) -> None:
        self.reader = asyncio.StreamReader(limit=terms.head_bytes, loop=connection.loop)
        self.head = bytearray()
        """All that came before it was clear what this is; a WebSocket's handshake is made of it."""
        self.busy = False
        self.last = False
        """Whether the connection closes after the request being answered."""
        self.peer = ""
        """The address that it came from, once it is there."""
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
            self._terms.malformed(self.peer)
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
            response = await handler(Request(method, target, headers, body, self.peer))
        except Cut:
            raise
        except Exception:
            _log.exception("%s %s failed", method, target.partition("?")[0])
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
