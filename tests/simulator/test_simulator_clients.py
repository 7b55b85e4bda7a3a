"""Other people's clients of the streamer receive and decode what the simulator sends."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

import pytest
import websocket
import yfinance
import yliveticker

from tickstream.simulator import Address, Options, Simulator

SYMBOLS = ["AAPL", "BTC-USD"]


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """These clients take a proxy from the environment, also towards loopback."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


@contextmanager
def served() -> Iterator[Address]:
    """A simulator in a thread of its own, for clients that block."""
    ready: Future[tuple[Address, asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def main() -> None:
        ended = asyncio.Event()
        async with Simulator(Options()).serving() as address:
            ready.set_result((address, asyncio.get_running_loop(), ended))
            await ended.wait()

    thread = threading.Thread(target=asyncio.run, args=(main(),))
    thread.start()
    address, loop, ended = ready.result(20)
    try:
        yield address
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join(20)


def test_yfinance_reads_it() -> None:
    seen: list[dict[str, Any]] = []

    def handle(message: dict[str, Any]) -> None:
        seen.append(message)
        if len(seen) == 2:
            client.close()

    with served() as address:
        client = yfinance.WebSocket(url=address.ws_url, verbose=False)
        client.subscribe(SYMBOLS)
        client.listen(handle)
    # It sends what it was given as a set.
    assert {message["id"] for message in seen} == set(SYMBOLS)
    assert all(message["price"] > 0 and message["time"].isdigit() for message in seen)


def test_yfinance_reads_it_asynchronously() -> None:
    async def main() -> list[dict[str, Any]]:
        seen: list[dict[str, Any]] = []
        enough = asyncio.Event()

        def handle(message: dict[str, Any]) -> None:
            seen.append(message)
            if len(seen) == 3:
                enough.set()

        async with (
            asyncio.timeout(20),
            Simulator(Options(rate=50)).serving() as address,
            yfinance.AsyncWebSocket(url=address.ws_url, verbose=False) as client,
        ):
            await client.subscribe(SYMBOLS)
            listening = asyncio.create_task(client.listen(handle))
            await enough.wait()
            listening.cancel()
        return seen

    seen = asyncio.run(main())
    assert {message["id"] for message in seen[:2]} == set(SYMBOLS)
    assert {"price", "change", "change_percent", "exchange", "market_hours"} <= seen[0].keys()


def test_yliveticker_reads_it(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[dict[str, Any]] = []

    def on_ticker(socket: websocket.WebSocketApp, message: dict[str, Any]) -> None:
        seen.append(message)
        if len(seen) == 2:
            socket.close()

    with served() as address:
        real = websocket.WebSocketApp

        def to_loopback(_url: str, **handlers: Any) -> websocket.WebSocketApp:
            # What it calls when a connection ends takes fewer arguments than it is given.
            handlers["on_close"] = None
            return real(f"ws://{address.netloc}/", **handlers)

        monkeypatch.setattr(websocket, "WebSocketApp", to_loopback)
        yliveticker.YLiveTicker(on_ticker=on_ticker, ticker_names=SYMBOLS, reconnect=0)
    assert [message["id"] for message in seen] == SYMBOLS
    assert all(message["price"] > 0 and message["timestamp"] % 1000 == 0 for message in seen)
    assert seen[0]["marketHours"] == 1
