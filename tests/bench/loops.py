"""What serve is measured against, each a whole server: `python -m tests.bench.loops NAME UPSTREAM`.

The port it listens on is the first line of its stdout; /metrics says how many messages it sent.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import defaultdict
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from tests.bench.watch import SYMBOLS
from tests.bench.wire import raise_open_files

INTERVAL = 5.0


async def broadcast(upstream: str) -> None:
    """A bare websockets server: each push goes to all who follow its symbol, as it comes."""
    from websockets.asyncio.client import connect
    from websockets.asyncio.server import ServerConnection, serve
    from websockets.asyncio.server import broadcast as send_to
    from websockets.http11 import Request, Response

    from tickstream.sources.yahoo.frames import decode

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


def fetching(upstream: str) -> None:
    """A FastAPI service: each client has a loop of its own, that fetches its quotes and sends them."""
    import socket

    import httpx
    import uvicorn
    from fastapi import FastAPI, Response, WebSocket, WebSocketDisconnect

    app = FastAPI()
    http = httpx.AsyncClient(base_url=f"http://{upstream}", trust_env=False, follow_redirects=True)
    crumbs: list[str] = []
    sent = 0

    async def quotes(symbols: str) -> Any:
        if not crumbs:
            await http.get("/")
            crumbs.append((await http.get("/v1/test/getcrumb")).text)
        answer = await http.get("/v7/finance/quote", params={"symbols": symbols, "crumb": crumbs[0]})
        answer.raise_for_status()
        return answer.json()["quoteResponse"]["result"]

    async def metrics() -> Response:
        return Response(f"sent_total {sent}\n")

    async def attend(client: WebSocket) -> None:
        nonlocal sent
        await client.accept()
        with suppress(WebSocketDisconnect, RuntimeError):
            symbols = await client.receive_text()
            while True:
                rows = await quotes(symbols)
                await client.send_json(
                    [
                        {
                            "symbol": row["symbol"],
                            "name": row.get("shortName"),
                            "price": row.get("regularMarketPrice"),
                            "change": row.get("regularMarketChange"),
                            "percentChange": row.get("regularMarketChangePercent"),
                            "volume": row.get("regularMarketVolume"),
                            "currency": row.get("currency"),
                        }
                        for row in rows
                    ]
                )
                sent += 1
                await asyncio.sleep(INTERVAL)

    app.get("/metrics")(metrics)
    app.websocket("/quotes")(attend)
    listening = socket.create_server(("127.0.0.1", 0), backlog=1024)
    print(listening.getsockname()[1], flush=True)
    config = uvicorn.Config(app, log_level="warning", ws_per_message_deflate=False)
    asyncio.run(uvicorn.Server(config).serve([listening]))


if __name__ == "__main__":
    raise_open_files()
    match sys.argv[1:]:
        case ["broadcast", upstream]:
            asyncio.run(broadcast(upstream))
        case ["fetching", upstream]:
            fetching(upstream)
