"""A bare websockets server: each push goes to all who follow its symbol, as it comes.

`python -m tests.bench.broadcast UPSTREAM`: the port it listens on is the first
line of its stdout; /metrics says how many messages it sent.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import defaultdict
from http import HTTPStatus

from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.asyncio.server import broadcast as send_to
from websockets.http11 import Request, Response

from tests.bench.watch import SYMBOLS
from tests.bench.wire import raise_open_files
from tickstream.sources.yahoo.frames import decode


async def main(upstream: str) -> None:
    followers: dict[str, set[ServerConnection]] = defaultdict(set)
    sent = 0

    def answer(connection: ServerConnection, request: Request) -> Response | None:
        return (
            connection.respond(HTTPStatus.OK, f"sent_total {sent}\n") if request.path == "/metrics" else None
        )

    async def attend(connection: ServerConnection) -> None:
        symbols = json.loads(await connection.recv())["subscribe"]
        for symbol in symbols:
            followers[symbol].add(connection)
        await connection.wait_closed()
        for symbol in symbols:
            followers[symbol].discard(connection)

    async with (
        serve(
            attend, "127.0.0.1", 0, process_request=answer, compression=None, backlog=1024, open_timeout=None
        ) as server,
        connect(f"ws://{upstream}/?version=2", proxy=None, compression=None) as source,
    ):
        await source.send(json.dumps({"subscribe": SYMBOLS}))
        print(server.sockets[0].getsockname()[1], flush=True)
        async for message in source:
            tick = decode(message)
            if tick is not None:
                sent += len(followers[tick.id])
                send_to(followers[tick.id], message)


if __name__ == "__main__":
    raise_open_files()
    asyncio.run(main(sys.argv[1]))
