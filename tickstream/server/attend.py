"""Attending to clients: what each may say, and what comes of it, by route."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from tickstream.core.jsontext import json_text
from tickstream.core.ports import Status, event_dict
from tickstream.core.symbols import MOST, is_symbol, parse_symbols
from tickstream.errors import UsageError
from tickstream.server.channels import Channel, Channels
from tickstream.server.client import BAD_REQUEST, TOO_MANY_REQUESTS, TOO_MANY_SYMBOLS, UNWANTED, Client
from tickstream.server.fan import Fan
from tickstream.server.limits import Bucket
from tickstream.server.routes import Route
from tickstream.server.settings import Limits
from tickstream.server.wheel import Follower
from tickstream.server.wire import text_frame
from tickstream.sources.yahoo.subscriptions import Malformed, read_subscriptions

__all__ = ["Attendant"]


class Farewell(Exception):
    """The connection is closed with this code, for this reason."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(code, reason)
        self.code, self.reason = code, reason


class Attendant:
    """Hears what clients say, within their limits. `closed` is called with why one was closed."""

    def __init__(
        self,
        limits: Limits,
        fan: Fan,
        channels: Channels,
        closed: Callable[[str], None],
        status: Callable[[], Status],
    ) -> None:
        self._limits, self._fan, self._channels = limits, fan, channels
        self._closed, self._status = closed, status
        self.sent = 0
        """Messages that were sent to those who have left."""

    async def attend(self, client: Client, route: Route) -> None:
        """Attend to one client until it leaves, or is closed."""
        try:
            match route.kind:
                case "stream":
                    await self._stream(client, route)
                case "quotes":
                    await self._quotes(client)
                case _:
                    await self._view(client, route)
        except Farewell as farewell:
            self._closed(f"code-{farewell.code}")
            await client.close(farewell.code, farewell.reason)
        finally:
            self.sent += client.sent

    async def _stream(self, client: Client, route: Route) -> None:
        fan = self._fan
        follower = Follower(client, route.form, events=route.events)
        fan.join(follower, route.every)
        if route.events:
            # Events say what changes; who comes now has to know what it changes from.
            client.write(text_frame(json_text(event_dict(self._status()))))
        hearing = Hearing(client, self._limits.commands, self._limits.errors)
        try:
            message = await self._first(client)
            while True:
                hearing.allow()
                try:
                    self._subscribe(follower, message, client.admission.admin)
                except Malformed:
                    hearing.fault("not a subscription")
                message = await client.socket.recv()
        finally:
            fan.leave(follower)

    def _subscribe(self, follower: Follower, message: str | bytes, admin: bool) -> None:
        fan = self._fan
        for action, words in read_subscriptions(message):
            # Yahoo says nothing of symbols that are none, and neither do we.
            symbols = [word.upper() for word in words if word.isascii() and is_symbol(word.upper())]
            if action == "unsubscribe":
                fan.unfollow(follower, symbols)
                continue
            most = MOST if admin else self._limits.symbols
            if len(follower.symbols.keys() | set(symbols)) > most:
                raise Farewell(TOO_MANY_SYMBOLS, f"{most} symbols at most")
            fan.follow(follower, symbols)

    async def _quotes(self, client: Client) -> None:
        channels = self._channels
        channel: Channel | None = None
        hearing = Hearing(client, self._limits.commands, self._limits.errors)
        most = MOST if client.admission.admin else self._limits.symbols
        try:
            message = await self._first(client)
            while True:
                hearing.allow()
                try:
                    symbols = _symbols(message, most)
                except UsageError as error:
                    hearing.fault(str(error))
                else:
                    joined = channels.join(client, "quotes", symbols)
                    if channel is not None and channel is not joined:
                        channels.leave(client, channel)
                    channel = joined
                # Whoever has named none that we understand has said as little as who says nothing.
                message = await (self._first(client) if channel is None else client.socket.recv())
        finally:
            if channel is not None:
                channels.leave(client, channel)

    async def _view(self, client: Client, route: Route) -> None:
        channels = self._channels
        channel = channels.join(client, route.kind, route.names)
        hearing = Hearing(client, self._limits.commands, self._limits.errors)
        try:
            while True:
                await client.socket.recv()
                hearing.allow()
                hearing.fault("this route listens to nobody")
        finally:
            channels.leave(client, channel)

    async def _first(self, client: Client) -> str | bytes:
        try:
            async with asyncio.timeout(self._limits.first_message):
                return await client.socket.recv()
        except TimeoutError:
            raise Farewell(UNWANTED, "say which symbols") from None


class Hearing:
    """How often a client may speak, and how often it may be misunderstood."""

    def __init__(self, client: Client, commands: float, errors: int) -> None:
        self._client, self._errors = client, errors
        self._bucket = Bucket(commands, max(1.0, commands * 2))

    def allow(self) -> None:
        if not self._bucket.take(time.monotonic()):
            raise Farewell(TOO_MANY_REQUESTS, "too many messages")

    def fault(self, why: str) -> None:
        self._client.errors += 1
        if self._client.errors >= self._errors:
            raise Farewell(BAD_REQUEST, why[:100])


def _symbols(message: str | bytes, most: int) -> tuple[str, ...]:
    if isinstance(message, bytes):
        raise UsageError("symbols are text")
    symbols = parse_symbols([message])
    if len(symbols) > most:
        raise Farewell(TOO_MANY_SYMBOLS, f"{most} symbols at most")
    return symbols
