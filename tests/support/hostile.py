"""A Yahoo that means harm: whatever it names, it names so that it would do something to whoever shows it."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import httpx
from websockets.asyncio.server import ServerConnection
from websockets.http11 import Request, Response

from tests.support.streamer import FakeStreamer, Visit, frame, response
from tickstream.simulator import Options, Simulator

__all__ = ["SEEN", "harm_in", "hostile"]

SEEN = "OWNED"
"""Stands in each hostile text and can do nothing, so that one can see that the text was shown."""
_BLOW = (
    "\x1b]0;title\x07\x1b[5;31;1337m\x1b[6n\x1bc\x1bP+q544e\x1b\\\x9b5n\x9d52;c;T1dORUQ=\x9c"
    "\u202e\u2066\u200b\u2028\x85\x7f\x00[/red][link=http://evil.example]x[/link]:skull:{0}%s\r\nforged=1\t"
)
_NAMES = re.compile(r"name$|title|publisher|summary|currency$|sector|industry|description|text", re.I)
_HARM = re.compile(
    # All of C0 but the line feed, DEL, C1, what has no width or turns the direction, line separators.
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)


def harm_in(text: str) -> list[str]:
    """What could do something to whoever prints this."""
    return _HARM.findall(text)


def blow(first: str = "", size: int = 0) -> str:
    """A hostile text that begins with `first`, and goes on for `size` characters more."""
    return f"{first}{SEEN}{_BLOW}{'Z' * size}"


def _bent(value: Any, key: str = "") -> Any:
    """The same JSON, with each name in it a hostile one."""
    if isinstance(value, dict):
        return {name: _bent(inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [_bent(inner, key) for inner in value]
    return blow(size=300) if isinstance(value, str) and _NAMES.search(key) else value


class Hostile(FakeStreamer):
    """Streams hostile pushes, and answers over HTTP as the simulator does, with hostile names."""

    def __init__(self) -> None:
        super().__init__(self._push)
        self.simulator = ""
        """Where the simulator is that knows the answers."""

    async def _answer(self, ws: ServerConnection, request: Request) -> Response | None:  # type: ignore[override]
        if request.headers.get("Upgrade"):
            return None
        async with httpx.AsyncClient(base_url=self.simulator, trust_env=False) as client:
            kept = {name: value for name in ("Cookie",) if (value := request.headers.get(name))}
            said = await client.get(request.path, headers=kept)
        body = said.content
        with suppress(ValueError):
            body = json.dumps(_bent(said.json())).encode()
        kept = {name: said.headers[name] for name in ("Content-Type", "Set-Cookie") if name in said.headers}
        return response(said.status_code, kept, body)

    async def _push(self, visit: Visit) -> None:
        symbols = (await visit.wish())["subscribe"]
        for price in (101.0, 102.0):
            for symbol in symbols:
                texts: dict[str, Any] = {"short_name": blow("=cmd|", 100_000), "currency": blow("+")}
                await visit.send(frame(symbol, price, exchange=blow("@"), from_currency=blow("-"), **texts))
            await visit.send(
                frame(blow(), 1.0),  # a symbol that nobody asked for
                json.dumps({"type": blow(), "message": blow()}),
                json.dumps({"type": "pricing", "message": blow()}),
                blow(),
                blow().encode("utf-8", "surrogatepass"),
            )
        await visit.ws.close(3000, blow()[:60])


@contextmanager
def hostile() -> Iterator[str]:
    """One in a thread of its own; the name of the source."""
    fake, ready, stop = Hostile(), threading.Event(), threading.Event()

    async def serve_until_stopped() -> None:
        async with Simulator(Options()).serving() as place, fake.serving():
            fake.simulator = f"http://{place.netloc}"
            ready.set()
            await asyncio.to_thread(stop.wait)

    thread = threading.Thread(target=asyncio.run, args=(serve_until_stopped(),))
    thread.start()
    assert ready.wait(30)
    try:
        yield f"yahoo+http://127.0.0.1:{fake.port}"
    finally:
        stop.set()
        thread.join()
