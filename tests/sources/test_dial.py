"""Opening a WebSocket, and leaving it."""

from __future__ import annotations

import asyncio
import gc
import warnings

from websockets.asyncio.client import ClientConnection
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


def test_a_connection_that_is_given_up_at_any_step_loses_no_socket() -> None:
    async def dialled(port: int) -> ClientConnection:
        return await dial(f"ws://127.0.0.1:{port}/", Timing())

    async def greeted(connection: ServerConnection) -> None:
        await connection.wait_closed()

    async def main() -> None:
        async with serve(greeted, "127.0.0.1", 0, close_timeout=0.1) as server:
            port = server.sockets[0].getsockname()[1]
            for steps in range(12):
                dialling = asyncio.create_task(dialled(port))
                for _ in range(steps):
                    await asyncio.sleep(0)
                dialling.cancel()
                await asyncio.wait([dialling])
                if not dialling.cancelled():
                    dialling.result().transport.abort()

    with warnings.catch_warnings(record=True) as lost:
        warnings.simplefilter("always", ResourceWarning)
        asyncio.run(main())
        gc.collect()
    assert not [str(one.message) for one in lost if one.category is ResourceWarning]
