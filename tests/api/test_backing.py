"""What HTTP knows lies under the pushes, and stands in where none come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest

from tickstream.api import backing as module
from tickstream.api.backing import Backing, suggestion
from tickstream.core.mailbox import Changed, Every
from tickstream.core.ports import Link, Status
from tickstream.core.tick import Tick
from tickstream.core.values import Found
from tickstream.errors import NotFound
from tickstream.hub import Hub
from tickstream.simulator import Options, Session, Simulator
from tickstream.sources import open_views


@dataclass
class Backed:
    """A hub whose rows are backed by a simulated Yahoo, without a streamer."""

    hub: Hub
    backing: Backing
    simulator: Simulator
    mailbox: Any
    said: list[str] = field(default_factory=list)

    async def until(self, condition: Callable[[], bool]) -> None:
        news = asyncio.Event()
        self.backing.changed = lambda symbols: news.set()
        async with asyncio.timeout(20):
            while not condition():
                await news.wait()
                news.clear()


@asynccontextmanager
async def backed(
    *symbols: str,
    faults: tuple[str, ...] = (),
    lines: bool = False,
    asked: tuple[str, ...] = (),
    options: Options | None = None,
) -> AsyncIterator[Backed]:
    simulator = Simulator(options or Options())
    simulator.faults.set(*faults)
    hub = Hub()
    mailbox = Every() if lines else Changed()
    said: list[str] = []
    async with simulator.serving() as address:
        opening = partial(open_views, address.url)
        backing = Backing(
            hub, opening, symbols, fill=not (lines or asked), lines=lines, asked=asked, said=said.append
        )
        with hub.reading(symbols, mailbox):
            task = asyncio.create_task(backing.run())
            try:
                yield Backed(hub, backing, simulator, mailbox, said)
            finally:
                task.cancel()
                with suppress(asyncio.CancelledError, NotFound):
                    await task


def run(main: Any) -> None:
    asyncio.run(main())


def test_rows_are_filled_from_one_snapshot_with_name_range_and_trend() -> None:
    async def main() -> None:
        async with backed("AAPL", "VOD.L") as there:
            row = there.hub.board.row("VOD.L")
            await there.until(lambda: bool(row.said and row.trend.prices))
            assert {"price", "short_name", "day_high", "day_low", "previous_close", "day_volume"} <= set(
                row.said
            )
            assert len(row.trend.prices) > 10
            assert row.said["currency"] == "GBp"
            # They are not pushed, and would stand there all day.
            assert not {"bid", "ask"} & row.said.keys()
            assert there.hub.pushes == 0
            assert there.simulator.requests["quote"] == 1
            assert "markettime" in there.backing.parts

    run(main)


def test_what_no_push_says_is_asked_for_again_and_the_price_stays_the_streamers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "EVERY", 0.1)
    monkeypatch.setattr(module, "RENEWED", 0.0)

    async def main() -> None:
        async with backed("AAPL", options=Options(session=Session.CLOSED)) as there:
            row = there.hub.board.row("AAPL")
            await there.until(lambda: "short_name" in row.said)
            now = int(there.hub.now().wall * 1000)
            there.hub.publish(Tick.from_dict({"id": "AAPL", "price": 1.0, "time": now}))
            asked = there.simulator.requests["quote"]
            await there.until(lambda: there.simulator.requests["quote"] > asked and bool(row.state))
            assert row.number("price") == 1.0
            # That its market is closed no push says.
            assert row.state in ("CLOSED", "POSTPOST", "PREPRE")

    run(main)


def test_a_newer_push_is_not_overwritten() -> None:
    async def main() -> None:
        async with backed("AAPL") as there:
            future = int(there.hub.now().wall * 1000) + 30_000
            there.hub.publish(Tick.from_dict({"id": "AAPL", "price": 1.0, "time": future}))
            await there.until(lambda: "short_name" in there.hub.board.row("AAPL").said)
            assert there.hub.board.row("AAPL").number("price") == 1.0

    run(main)


def test_a_closed_market_is_said_until_a_push_says_otherwise() -> None:
    async def main() -> None:
        async with backed("AAPL", options=Options(session=Session.CLOSED)) as there:
            row = there.hub.board.row("AAPL")
            await there.until(lambda: bool(row.state))
            assert row.state in ("CLOSED", "POSTPOST", "PREPRE")
            now = int(there.hub.now().wall * 1000)
            there.hub.publish(Tick.from_dict({"id": "AAPL", "price": 1.0, "time": now}))
            assert row.state == ""

    run(main)


def test_an_unknown_symbol_is_named_with_what_may_have_been_meant() -> None:
    async def main() -> None:
        async with backed("AAPL", "NOSUCH1") as there:
            await there.until(lambda: bool(there.backing.unknown))
            assert there.backing.unknown.keys() == {"NOSUCH1"}
            assert there.said == ["unknown symbol NOSUCH1"]
            assert there.backing.note == "unknown symbol NOSUCH1"

    run(main)


def test_where_no_symbol_exists_it_ends() -> None:
    async def main() -> None:
        simulator = Simulator(Options())
        async with simulator.serving() as address:
            backing = Backing(Hub(), partial(open_views, address.url), ["NOSUCH1"], fill=True)
            with pytest.raises(NotFound, match="unknown symbol NOSUCH1"):
                await backing.run()

    run(main)


def test_what_is_refused_is_said_and_ends_nothing() -> None:
    async def main() -> None:
        async with backed("AAPL", faults=("http-status=403",)) as there:
            await there.until(lambda: bool(there.backing.note))
            assert there.backing.note.startswith("no quotes by HTTP: ")

    run(main)


def lose_the_link(hub: Hub, seconds: float) -> None:
    since = int((hub.now().wall - seconds) * 1000)
    hub.report(Status(Link.BACKOFF, since, "connection refused", 1, 5.0))


def test_rows_are_polled_while_the_streamer_is_away_and_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "EVERY", 1.0)

    async def main() -> None:
        async with backed("AAPL") as there:
            row = there.hub.board.row("AAPL")
            await there.until(lambda: "price" in row.said)
            lose_the_link(there.hub, module.AWAY)
            await there.until(lambda: row.polled)
            asked = there.simulator.requests["quote"]
            await there.until(lambda: there.simulator.requests["quote"] > asked)
            there.hub.report(Status(Link.LIVE, int(there.hub.now().wall * 1000)))
            assert not there.backing.polling

    run(main)


class PushesAlone(Every):
    """As a tape is."""

    polled = False


def test_lines_are_polled_as_ticks_while_the_streamer_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "EVERY", 1.0)
    monkeypatch.setattr(module, "SILENT", 0.0)

    async def main() -> None:
        async with backed("AAPL", lines=True) as there:
            pushes = PushesAlone()
            with there.hub.reading(["AAPL"], pushes):
                lose_the_link(there.hub, module.AWAY)
                await there.until(lambda: bool(there.mailbox))
                (tick,) = there.mailbox.take()[:1]
                assert tick.id == "AAPL"
                assert tick.price
                assert not pushes

    run(main)


def test_lines_take_nothing_from_http_while_the_streamer_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SILENT", 0.0)

    async def main() -> None:
        async with backed("AAPL", "NOSUCH1", lines=True) as there:
            await there.until(lambda: bool(there.said))
            assert not there.mailbox

    run(main)


def test_a_suggestion_is_another_symbol() -> None:
    assert (
        suggestion("APPL", [Found(symbol="AAPL", name="Apple Inc.")]) == ": did you mean AAPL (Apple Inc.)?"
    )
    assert suggestion("A", [Found(symbol="A"), Found(symbol="B")]) == ": did you mean B?"
    assert suggestion("A", []) == ""


def test_alerts_see_the_snapshot_below_the_pushes() -> None:
    async def main() -> None:
        async with backed("AAPL") as there:
            seen = list[Tick]()
            there.hub.guard(["AAPL"], seen.append)
            await there.until(lambda: bool(seen))
            assert seen[0].day_high is not None
            assert there.hub.pushes == 0

    run(main)


def test_a_quote_that_is_asked_for_is_fetched_though_its_symbol_was_pushed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "SILENT", 0.0)

    async def main() -> None:
        async with backed("AAPL", "MSFT", asked=("AAPL",)) as there:
            seen = list[Tick]()
            for symbol in ("AAPL", "MSFT"):
                there.hub.publish(Tick.from_dict({"id": symbol, "price": 1.0}))
            there.hub.guard(["AAPL", "MSFT"], seen.append)
            await there.until(lambda: bool(seen))
            assert {tick.id for tick in seen} == {"AAPL"}
            assert there.hub.board.row("AAPL").said == {"id": "AAPL", "price": 1.0}

    run(main)


def test_what_converts_currencies_is_fetched_too_and_polled_while_the_streamer_is_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "EVERY", 0.1)

    async def main() -> None:
        async with backed("AAPL") as there:
            there.backing.beside = lambda: ("EURUSD=X",)
            rate = there.hub.board.row("EURUSD=X")
            await there.until(lambda: "price" in rate.said)
            lose_the_link(there.hub, module.AWAY)
            await there.until(lambda: rate.polled)
            assert rate.state

    run(main)


def test_in_the_evening_a_row_knows_how_the_session_ended_and_what_the_year_was() -> None:
    async def main() -> None:
        async with backed("AAPL", options=Options(session=Session.POST)) as there:
            row = there.hub.board.row("AAPL")
            await there.until(lambda: "price" in row.said)
            assert row.is_extended
            assert row.regular["price"] != row.said["price"]
            assert {"price", "change", "change_percent", "time"} == row.regular.keys()
            assert row.known["year_low"] < row.known["year_high"]

    run(main)


def test_other_symbols_are_backed_from_then_on_and_those_that_come_back_are_filled_anew() -> None:
    async def main() -> None:
        async with backed("AAPL", "MSFT") as there:
            board = there.hub.board
            await there.until(lambda: bool(board.row("AAPL").said and board.row("MSFT").said))
            for symbol in ("MSFT", "VOD.L"):
                board.forget(symbol)
            there.backing.follow(["AAPL", "VOD.L"])
            await there.until(lambda: bool(board.row("VOD.L").said))
            assert not board.row("MSFT").said
            assert "quote:MSFT" not in there.backing.parts
            assert "quote:AAPL" in there.backing.parts
            there.backing.follow(["AAPL", "MSFT"])
            await there.until(lambda: bool(board.row("MSFT").said))

    run(main)


def test_only_the_symbols_that_it_began_with_can_end_it_by_being_unknown() -> None:
    async def main() -> None:
        async with backed("AAPL") as there:
            await there.until(lambda: bool(there.hub.board.row("AAPL").said))
            there.backing.follow(["NOSUCH1"])
            await there.until(lambda: "NOSUCH1" in there.backing.unknown)
            assert "unknown symbol NOSUCH1" in there.backing.note
            there.backing.follow(["AAPL"])
            assert not there.backing.unknown

    run(main)
