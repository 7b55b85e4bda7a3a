"""How the service that serve replaces works: each client has a loop, that fetches its quotes and sends them.

A FastAPI app with one httpx client for all: `python -m tests.bench.fetching UPSTREAM`.
The port it listens on is the first line of its stdout; /metrics says how many messages it sent.
"""

# No lazy annotations here: FastAPI reads them.
import asyncio
import socket
import sys
from contextlib import suppress
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI, Response, WebSocket, WebSocketDisconnect

from tests.bench.wire import raise_open_files

INTERVAL = 5.0
FIELDS = {
    "symbol": "symbol",
    "name": "shortName",
    "price": "regularMarketPrice",
    "change": "regularMarketChange",
    "percentChange": "regularMarketChangePercent",
    "volume": "regularMarketVolume",
    "currency": "currency",
}


class Quotes:
    """Yahoo's quotes, fetched for whoever asks, when they ask."""

    def __init__(self, upstream: str) -> None:
        self._http = httpx.AsyncClient(base_url=f"http://{upstream}", trust_env=False, timeout=30.0)
        self._crumb = ""
        self._signing_in = asyncio.Lock()

    async def fetch(self, symbols: str) -> list[dict[str, Any]]:
        async with self._signing_in:
            if not self._crumb:
                await self._http.get("/")
                self._crumb = (await self._http.get("/v1/test/getcrumb")).text
        query = {"symbols": symbols, "crumb": self._crumb}
        answer = await self._http.get("/v7/finance/quote", params=query)
        answer.raise_for_status()
        found = answer.json()["quoteResponse"]["result"]
        return [{name: row.get(field) for name, field in FIELDS.items()} for row in found]


def service(quotes: Quotes) -> FastAPI:
    app = FastAPI()
    sent = 0

    async def metrics() -> Response:
        return Response(f"sent_total {sent}\n")

    async def attend(client: WebSocket) -> None:
        nonlocal sent
        await client.accept()
        with suppress(WebSocketDisconnect, RuntimeError):
            symbols = await client.receive_text()
            while True:
                await client.send_json(await quotes.fetch(symbols))
                sent += 1
                await asyncio.sleep(INTERVAL)

    # Without FastAPI on the machine its decorators have no types.
    app.get("/metrics")(metrics)
    app.websocket("/quotes")(attend)
    return app


def main(upstream: str) -> None:
    listening = socket.create_server(("127.0.0.1", 0), backlog=1024)
    print(listening.getsockname()[1], flush=True)
    config = uvicorn.Config(service(Quotes(upstream)), log_level="warning", ws_per_message_deflate=False)
    asyncio.run(uvicorn.Server(config).serve([listening]))


if __name__ == "__main__":
    raise_open_files()
    main(sys.argv[1])
