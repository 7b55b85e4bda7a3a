"""A client: one WebSocket connection, what may wait for it, and how long it may take nothing.

websockets' keepalive does not drop a client that stops reading (faults.md,
section 0), and neither send nor ping ever gives up. So frames are written past
it, straight to the transport, and only while nothing waits there; a client
that takes nothing for too long is cut off.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
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
    "Client",
]

# Close codes: 4000 to 4499 may come back later, 4500 to 4999 are not to (faults.md, section 5).
SHUTDOWN = 4001
SLOW = 4008
TOO_MANY_REQUESTS = 4013
BAD_REQUEST = 4501
UNWANTED = 4502
"""It did not say in time what it wants."""
TOO_MANY_SYMBOLS = 4505


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
        socket: ServerConnection,
        admission: Admission,
        limits: Limits,
        dropped: Callable[[str], None] = lambda reason: None,
        told: Callable[[], bool] = lambda: True,
    ) -> None:
        self.socket, self.admission = socket, admission
        self.transport = socket.transport
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
        self._buffer_size = socket.transport.get_write_buffer_size
        self._seen_size = 0
        self._since = 0.0

    @property
    def open(self) -> bool:
        return self.socket.state is State.OPEN

    @property
    def free(self) -> bool:
        """Whether what it was sent has been taken, and more may be written."""
        return not self._buffer_size() and self.socket.state is State.OPEN

    def write(self, frames: bytes, count: int = 1) -> None:
        """Write whole frames; to be called only where it is free, or for what cannot wait."""
        self.transport.write(frames)
        self.sent += count

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
        if size < self._seen_size or not self._seen_size:
            self._since = now
        self._seen_size = size
        if size > self._limits.unsent or now - self._since >= self._limits.progress:
            self.dropped("slow")
            self.transport.abort()

    async def close(self, code: int, reason: str) -> None:
        """Close it, and cut it off where it does not answer soon."""
        try:
            async with asyncio.timeout(5.0):
                await self.socket.close(code, reason)
        except TimeoutError:
            self.transport.abort()
