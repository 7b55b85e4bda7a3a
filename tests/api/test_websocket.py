"""`tickstream.WebSocket` and `AsyncWebSocket`: yfinance's names, and connections that come back."""

from __future__ import annotations

import ast
import asyncio
import inspect
import io
import threading
from typing import Any

import pytest
import yfinance

import tickstream
from tests.support.streamer import Visit, frame, in_a_thread, response
from tickstream.errors import BadSymbols, Refused, UsageError

LONG = 30.0


async def count_up(visit: Visit) -> None:
    """A push for each symbol of each wish, with growing prices."""
    price = 0.0
    while True:
        for symbol in (await visit.wish()).get("subscribe", []):
            price += 1
            await visit.send(frame(symbol, price, time=1_789_000_000_000 + int(price) * 1000))


async def push_on(visit: Visit) -> None:
    """Pushes for the symbols of the first wish until the client leaves."""
    symbols = (await visit.wish())["subscribe"]
    price = 0.0
    while True:
        for symbol in symbols:
            price += 1
            await visit.send(frame(symbol, price, time=1_789_000_000_000 + int(price) * 1000))
            await asyncio.sleep(0)


# -- the same names as yfinance


@pytest.mark.parametrize("name", ["WebSocket", "AsyncWebSocket"])
def test_it_has_the_names_and_parameters_of_yfinance(name: str) -> None:
    theirs, ours = getattr(yfinance, name), getattr(tickstream, name)
    methods = [method for method in dir(theirs) if not method.startswith("_")]
    for method in [*methods, "__init__"]:
        theirs_parameters = inspect.signature(getattr(theirs, method)).parameters
        ours_parameters = dict(inspect.signature(getattr(ours, method)).parameters)
        # A tickstream server may want a key: said by name alone, so it is in nobody's way.
        key = ours_parameters.pop("api_key", None)
        assert key is None or key.kind is inspect.Parameter.KEYWORD_ONLY
        assert list(ours_parameters) == list(theirs_parameters)
        assert [p.default for p in ours_parameters.values()] == [
            p.default for p in theirs_parameters.values()
        ]


def test_code_written_for_yfinance_runs_with_ours_in_its_place() -> None:
    code = """
seen = []
def message_handler(message):
    seen.append(message)
    if len(seen) == 3:
        ws.close()

with yf.WebSocket(url=url, verbose=False) as ws:
    ws.subscribe(["AAPL", "BTC-USD"])
    ws.listen(message_handler)
"""
    ast.parse(code)
    with in_a_thread(push_on) as fake:
        names: dict[str, Any] = {"yf": tickstream, "url": fake.url}
        exec(code, names)
    assert [message["id"] for message in names["seen"]] == ["AAPL", "BTC-USD", "AAPL"]
    assert names["seen"][0] == {
        "id": "AAPL", "price": 1.0, "time": 1_789_000_001_000, "quote_type": 8, "market_hours": 1,
    }  # fmt: skip


# -- the synchronous one


def test_it_can_be_closed_from_another_thread_while_it_listens() -> None:
    with in_a_thread(push_on) as fake:
        ws = tickstream.WebSocket(fake.url, verbose=False)
        ws.subscribe("AAPL")
        heard = threading.Event()
        listening = threading.Thread(target=ws.listen, args=(lambda message: heard.set(),))
        listening.start()
        assert heard.wait(LONG)
        ws.close()
        listening.join(LONG)
        assert not listening.is_alive()
        ws.close()
        with pytest.raises(UsageError, match="closed"):
            ws.subscribe("MSFT")


def test_what_is_asked_for_is_handed_over_before_another_thread_can_close_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Or it would be given to a loop that is closed, or never be told that it ended."""
    held, hand_over = [], asyncio.run_coroutine_threadsafe

    def handed(coroutine: Any, loop: asyncio.AbstractEventLoop) -> Any:
        held.append(ws._lock.locked())
        return hand_over(coroutine, loop)

    monkeypatch.setattr(asyncio, "run_coroutine_threadsafe", handed)
    ws = tickstream.WebSocket("ws://127.0.0.1:1/", verbose=False)
    ws.subscribe("AAPL")
    assert held == [True]
    ws.close()


def test_it_can_be_closed_while_nothing_comes() -> None:
    ws = tickstream.WebSocket("ws://127.0.0.1:1/", verbose=False)
    ws.subscribe("AAPL")
    began = threading.Event()

    def listen() -> None:
        began.set()
        ws.listen(lambda message: None)

    listening = threading.Thread(target=listen)
    listening.start()
    assert began.wait(LONG)
    ws.close()
    listening.join(LONG)
    assert not listening.is_alive()


def test_it_works_where_an_event_loop_runs_already_as_in_jupyter() -> None:
    seen: list[Any] = []

    async def cell(url: str) -> None:
        with tickstream.WebSocket(url, verbose=False) as ws:
            ws.subscribe(["AAPL"])

            def handler(message: dict[str, Any]) -> None:
                seen.append(message)
                ws.close()

            ws.listen(handler)

    with in_a_thread(push_on) as fake:
        asyncio.run(cell(fake.url))
    assert [message["id"] for message in seen] == ["AAPL"]


def test_what_a_handler_raises_is_logged_and_does_not_end_listening(caplog: pytest.LogCaptureFixture) -> None:
    seen: list[Any] = []
    with in_a_thread(push_on) as fake, tickstream.WebSocket(fake.url, verbose=False) as ws:
        ws.subscribe("AAPL")

        def handler(message: dict[str, Any]) -> None:
            seen.append(message)
            if len(seen) == 2:
                ws.close()
            raise ValueError("of the handler")

        ws.listen(handler)
    assert len(seen) == 2
    assert "of the handler" in caplog.text


def test_a_coroutine_may_handle_and_close() -> None:
    seen: list[Any] = []
    with in_a_thread(push_on) as fake:
        ws = tickstream.WebSocket(fake.url, verbose=False)
        ws.subscribe("AAPL")

        async def handler(message: dict[str, Any]) -> None:
            seen.append(message)
            ws.close()

        ws.listen(handler)
    assert len(seen) == 1


def test_a_coroutine_may_follow_more() -> None:
    seen: list[str] = []
    with in_a_thread(count_up) as fake:
        ws = tickstream.WebSocket(fake.url, verbose=False)
        ws.subscribe("AAPL")

        async def handler(message: dict[str, Any]) -> None:
            seen.append(message["id"])
            if len(seen) == 1:
                ws.subscribe("MSFT")
            if "MSFT" in seen:
                ws.close()

        ws.listen(handler)
    assert {"AAPL", "MSFT"} == set(seen)


def test_a_coroutine_that_never_ends_does_not_outlive_a_close_from_another_thread() -> None:
    began = threading.Event()
    with in_a_thread(push_on) as fake:
        ws = tickstream.WebSocket(fake.url, verbose=False)
        ws.subscribe("AAPL")

        async def handler(message: dict[str, Any]) -> None:
            began.set()
            await asyncio.Event().wait()

        listening = threading.Thread(target=ws.listen, args=(handler,))
        listening.start()
        assert began.wait(LONG)
        ws.close()
        listening.join(LONG)
        assert not listening.is_alive()


class Printed(io.StringIO):
    """A stdout that can be waited for: emptying capsys while another thread prints loses what it says."""

    def __init__(self) -> None:
        super().__init__()
        self.flushed = threading.Event()

    def flush(self) -> None:
        super().flush()
        self.flushed.set()


def test_without_a_handler_dicts_are_printed_and_status_lines_go_to_stderr(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def two(visit: Visit) -> None:
        await visit.wish()
        await visit.send(frame("AAPL", 1.0))
        await visit.stay()

    printed = Printed()
    monkeypatch.setattr("sys.stdout", printed)
    with in_a_thread(two) as fake:
        ws = tickstream.WebSocket(fake.url)
        ws.subscribe(["AAPL"])
        listening = threading.Thread(target=ws.listen)
        listening.start()
        assert printed.flushed.wait(LONG)
        ws.close()
        listening.join(LONG)
        assert not listening.is_alive()
    assert ast.literal_eval(printed.getvalue())["price"] == 1.0


def test_status_lines_are_said_on_stderr_unless_not_wanted(capsys: pytest.CaptureFixture[str]) -> None:
    ws = tickstream.WebSocket("ws://127.0.0.1:1/")
    ws.subscribe(["AAPL"])
    ws.close()
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Subscribed to symbols: ['AAPL']" in captured.err
    quiet = tickstream.WebSocket("ws://127.0.0.1:1/", verbose=False)
    quiet.subscribe(["AAPL"])
    quiet.close()
    assert capsys.readouterr().err == ""


def test_a_refusal_at_the_very_start_is_raised_where_it_is_listened() -> None:
    with in_a_thread(push_on, refuse=lambda number: response(403)) as fake:
        ws = tickstream.WebSocket(fake.url, verbose=False)
        ws.subscribe("AAPL")
        with pytest.raises(Refused, match="HTTP 403"):
            ws.listen(lambda message: None)
        ws.close()


def test_bad_symbols_are_refused_before_anything_is_connected() -> None:
    ws = tickstream.WebSocket("ws://127.0.0.1:1/", verbose=False)
    with pytest.raises(BadSymbols):
        ws.subscribe(["AAPL", "../x"])
    ws.close()


# -- the asynchronous one


def test_it_follows_and_no_longer_follows_while_it_listens() -> None:
    async def run(url: str) -> None:
        async with tickstream.AsyncWebSocket(url, verbose=False) as ws:
            await ws.subscribe("AAPL")
            seen: list[str] = []

            async def handler(message: dict[str, Any]) -> None:
                seen.append(message["id"])
                if len(seen) == 1:
                    await ws.subscribe(["MSFT"])
                if "MSFT" in seen:
                    await ws.unsubscribe("AAPL")
                    await ws.close()

            await ws.listen(handler)
            assert seen[0] == "AAPL"
            assert seen[-1] == "MSFT"

    with in_a_thread(count_up) as fake:
        asyncio.run(run(fake.url))
        assert fake.visits[0].wishes[:2] == [{"subscribe": ["AAPL"]}, {"subscribe": ["AAPL", "MSFT"]}]


@pytest.mark.parametrize("code", [1000, 1001, None], ids=["1000", "1001", "1006"])
def test_after_a_close_it_is_subscribed_again_by_itself(code: int | None) -> None:
    async def script(visit: Visit) -> None:
        await visit.wish()
        await visit.send(frame("AAPL", float(visit.number)))
        if visit.number == 1:
            if code is None:
                visit.ws.transport.abort()
            else:
                await visit.ws.close(code)
        await visit.stay()

    async def run(url: str) -> list[float]:
        prices: list[float] = []
        ws = tickstream.AsyncWebSocket(url, verbose=False)
        await ws.subscribe("AAPL")

        async def handler(message: dict[str, Any]) -> None:
            prices.append(message["price"])
            if len(prices) == 2:
                await ws.close()

        await ws.listen(handler)
        return prices

    with in_a_thread(script) as fake:
        assert asyncio.run(run(fake.url)) == [1.0, 2.0]


def test_cancelling_whoever_listens_is_no_error_and_leaves_nothing_behind() -> None:
    async def run(url: str) -> None:
        async with tickstream.AsyncWebSocket(url, verbose=False) as ws:
            await ws.subscribe("AAPL")
            heard = asyncio.Event()
            task = asyncio.create_task(ws.listen(lambda message: heard.set()))
            await heard.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        assert asyncio.all_tasks() == {asyncio.current_task()}

    with in_a_thread(push_on) as fake:
        asyncio.run(run(fake.url))


def test_the_demo_is_a_url_too() -> None:
    async def run() -> dict[str, Any]:
        async with tickstream.AsyncWebSocket("demo", verbose=False) as ws:
            await ws.subscribe("AAPL")
            seen: list[dict[str, Any]] = []

            async def handler(message: dict[str, Any]) -> None:
                seen.append(message)
                await ws.close()

            await ws.listen(handler)
        return seen[0]

    message = asyncio.run(run())
    assert message["id"] == "AAPL"
    assert isinstance(message["time"], int)
