"""Clients that nobody here wrote follow the stream of a server of ours unchanged."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Iterator
from typing import Any

import pexpect
import pytest
import websocket
import yfinance
import yliveticker

from tests.support.process import LONG, Serving, serving

SYMBOLS = ["AAPL", "BTC-USD"]


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """These clients take a proxy from the environment, also towards loopback."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def served() -> Iterator[Serving]:
    with serving("--demo") as served:
        yield served


def test_yfinance_follows_it(served: Serving) -> None:
    seen: list[dict[str, Any]] = []

    def handle(message: dict[str, Any]) -> None:
        seen.append(message)
        if {message["id"] for message in seen} == set(SYMBOLS) and len(seen) > 3:
            client.close()

    client = yfinance.WebSocket(url=f"ws://{served.netloc}/stream?version=2", verbose=False)
    client.subscribe(SYMBOLS)
    client.listen(handle)
    assert all(message["price"] > 0 and message["time"].isdigit() for message in seen)


def test_yfinance_follows_it_asynchronously(served: Serving) -> None:
    async def main() -> list[dict[str, Any]]:
        seen: list[dict[str, Any]] = []
        enough = asyncio.Event()

        def handle(message: dict[str, Any]) -> None:
            seen.append(message)
            if {message["id"] for message in seen} == set(SYMBOLS):
                enough.set()

        url = f"ws://{served.netloc}/stream?version=2"
        async with asyncio.timeout(30), yfinance.AsyncWebSocket(url=url, verbose=False) as client:
            await client.subscribe(SYMBOLS)
            listening = asyncio.create_task(client.listen(handle))
            await enough.wait()
            await client.unsubscribe(["AAPL"])
            listening.cancel()
        return seen

    seen = asyncio.run(main())
    assert {"price", "change", "change_percent", "exchange", "market_hours"} <= seen[0].keys()


def test_yliveticker_follows_it(served: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[dict[str, Any]] = []

    def on_ticker(socket: websocket.WebSocketApp, message: dict[str, Any]) -> None:
        seen.append(message)
        if {message["id"] for message in seen} == set(SYMBOLS):
            socket.close()

    real = websocket.WebSocketApp

    def to_loopback(_url: str, **handlers: Any) -> websocket.WebSocketApp:
        # What it calls when a connection ends takes fewer arguments than it is given.
        handlers["on_close"] = None
        return real(f"ws://{served.netloc}/stream", **handlers)

    monkeypatch.setattr(websocket, "WebSocketApp", to_loopback)
    yliveticker.YLiveTicker(on_ticker=on_ticker, ticker_names=SYMBOLS, reconnect=0)
    assert all(message["price"] > 0 for message in seen)


def test_a_bare_client_follows_a_view(served: Serving) -> None:
    client = websocket.create_connection(f"ws://{served.netloc}/hours", timeout=30)
    assert '"status":"OPEN"' in client.recv()
    client.close()


WSCAT = os.environ.get("WSCAT") or shutil.which("wscat")
"""npm's `wscat`; .ci/run installs it and says where it is."""


@pytest.mark.skipif(not WSCAT, reason="there is no wscat on this machine: npm install wscat, and set WSCAT")
@pytest.mark.parametrize(
    ("path", "say", "text"),
    [
        ("/quotes", "AAPL,MSFT", '"symbol":"AAPL"'),
        ("/market", "", '"gainers":[{'),
        ("/hours", "", '"status":"OPEN"'),
        ("/profile/AAPL", "", '"sectorPerformance":{'),
        ("/stream?version=2", '{"subscribe":["AAPL"]}', '"type":"pricing"'),
        ("/stream?format=json", '{"subscribe":["AAPL"]}', '"id":"AAPL"'),
    ],
)
def test_wscat_follows_each_route(served: Serving, path: str, say: str, text: str) -> None:
    assert WSCAT is not None
    command = [WSCAT, "--connect", f"ws://{served.netloc}{path}", "--no-color"]
    child = pexpect.spawn(command[0], command[1:], timeout=LONG, encoding="utf-8", dimensions=(24, 4000))
    try:
        child.expect_exact("Connected")
        if say:
            child.sendline(say)
        child.expect_exact(text)
    finally:
        child.close(force=True)
