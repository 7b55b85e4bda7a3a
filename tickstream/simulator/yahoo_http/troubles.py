"""What goes wrong on purpose: the answers that HTTP faults ask for (simulator/faults)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from tickstream.http import Cut, Response
from tickstream.simulator.faults import Fault, FaultKind, Faults
from tickstream.simulator.yahoo_http import answers

__all__ = ["Trouble"]

_PIECE = 65_536
_RIGHT_BACK = "<!doctype html><html><body><h1>Will be right back...</h1></body></html>\n"
_PORTAL = "<!doctype html><html><head><title>Welcome</title></head><body>Accept the terms.</body></html>\n"
_INSTEAD = (FaultKind.HTTP_STATUS, FaultKind.HTTP_HTML, FaultKind.HTTP_REDIRECT, FaultKind.HTTP_BIG)
_SPOILT = (FaultKind.HTTP_JSON, FaultKind.HTTP_DRIP, FaultKind.HTTP_CUT)


@dataclass(frozen=True, slots=True)
class Trouble:
    """The faults as they concern one request of an endpoint."""

    faults: Faults
    sleep: Callable[[float], Awaitable[None]]
    endpoint: str
    before: int
    """How many requests of this endpoint there were before."""

    def strikes(self, *kinds: FaultKind) -> Fault | None:
        """The fault of these kinds that is due, which has then struck once more."""
        return self.faults.strike(*kinds, sent=self.before, endpoint=self.endpoint)

    async def instead(self) -> Response | None:
        """What is answered instead of looking at the request; None where nothing is.

        Raises:
            Cut: the connection is to be closed without an answer.
        """
        if self.strikes(FaultKind.HTTP_CLOSE):
            raise Cut
        if self.strikes(FaultKind.HTTP_HANG):
            await asyncio.get_running_loop().create_future()
        fault = self.strikes(*_INSTEAD)
        if fault is None:
            return None
        if fault.kind is FaultKind.HTTP_HTML:
            return answers.html(_PORTAL)
        if fault.kind is FaultKind.HTTP_REDIRECT:
            return answers.redirect(302, fault.value)
        return _big(int(fault.number)) if fault.kind is FaultKind.HTTP_BIG else _status(fault)

    def spoil(self, response: Response) -> Response:
        """What becomes of the true answer on its way."""
        fault = self.strikes(*_SPOILT)
        if fault is None or not isinstance(response.body, bytes):
            return response
        if fault.kind is FaultKind.HTTP_JSON:
            return replace(response, status=200, body=_misshapen(response.body, fault.value))
        if fault.kind is FaultKind.HTTP_DRIP:
            return replace(response, body=self._drip(response.body))
        length = ("content-length", str(len(response.body) + 1000))
        return replace(response, headers=(*response.headers, length), body=_cut(response.body))

    async def _drip(self, body: bytes) -> AsyncIterator[bytes]:
        for place in range(len(body)):
            yield body[place : place + 1]
            await self.sleep(1.0)


def _status(fault: Fault) -> Response:
    status, detail = int(fault.number), fault.detail
    if 300 <= status < 400:
        return answers.redirect(status, detail or "https://consent.invalid/")
    headers = [("retry-after", detail)] if detail else []
    if status >= 500:
        return answers.html(_RIGHT_BACK, status=status, headers=headers)
    # Yahoo's 429 is this text, and has no Retry-After.
    words = {429: "Too Many Requests\r\n", 403: "Forbidden\n"}.get(
        status, f"HTTP {status} by the simulator\n"
    )
    return answers.text(words, status=status, headers=headers)


def _misshapen(body: bytes, form: str) -> bytes:
    """JSON of another shape: null, a list, or the true answer with strings for numbers."""
    if form != "strings":
        return b"null" if form == "null" else b"[]"
    try:
        return msgspec.json.encode(_as_strings(msgspec.json.decode(body)))
    except msgspec.DecodeError:
        return b'"strings"'


def _as_strings(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _as_strings(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_as_strings(inner) for inner in value]
    return value if isinstance(value, bool) or not isinstance(value, int | float) else str(value)


def _big(size: int) -> Response:
    """JSON of `size` bytes, as far as there is room for its brackets."""

    async def pieces() -> AsyncIterator[bytes]:
        head, tail = b'{"finance":{"result":"', b'"}}'
        yield head
        left = size - len(head) - len(tail)
        while left > 0:
            yield b"x" * min(left, _PIECE)
            left -= _PIECE
        yield tail

    return replace(answers.json(None), body=pieces())


async def _cut(body: bytes) -> AsyncIterator[bytes]:
    yield body
    raise Cut
