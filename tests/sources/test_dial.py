"""Opening a WebSocket, and leaving it."""

from __future__ import annotations

import asyncio

from websockets.asyncio.server import ServerConnection, serve
from websockets.protocol import State

from tickstream.sources.dial import Timing, dial, hang_up


def test_a_goodbye_that_is_itself_cut_short_leaves_no_connection_open() -> None:
    async def main() -> None:
        released = asyncio.Event()

        async def silent(connection: ServerConnection) -> None:
            # It never reads, so it never answers the goodbye either.
            connection.transport.pause_reading()
            await released.wait()

        async with serve(silent, "127.0.0.1", 0, close_timeout=0.1) as server:
            port = server.sockets[0].getsockname()[1]
            ws = await dial(f"ws://127.0.0.1:{port}/", Timing())
            try:
                leaving = asyncio.create_task(hang_up(ws, 1.0))
                await asyncio.sleep(0)
                assert ws.state is State.CLOSING
                leaving.cancel()
                await asyncio.wait([leaving])
                assert leaving.cancelled()
                assert ws.transport.is_closing()
            finally:
                ws.transport.abort()
                released.set()

    asyncio.run(main())
