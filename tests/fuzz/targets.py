"""What is fuzzed: each target takes any bytes, and lets none but documented errors pass by in silence."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from tests.fuzz.planted import look
from tests.support.commands import Hearing, hear
from tests.support.ticks import is_whole
from tickstream.core.tick import Value
from tickstream.errors import UsageError, WireError
from tickstream.server.client import BAD_REQUEST, TOO_MANY_SYMBOLS
from tickstream.server.routes import Route, route_of
from tickstream.server.settings import Limits
from tickstream.sources.yahoo.frames import decode

__all__ = ["TARGETS", "kept"]

NOW = 1_790_001_000.0
LIMITS = Limits(symbols=8, commands=1e9, errors=4)


def try_frames(data: bytes) -> None:
    """As a frame, as text and as bytes, and as the message in a frame of each version."""
    text = b64encode(data).decode()
    frames: list[str | bytes] = [data, text, f'{{"type":"pricing","message":"{text}"}}']
    with suppress(UnicodeDecodeError):
        frames.append(data.decode())
    for frame in frames:
        # Whether or not one that is laid out like it was read before, it says the same.
        assert _said(frame) == _said(frame)


def _said(frame: str | bytes) -> dict[str, Value] | str | None:
    try:
        tick = decode(frame, now=NOW)
    except WireError as error:
        return str(error)
    assert is_whole(tick, NOW), tick
    return None if tick is None else tick.to_dict()


def try_commands(data: bytes) -> None:
    """The first line is the target of the request, each further one a message."""
    target, *messages = data.split(b"\n")
    try:
        route = route_of(target.decode("latin-1"))
    except UsageError:
        return
    if route is not None:
        _check(asyncio.run(hear(route, map(_message, messages), limits=LIMITS)), route)


def _message(line: bytes) -> str | bytes:
    """Text where it is some, as of WebSocket; a binary message otherwise."""
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line


def _check(heard: Hearing, route: Route) -> None:
    assert heard.left == []
    assert heard.code in (0, BAD_REQUEST, TOO_MANY_SYMBOLS)
    assert heard.errors <= LIMITS.errors
    if route.kind == "stream":
        assert all(len(follows) <= LIMITS.symbols for follows in heard.followed)


def try_planted(data: bytes) -> None:
    """As `decode`, with a fault that has to be found."""
    with suppress(WireError):
        tick = decode(b64encode(data), now=NOW)
        if tick is not None:
            look(tick)


TARGETS: Mapping[str, Callable[[bytes], None]] = {
    "decode": try_frames,
    "commands": try_commands,
    "planted": try_planted,
}


def kept(target: str) -> list[Path]:
    """The inputs that are kept for a target; those of `decode` will do for what is planted in it."""
    folder = "decode" if target == "planted" else target
    return sorted((Path(__file__).parent / "corpus" / folder).iterdir())
