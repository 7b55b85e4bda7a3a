"""A client: one WebSocket connection, what may wait for it, and how long it may take nothing.

websockets' keepalive does not drop a client that stops reading (faults.md,
section 0), and neither send nor ping ever gives up. So frames are written past
it, straight to the transport, and only while nothing waits there; a client
that takes nothing for too long is cut off.

What waits in the kernel waits as well, and it would take megabytes before it
said so, all of them old by the time they are read. So it may hold little.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from websockets.protocol import State

from tickstream.server.settings import Limits

if TYPE_CHECKING:
    from websockets.asyncio.server import ServerConnection

    from tickstream.server.gate import Admission

__all__ = [
    "BAD_REQUEST",
    "SHUTDOWN",
    "SLOW",
    "TOO_MANY_REQUESTS",
    "TOO_MANY_SYMBOLS",
    "UNWANTED",
    "WITHDRAWN",
    "Client",
]

# Close codes: 4000 to 4499 may come back later, 4500 to 4999 are not to (faults.md, section 5).
SHUTDOWN = 4001
SLOW = 4008
TOO_MANY_REQUESTS = 4013
BAD_REQUEST = 4501
UNWANTED = 4502
"""It did not say in time what it wants."""
WITHDRAWN = 4503
"""The key that it came with opens no longer."""
TOO_MANY_SYMBOLS = 4505


_UNSENT = 8_192
"""Bytes that the kernel may hold for a client beyond what is on its way to it."""
_UNREAD = 16_384
"""Bytes that the kernel may hold of what a client sent: they are read, and answered, in one go."""
_AT_ONCE = struct.pack("ii", 1, 0)
"""For SO_LINGER: nothing that is unsent is kept for a connection that is cut off."""


class Client:
    """One connection. `dropped` is called with the reason when it is cut off for being slow."""

    __slots__ = (
        "_buffer_size",
        "_limits",
        "_seen_size",
        "_since",
        "admission",
        "dropped",
        "errors",
        "sent",
        "socket",
        "told",
        "transport",
        "waiting",
    )

    def __init__(
        self,
        connection: ServerConnection,
        admission: Admission,
        limits: Limits,
        dropped: Callable[[str], None] = lambda reason: None,
        told: Callable[[], bool] = lambda: True,
    ) -> None:
        self.socket, self.admission = connection, admission
        self.transport = connection.transport
        self.dropped = dropped
        self.told = told
        """Whether what it was told at the handshake, of what the data is to be marked as, still holds."""
        self.sent = 0
        """Messages that were written to it."""
        self.errors = 0
        """Messages of its own that could not be understood."""
        self.waiting = b""
        """The newest message that could not be written yet, where only the newest counts."""
        self._limits = limits
        self._buffer_size = connection.transport.get_write_buffer_size
        self._seen_size = 0
        self._since = 0.0
        if hasattr(socket, "TCP_NOTSENT_LOWAT"):
            self._set(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _UNSENT)
        self._set(socket.SOL_SOCKET, socket.SO_RCVBUF, _UNREAD)

    @property
    def open(self) -> bool:
        return self.socket.state is State.OPEN

    @property
    def free(self) -> bool:
        """Whether what it was sent has been taken, and more may be written."""
        return not self._buffer_size() and self.socket.state is State.OPEN

    def write(self, frames: bytes, count: int = 1) -> None:
        """Write whole frames; to be called only where it is free."""
        self.transport.write(frames)
        self.sent += count
        # That it was free is progress, however much may wait when it is looked at next.
        self._seen_size = 0

    def add(self, frame: bytes) -> None:
        """Write a frame that cannot wait, behind whatever does."""
        self.transport.write(frame)
        self.sent += 1

    def put(self, frame: bytes) -> None:
        """Send this message; while an older one waits it takes its place."""
        if not self.told():
            # Documents say nothing of their mark, so it has to come again, and be told.
            self.dropped("mark")
            self.transport.abort()
        elif self.free:
            self.write(frame)
        elif self.open:
            self.waiting = frame

    def look(self, now: float) -> None:
        """See whether it takes what it is sent; cut it off where it does not (`now` is monotonic)."""
        size = self._buffer_size()
        if not size:
            self._seen_size = 0
            if self.waiting and self.open:
                frame, self.waiting = self.waiting, b""
                self.write(frame)
            return
        before, self._seen_size = self._seen_size, size
        if not before or size < before:
            self._since = now
        # One write may be larger than what may wait; what grows while it waits (pongs do) may not.
        swollen = 0 < before < size and size > self._limits.unsent
        if swollen or now - self._since >= self._limits.progress:
            self.dropped("slow")
            self.cut()

    def cut(self) -> None:
        """End it now, and with it all that waits."""
        self._set(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        self.transport.abort()

    async def close(self, code: int, reason: str) -> None:
        """Close it, and cut it off where it does not answer soon."""
        try:
            async with asyncio.timeout(5.0):
                await self.socket.close(code, reason)
        except TimeoutError:
            self.cut()

    def _set(self, level: int, option: int, value: int | bytes) -> None:
        # A connection that is gone already has no socket, or one that takes no options.
        with suppress(OSError):
            if (below := self.transport.get_extra_info("socket")) is not None:
                below.setsockopt(level, option, value)
