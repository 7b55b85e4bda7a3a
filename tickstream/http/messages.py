"""What is asked and answered over plain HTTP, and what a connection may cost."""

from __future__ import annotations

import math
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import parse_qsl, unquote

from websockets.asyncio.server import ServerConnection

__all__ = ["Cut", "HttpHandler", "Request", "Response", "Terms", "WebSocketHandler"]


class Cut(Exception):
    """Raised by a handler or by the body of its response: the connection is aborted where it stands."""


@dataclass(frozen=True)
class Request:
    """One request, complete with its body; header names are lower case."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""
    peer: str = ""
    """The address that it came from."""

    @cached_property
    def path(self) -> str:
        """The path, percent-decoded, without the query."""
        return unquote(self.target.partition("?")[0])

    @cached_property
    def query(self) -> Mapping[str, str]:
        """The query's parameters; of one given twice the last."""
        return dict(parse_qsl(self.target.partition("?")[2], keep_blank_values=True))

    def header(self, name: str) -> str | None:
        """The first header of this name (in lower case)."""
        return next((value for key, value in self.headers if key == name), None)


@dataclass(frozen=True, slots=True)
class Response:
    """What is answered.

    A body of bytes goes out with its length. One that is iterated goes out piece
    by piece: chunked, or as it is where the headers state a content-length.
    """

    status: int = 200
    headers: Iterable[tuple[str, str]] = ()
    body: bytes | AsyncIterable[bytes] = b""


def _anybody(_peer: str) -> bool:
    return True


def _nothing(*_: str) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Terms:
    """What a connection may cost; sizes in bytes, times in seconds."""

    admit: Callable[[str], bool] = _anybody
    """Asked with the peer's address as it connects; where it says no the connection is aborted."""
    settled: Callable[[str], None] = _nothing
    """Told the address of one that was admitted, once it is a WebSocket or gone."""
    malformed: Callable[[str], None] = _nothing
    """Told the peer's address when what it sent is no request, or no handshake."""
    full: Callable[[], None] = _nothing
    """Told when somebody was turned away because the process has no file descriptor left."""
    head_bytes: int = 16_384
    body_bytes: int = 1_048_576
    head_seconds: float = 10.0
    """For the first head, and for the whole opening handshake of a WebSocket."""
    idle_seconds: float = 75.0
    """For the next head on a connection that is kept alive."""
    body_seconds: float = 30.0
    stall_seconds: float = 30.0
    """For a reader that takes nothing of what it is sent."""
    rate: float = math.inf
    """Bytes a second that are read from a WebSocket over time, and as many at once: what comes faster waits
    with its sender. Each ping is answered, and six bytes make one."""
    linger_seconds: float = 1.0
    """For a peer to close after it has been told that we do."""


HttpHandler = Callable[[Request], Awaitable[Response]]
WebSocketHandler = Callable[[ServerConnection], Awaitable[None]]
