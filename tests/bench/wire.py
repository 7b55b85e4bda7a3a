"""WebSocket clients as bare bytes, for those that are many: a handshake, a message, and who wants what."""

from __future__ import annotations

import json
import resource
from collections.abc import Iterator
from random import Random

from websockets.frames import Frame, Opcode

from tests.bench.watch import SYMBOLS

EACH = 10
"""Symbols that one client follows, of all 100."""


def raise_open_files() -> None:
    """Let this process open as many sockets as the system allows."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def sets(seed: int) -> Iterator[list[str]]:
    """What one client after the other follows."""
    random = Random(seed)
    while True:
        yield random.sample(SYMBOLS, EACH)


def handshake(port: int, path: str) -> bytes:
    head = (
        f"GET {path} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
    )
    return "\r\n".join((*head, "", "")).encode()


def wish(path: str, symbols: list[str]) -> bytes:
    """The message by which a client says what it follows, as a whole frame."""
    text = json.dumps({"subscribe": symbols}) if path.startswith("/stream") else ",".join(symbols)
    return Frame(Opcode.TEXT, text.encode()).serialize(mask=True)
