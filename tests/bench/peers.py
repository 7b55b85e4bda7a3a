"""What we are measured against, each a whole program: `python -m tests.bench.peers NAME ARGUMENTS`."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any


async def bare(url: str, count: int) -> None:
    """A receive loop that does nothing with what it receives."""
    from websockets.asyncio.client import connect

    async with connect(url, proxy=None, compression=None) as ws:
        await ws.send('{"subscribe":[]}')
        received = 0
        async for _ in ws:
            received += 1
            if received == count:
                break
        ws.transport.abort()


async def yfinance_json(url: str, count: int) -> None:
    """yfinance's AsyncWebSocket, printing JSON."""
    import yfinance

    received = 0
    ws = yfinance.AsyncWebSocket(url=url, verbose=False)

    def handler(message: dict[str, Any]) -> None:
        nonlocal received
        received += 1
        sys.stdout.write(json.dumps(message) + "\n")
        if received == count:
            listening.cancel()

    await ws.subscribe(["AAPL"])
    listening = asyncio.create_task(ws.listen(handler))
    await asyncio.gather(listening, return_exceptions=True)


def yliveticker_watch(url: str, *symbols: str) -> None:
    """yliveticker's watch; its URL is fixed, so its WebSocketApp is handed another."""
    import websocket
    from yliveticker.cli import run_watch

    class App(websocket.WebSocketApp):
        def __init__(self, _: str, **options: Any) -> None:
            super().__init__(url, **options)

    websocket.WebSocketApp = App  # type: ignore[misc, assignment]
    run_watch(list(symbols), False, None)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["bare", url, count]:
            asyncio.run(bare(url, int(count)))
        case ["yfinance", url, count]:
            asyncio.run(yfinance_json(url, int(count)))
        case ["yliveticker", url, *symbols]:
            yliveticker_watch(url, *symbols)
