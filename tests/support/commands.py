"""Clients that have all to say in advance, and an attendant that hears them out, without a network."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from types import SimpleNamespace
from typing import Any, cast

from websockets.exceptions import ConnectionClosedOK

from tests.support.clients import Connection, Reader
from tickstream.core.ports import Link, Status
from tickstream.hub import Hub
from tickstream.server.attend import Attendant
from tickstream.server.channels import Channel
from tickstream.server.client import Client
from tickstream.server.fan import Fan
from tickstream.server.routes import Route
from tickstream.server.settings import Limits

__all__ = ["Hearing", "hear"]

Message = str | bytes


class Speaking(Connection):
    """A connection on which these messages come, and then the end; `before` is called before each."""

    def __init__(self, messages: Iterable[Message], before: Callable[[], None]) -> None:
        super().__init__()
        self._messages, self._before = iter(messages), before
        self.code = 0
        """With which the server closed it."""

    async def recv(self) -> Message:
        self._before()
        for message in self._messages:
            return message
        raise ConnectionClosedOK(None, None)

    async def close(self, code: int, reason: str) -> None:
        assert reason.isprintable()
        assert len(reason.encode()) <= 123, "more than a close frame holds"
        self.code = code


class Speaker(Reader):
    """The client of such a connection."""

    def __init__(self, connection: Speaking, limits: Limits, *, admin: bool) -> None:
        super().__init__(limits)
        self.socket = cast(Any, connection)
        self.admission = cast(Any, SimpleNamespace(admin=admin))


class Followed:
    """As much of the channels as an attendant needs: who follows which document."""

    def __init__(self) -> None:
        self.channels: dict[tuple[str, ...], Channel] = {}

    def join(self, client: Client, kind: str, names: tuple[str, ...]) -> Channel:
        channel = self.channels.setdefault((kind, *sorted(names)), Channel(kind, names))
        channel.followers[client] = names
        return channel

    def leave(self, client: Client, channel: Channel) -> None:
        del channel.followers[client]
        self.channels = {key: one for key, one in self.channels.items() if one.followers}


class Hearing:
    """What came of what a client said."""

    def __init__(self) -> None:
        self.followed: list[list[str]] = []
        """The symbols, or the document and its names, before each message and after the last."""
        self.code = 0
        self.errors = 0
        self.left: list[str] = []
        """What is still followed by nobody any more; to be empty."""


async def hear(
    route: Route, messages: Iterable[Message], *, limits: Limits | None = None, admin: bool = False
) -> Hearing:
    """Let an attendant hear out a client of this route, who then leaves."""
    heard, limits = Hearing(), limits or Limits()
    fan, followed = Fan(Hub(), failed=_raise), Followed()

    def note() -> None:
        documents = [part for key in followed.channels for part in key]
        heard.followed.append(sorted(fan._counts) + documents)

    connection = Speaking(messages, note)
    client = Speaker(connection, limits, admin=admin)
    attendant = Attendant(limits, fan, cast(Any, followed), lambda why: None, lambda: Status(Link.LIVE, 0))
    try:
        await attendant.attend(client, route)
    except ConnectionClosedOK:
        pass
    finally:
        fan.close()
    await asyncio.sleep(0)  # the wheels end
    heard.code, heard.errors = connection.code, client.errors
    heard.left = [*fan._counts, *(str(key) for key in followed.channels)]
    return heard


def _raise(error: Exception) -> None:
    raise error
