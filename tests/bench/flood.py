"""A streamer that sends what its URL asks for: `?n=10000` frames as fast as they are read, or `?rate=2000`.

All frames are made beforehand. At a rate nobody is waited for: what a client
does not take in time is lost, and counted. Each line on stdin asks how many
frames were sent so far, and how many lost.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode
from websockets.protocol import State

from tests.bench.frames import frames, many
from tests.bench.watch import SYMBOLS

BATCH = 1000
AHEAD = 3_600_000
"""Stamps are so many ms ahead: then one that comes round again is older than none that was held."""
TURNS = 50
"""Writes a second, at a rate."""
MOST_UNSENT = 1 << 20


class Flood:
    """The frames, as bytes that can be written, and what became of them."""

    def __init__(self) -> None:
        self.batches = _batches(list(frames(20 * BATCH, "equity", "etf", "currency", "cryptocurrency")))
        self.sent = self.lost = 0
        begin = int(time.time() * 1000) + AHEAD
        self._paced = [_whole(text) for text in many(20 * BATCH, SYMBOLS, begin=begin)]

    async def attend(self, ws: ServerConnection) -> None:
        await ws.recv()
        query = parse_qs(urlsplit(ws.request.path if ws.request else "").query)
        with suppress(ConnectionClosed):
            if "rate" in query:
                await self._pace(ws, int(query["rate"][0]))
            else:
                await self._pour(ws, int(query.get("n", ["0"])[0]))
        await ws.wait_closed()

    async def _pour(self, ws: ServerConnection, count: int) -> None:
        for number in range(count // BATCH):
            ws.transport.write(self.batches[number % len(self.batches)])
            # Whoever answers a ping has read all that was sent before it.
            await (await ws.ping())

    async def _pace(self, ws: ServerConnection, rate: int) -> None:
        self.sent = self.lost = 0
        began, done = time.monotonic(), 0
        while ws.state is State.OPEN:
            due = int((time.monotonic() - began) * rate)
            whole = [self._paced[number % len(self._paced)] for number in range(done, due)]
            if ws.transport.get_write_buffer_size() > MOST_UNSENT:
                self.lost += len(whole)
            else:
                ws.transport.write(b"".join(whole))
                self.sent += len(whole)
            done = due
            await asyncio.sleep(1 / TURNS)

    async def answer(self) -> None:
        """Say how it goes, for as long as somebody asks."""
        while await asyncio.to_thread(sys.stdin.readline):
            print(json.dumps({"sent": self.sent, "lost": self.lost}), flush=True)


def _batches(texts: Sequence[str]) -> list[bytes]:
    return [b"".join(map(_whole, texts[start : start + BATCH])) for start in range(0, len(texts), BATCH)]


def _whole(text: str) -> bytes:
    return Frame(Opcode.TEXT, text.encode()).serialize(mask=False)


async def main() -> None:
    flood = Flood()
    async with serve(flood.attend, "127.0.0.1", 0, compression=None, ping_interval=None) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await flood.answer()
        # Who never asks has it until they end it.
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
