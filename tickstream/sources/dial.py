"""A WebSocket connection as we want one: quick to notice that it is dead, wary of where it is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus, SecurityError
from websockets.frames import Frame, Opcode
from websockets.protocol import Event

from tickstream.core.text import clean

__all__ = ["Direct", "Timing", "dial", "hang_up", "is_loopback"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Seconds. A dead link is noticed after `ping_interval + ping_timeout + close_timeout`."""

    ping_interval: float = 10.0
    ping_timeout: float = 5.0
    open_timeout: float = 10.0
    close_timeout: float = 0.5
    wish_every: float = 15.0
    """Two clients in the wild repeat their subscriptions this often; a server that forgets loses nothing."""
    mute_after: float = 60.0
    mute_again: float = 300.0
    """Silence ends a connection no more often than this."""
    look_every: float = 5.0
    connects_a_minute: int = 12
    connect_gap: float = 0.3


def dial(url: str, timing: Timing, headers: Mapping[str, str] | None = None) -> connect:
    """A connection to `url`, when awaited; through the proxy of the environment, but not to loopback.

    The `headers` are said to no other origin: nothing else is redirected to.
    """
    parts = urlsplit(url)
    local = is_loopback(parts.hostname or "")
    # asyncio does not try IPv4 beside a dead IPv6 by itself; uvloop, of the extra `[fast]`, cannot. On this
    # machine nothing is dead for long, and a race that is cancelled as it is won loses the socket (3.11).
    races = not local and isinstance(asyncio.get_running_loop(), asyncio.BaseEventLoop)
    racing: dict[str, Any] = {"happy_eyeballs_delay": 0.25} if races else {}
    return SameOrigin(
        url,
        proxy=None if local else True,
        additional_headers=headers,
        compression=None,
        open_timeout=timing.open_timeout,
        ping_interval=timing.ping_interval,
        ping_timeout=timing.ping_timeout,
        close_timeout=timing.close_timeout,
        max_size=2**20,
        max_queue=64,
        **racing,
        create_connection=Direct,
    )


async def hang_up(ws: ClientConnection, seconds: float) -> None:
    """Say goodbye, if that is soon done: who quits does not wait for a link that is dead."""
    try:
        async with asyncio.timeout(min(seconds, 0.3)):
            await ws.close()
    except TimeoutError:
        pass
    finally:
        # Also where that was cancelled in its turn: nobody else would close it.
        ws.transport.abort()


class SameOrigin(connect):
    """`connect` that follows a redirect only to where it came from."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        if not isinstance(exc, InvalidStatus) or not 300 <= exc.response.status_code < 400:
            return exc
        location = exc.response.headers.get("Location")
        if not location:
            return exc
        # Servers say http(s) where we say ws(s); urljoin knows only the former.
        try:
            target = urljoin(self.uri.replace("ws", "http", 1), location)
            urlsplit(target)
        except ValueError:
            return SecurityError("it sends us to an address that is none")
        if _origin(target) != _origin(self.uri.replace("ws", "http", 1)):
            place = clean(urlsplit(target).netloc, 80)
            return SecurityError(
                f"it sends us elsewhere, to {place}, and we do not go there (a captive portal?)"
            )
        return target.replace("http", "ws", 1)


class Direct(ClientConnection):
    """A connection that hands whole text frames over as they are parsed, and many at a time when busy.

    `recv` costs as much as parsing does: a queue and four coroutines a frame.
    What comes in another way, or with a version of websockets that does not
    ask `process_event`, is received as ever. Waking up for one frame costs
    more than the frame, so after a wake-up that came soon after the last one
    nothing is read for `REST` seconds.
    """

    REST = 0.02
    take: Callable[[bytes], None] | None = None
    failed: Exception | None = None
    """What `take` raised: a bug, which the transport must not swallow."""
    _looked = 0.0

    def process_event(self, event: Event) -> None:
        if self.take is not None and isinstance(event, Frame) and event.opcode is Opcode.TEXT and event.fin:
            try:
                self.take(bytes(event.data))
            except Exception as error:
                self.failed, self.take = error, None
                self.transport.abort()
        else:
            super().process_event(event)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        now = self.loop.time()
        if self.take is not None and now - self._looked < self.REST:
            self.transport.pause_reading()
            self.loop.call_later(self.REST, self.transport.resume_reading)
        self._looked = now


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.rpartition("@")[2].lower()


def is_loopback(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")
