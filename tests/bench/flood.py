"""A streamer that sends as many frames as its URL asks for, as fast as the client reads: `?n=10000`."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode

from tests.bench.frames import frames

BATCH = 1000


async def attend(ws: ServerConnection, batches: list[bytes]) -> None:
    await ws.recv()
    query = parse_qs(urlsplit(ws.request.path if ws.request else "").query)
    with suppress(ConnectionClosed):
        for number in range(int(query.get("n", ["0"])[0]) // BATCH):
            ws.transport.write(batches[number % len(batches)])
            # Whoever answers a ping has read all that was sent before it.
            await (await ws.ping())
    await ws.wait_closed()


async def main() -> None:
    batches: list[bytes] = []
    texts = list(frames(20 * BATCH, "equity", "etf", "currency", "cryptocurrency"))
    for start in range(0, len(texts), BATCH):
        whole = [
            Frame(Opcode.TEXT, text.encode()).serialize(mask=False) for text in texts[start : start + BATCH]
        ]
        batches.append(b"".join(whole))
    async with serve(
        lambda ws: attend(ws, batches), "127.0.0.1", 0, compression=None, ping_interval=None
    ) as server:
        sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
