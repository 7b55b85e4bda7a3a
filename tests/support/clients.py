"""Clients of a server without a network: a connection that takes what it is sent, or does not."""

from __future__ import annotations

from typing import Any, cast

from websockets.protocol import State

from tickstream.server.client import Client
from tickstream.server.settings import Limits


class Transport:
    """What is written waits here for as long as the other end is `stuck`."""

    def __init__(self) -> None:
        self.stuck = self.aborted = False
        self.writes: list[bytes] = []
        self.waiting = 0
        """Bytes that were not taken yet."""

    def write(self, data: bytes) -> None:
        self.writes.append(data)
        if self.stuck:
            self.waiting += len(data)

    def take(self, size: int | None = None) -> None:
        """Take so many bytes of what waits, or all; and then also what comes."""
        self.waiting -= self.waiting if size is None else size
        self.stuck = self.stuck and size is not None

    def get_write_buffer_size(self) -> int:
        return self.waiting

    def get_extra_info(self, name: str) -> None:
        """Nothing is known of it."""

    def abort(self) -> None:
        self.aborted = True


class Connection:
    """As much of a connection of websockets as a client is made of."""

    def __init__(self) -> None:
        self.transport = Transport()
        self.state = State.OPEN


class Reader(Client):
    """A client, and its other end."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.connection = Connection()
        self.end = self.connection.transport
        self.reasons: list[str] = []
        """Why it was cut off."""
        nobody: Any = None
        super().__init__(cast(Any, self.connection), nobody, limits or Limits(), self.reasons.append)

    def take(self) -> list[bytes]:
        """The payloads that were written since this was last called."""
        data = b"".join(self.end.writes)
        self.end.writes.clear()
        return list(payloads(data))


def payloads(data: bytes) -> list[bytes]:
    """The payloads of the text frames that these bytes are."""
    found = []
    while data:
        assert data[0] == 0x81, "not a whole text frame"
        size, start = data[1], 2
        assert size < 127, "masked, or longer than any row"
        if size == 126:
            size, start = int.from_bytes(data[2:4], "big"), 4
        assert len(data) >= start + size
        found.append(data[start : start + size])
        data = data[start + size :]
    return found
