"""A WebSocket connection as we want one: quick to notice that it is dead, wary of where it is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus, SecurityError
from websockets.frames import Frame, Opcode
from websockets.protocol import Event, State

from tickstream.core.text import clean
from tickstream.sources.proxies import is_loopback, proxy_option

__all__ = ["Direct", "Timing", "dial", "hang_up", "text_frames"]

_TEXT = b"\x81"
"""How a frame begins that is a whole message of text."""
_LONG = b"\x7e"
"""The length of a frame that has it in the next two bytes; the largest that is cut out here."""


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
        proxy=proxy_option(url),
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
    """A connection that hands whole text frames over as they come, and many at a time when busy.

    `recv` costs as much as parsing does: a queue and four coroutines a frame; and
    parsing, in generators for whatever a frame may be, three times as much as to
    cut out those that are text and whole. What comes in another way, or with a
    version of websockets that cannot tell where it is, is received as ever, and
    so is all that is not such a frame. Waking up for one frame costs more than
    the frame, so after a wake-up that came soon after the last one nothing is
    read for as long as `rest` says.
    """

    take: Callable[[bytes], None] | None = None
    rest: Callable[[], float] = staticmethod(lambda: 0.0)
    heard: Callable[[], None] | None = None
    """Called whenever anything comes, a pong too, before it is looked at."""
    failed: Exception | None = None
    """What `take` raised: a bug, which the transport must not swallow."""
    _looked = 0.0
    _begun = b""
    """The beginning of a text frame whose end has not come yet."""

    def process_event(self, event: Event) -> None:
        if self.take is not None and isinstance(event, Frame) and event.opcode is Opcode.TEXT and event.fin:
            self._hand_over([bytes(event.data)])
        else:
            super().process_event(event)

    def _hand_over(self, payloads: Iterable[bytes]) -> None:
        try:
            for payload in payloads:
                if self.take is not None:
                    self.take(payload)
        except Exception as error:
            self.failed, self.take = error, None
            self.transport.abort()

    def data_received(self, data: bytes) -> None:
        if self.heard is not None:
            self.heard()
        if self._begun:
            data, self._begun = self._begun + data, b""
        if self.take is not None and self._is_between_frames:
            payloads, end = text_frames(data)
            self._hand_over(payloads)
            data = data[end:]
            # One that is longer, or masked, is for websockets; so is all that follows a bug.
            if data[:1] == _TEXT and data[1:2] <= _LONG and self.take is not None:
                data, self._begun = b"", data
        if data:
            super().data_received(data)
        now = self.loop.time()
        rest = self.rest()
        if self.take is not None and now - self._looked < rest:
            self.transport.pause_reading()
            self.loop.call_later(rest, self.transport.resume_reading)
        self._looked = now

    @property
    def _is_between_frames(self) -> bool:
        """Whether websockets waits for the first byte of a frame, and of no further part of a message."""
        protocol = self.protocol
        if protocol.state is not State.OPEN or protocol.extensions:
            return False
        waits: Any = protocol.parser
        while inner := getattr(waits, "gi_yieldfrom", None):
            waits = inner
        return getattr(waits, "__name__", "") == "at_eof" and getattr(protocol, "current_size", 0) is None


def text_frames(data: bytes) -> tuple[list[bytes], int]:
    """The payloads of the frames that `data` begins with, and where these end.

    Only whole messages of text, unmasked and shorter than 64 KiB, as streamers send them (RFC 6455, 5.2).
    """
    payloads: list[bytes] = []
    place, size = 0, len(data)
    while place + 2 <= size and data[place] == 0x81:
        length, start = data[place + 1], place + 2
        if length == 126:
            if start + 2 > size:
                break
            length, start = data[start] << 8 | data[start + 1], start + 2
        elif length > 126:
            break
        end = start + length
        if end > size:
            break
        payloads.append(data[start:end])
        place = end
    return payloads, place


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.rpartition("@")[2].lower()
