"""`tickstream serve` at work: the sources it shares, the server, and its log on stderr."""

from __future__ import annotations

import asyncio
import os
from contextlib import AsyncExitStack
from pathlib import Path

from tickstream.api.opening import served
from tickstream.cli.listening import cannot_listen
from tickstream.core.ports import PartSource
from tickstream.errors import UsageError
from tickstream.server.access import check_access
from tickstream.server.addresses import is_loopback_host
from tickstream.server.app import Place, Server
from tickstream.server.keys import Keys
from tickstream.server.log import Log
from tickstream.server.room import RESERVE, descriptor_limit, raise_descriptor_limit
from tickstream.server.settings import Settings
from tickstream.server.tls import load_tls
from tickstream.sinks.notes import Notes
from tickstream.sources import check_source, check_views, open_source, open_views
from tickstream.sources.tape import is_tape
from tickstream.sources.tape.quotes import NoViews
from tickstream.sources.tape.reading import marked_as

__all__ = ["Serving"]


class Serving:
    """A server and what it stands on. Constructing it opens nothing, and says what cannot be.

    Raises:
        UsageError: the settings, the keys, the certificate or the source cannot be used.
    """

    def __init__(self, settings: Settings) -> None:
        check_source(settings.source, playback=settings.playback)
        check_views(settings.source, taped=True)
        if settings.redis_url and is_tape(settings.source):
            raise UsageError("each instance would play the tape by itself: leave out --redis-url")
        self._settings = settings
        self._loopback = is_loopback_host(settings.host)
        self._keys = Keys.load(settings.access)
        check_access(settings, self._keys, loopback=self._loopback)
        self._tls = load_tls(settings)
        if settings.redis_url:
            # A URL that cannot be used is said before anything is opened.
            from tickstream.server.cluster.connect import open_redis

            open_redis(settings.redis_url)
        self._notes = Notes(prefix="")
        self._log = Log(self._notes.say)
        self._server: Server | None = None
        self._announced = False

    async def run(self) -> None:
        """Serve until cancelled."""
        settings = self._settings
        async with AsyncExitStack() as stack:
            stack.callback(self._notes.close)
            stack.callback(self._say_end)
            raise_descriptor_limit()
            name = await stack.enter_async_context(served(settings.source))
            parts = await asyncio.to_thread(_views_of, name)
            stack.push_async_callback(parts.close)
            server = self._server = Server(
                settings,
                open_source(name, playback=settings.playback),
                parts,
                self._keys,
                self._log,
                loopback=self._loopback,
                tls=self._tls,
            )
            try:
                place = await stack.enter_async_context(server.serving())
            except OSError as error:
                raise cannot_listen(settings.host, settings.port, error) from error
            self._announce(place, server.mark or "from-source")
            await asyncio.Event().wait()

    def reread_keys(self) -> None:
        """Read the keys again; where they cannot be read those that were there stay."""
        try:
            keys = Keys.load(self._settings.access)
            check_access(self._settings, keys, loopback=self._loopback)
        except UsageError as error:
            self._log("keys-kept", reason=error)
            return
        ended = self._server.admit_by(keys) if self._server is not None else 0
        self._log("keys-read", ended=ended)

    def _say_end(self) -> None:
        if self._announced:
            self._log("ended", pid=os.getpid())

    def _announce(self, place: Place, prices: str) -> None:
        self._announced = True
        guarded = "yes" if self._keys or self._settings.access.required else "no"
        self._log("listening", url=place.url, source=self._settings.source, prices=prices, keys=guarded)
        if self._keys and not (self._loopback or place.secure or self._settings.access.proxies):
            self._log("keys-in-clear", hint="use --tls-cert and --tls-key, or a proxy that speaks TLS")
        limit, clients = descriptor_limit(), self._settings.limits.clients
        if limit is not None and limit < clients + RESERVE:
            self._log("few-descriptors", limit=limit, clients=clients, hint="raise ulimit -n")


def _views_of(name: str) -> PartSource:
    """What the views are made of. What a tape says of quotes is as old as it is, and for the stream alone."""
    return NoViews(marked_as(Path(name))) if is_tape(name) else open_views(name)
