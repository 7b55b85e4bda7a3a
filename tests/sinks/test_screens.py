"""The screens of the views: every line as wide as the screen, nothing cut that misleads, nothing made up."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from importlib import import_module
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from tickstream.api.plans import Plan, hours_plan, market_plan, profile_plan, quotes_plan
from tickstream.api.polled import polling
from tickstream.core.hours import hours_document
from tickstream.core.text import clean
from tickstream.core.values import Headline, MarketTime, Part, Parts, Periods, Quote, Span
from tickstream.core.views import market_document, profile_document, quotes_document
from tickstream.simulator import Options, Simulator
from tickstream.sinks.paint import Painter, PlainPainter
from tickstream.sinks.screens.page import FLASH, OLD, Body, Page, View

SYMBOLS = ("AAPL", "BTC-USD", "^GSPC", "VOD.L", "SHIB-USD")
SIZES = [(1, 1), (2, 3), (5, 4), (20, 5), (39, 10), (60, 20), (80, 24), (100, 30), (160, 50), (500, 100)]
CODES = re.compile(r"\x1b\[[0-9;]*m")
EXCHANGES = ("XNYS", "XLON", "XTKS", "XHKG", "CRYPTO")

PLANS: Mapping[str, Callable[[], Plan]] = {
    "quotes": lambda: quotes_plan(SYMBOLS, screen=True),
    "market": lambda: market_plan(screen=True),
    "hours": hours_plan,
    "all hours": lambda: hours_plan(EXCHANGES),
    "profile": lambda: profile_plan("AAPL", screen=True),
}


def document_of(name: str, parts: Parts, now: float) -> Any:
    match name:
        case "quotes":
            return quotes_document(SYMBOLS, parts, now)
        case "market":
            return market_document(parts, now)
        case "profile":
            return profile_document("AAPL", parts, now)
        case _:
            return hours_document(parts, now, EXCHANGES if name == "all hours" else ())


@cache
def fetched() -> tuple[dict[str, Part], float]:
    """All parts of all views, as a simulated Yahoo says them, and when."""

    async def main() -> tuple[dict[str, Part], float]:
        parts: dict[str, Part] = {}
        async with Simulator(Options()).serving() as address:
            for plan in PLANS.values():
                async with polling(address.url, plan()) as poll:
                    async for _ in poll.rounds(5.0, patience=30.0, once=True):
                        pass
                    parts |= poll.parts
                    now = poll.now()
        return parts, now

    return asyncio.run(main())


def body_of(name: str) -> Body:
    module = name.split()[-1]
    body: Body = getattr(import_module(f"tickstream.sinks.screens.{module}"), f"{module}_body")
    return body


def view_of(name: str, parts: Parts, now: float, **more: Any) -> View:
    document = document_of(name, parts, now)
    return View(title=name, document=document, parts=parts, now=now, interval=5.0, **more)


def drawn(name: str, parts: Parts, now: float, width: int, height: int, **more: Any) -> list[str]:
    page = Page(body_of(name), painter=Painter())
    return page.lines(view_of(name, parts, now, **more), width, height, (("q", "quit"),))


def text_of(lines: list[str]) -> str:
    return "\n".join(CODES.sub("", line) for line in lines)


def check_size(lines: list[str], width: int, height: int) -> None:
    assert len(lines) == height
    for line in lines:
        plain = CODES.sub("", line)
        assert "\x1b" not in plain
        assert cell_len(plain) == width, repr(plain)


@pytest.mark.parametrize("name", PLANS)
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_it_is_exactly_as_large_as_the_screen_with_data_and_without(
    name: str, width: int, height: int
) -> None:
    parts, now = fetched()
    for some in (parts, {}):
        check_size(drawn(name, some, now, width, height, mark="SIMULATED"), width, height)


@pytest.mark.parametrize("name", PLANS)
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_in_ascii_it_is_as_large_and_has_nothing_else(name: str, width: int, height: int) -> None:
    parts, now = fetched()
    page = Page(body_of(name), painter=Painter(in_ascii=True))
    lines = page.lines(view_of(name, parts, now, mark="SIMULATED"), width, height, (("q", "quit"),))
    check_size(lines, width, height)
    assert all(line.isascii() for line in lines)


@pytest.mark.parametrize("name", PLANS)
def test_with_another_palette_it_says_the_same_and_green_is_left_to_what_is_well(name: str) -> None:
    parts, now = fetched()
    view = view_of(name, parts, now)
    green, blue = (Page(body_of(name), painter=Painter(palette=of)) for of in ("green-up", "blue-orange"))
    assert text_of(green.lines(view, 120, 40)) == text_of(blue.lines(view, 120, 40))
    for text in re.findall(r"\x1b\[32m([^\x1b]*)", "".join(blue.lines(view, 120, 40))):
        assert not re.search(r"[-+][\d.,]+%?", text)


@settings(max_examples=60, deadline=None, database=None)
@given(
    st.sampled_from(sorted(PLANS)),
    st.integers(1, 200),
    st.integers(1, 60),
    st.sets(st.integers(0, 200)),
    st.text(max_size=60),
)
def test_whatever_is_missing_and_whatever_it_is_called_every_line_fits(
    name: str, width: int, height: int, gone: set[int], words: str
) -> None:
    parts, now = fetched()
    kept = {key: part for number, (key, part) in enumerate(parts.items()) if number not in gone}
    odd = {key: part._replace(value=odd_value(part.value, clean(words))) for key, part in kept.items()}
    check_size(drawn(name, odd, now, width, height), width, height)


def odd_value(value: object, words: str) -> object:
    """The same, called otherwise, and with much of it not said."""
    match value:
        case Quote():
            return Quote(symbol=value.symbol, name=words, price=value.price, market_state=value.market_state)
        case list():
            return [odd_value(one, words) for one in value]
        case Headline():
            return Headline(title=words, source=words, published=value.published)
        case _:
            return value


@pytest.mark.parametrize("name", PLANS)
def test_what_is_not_known_is_never_a_number(name: str) -> None:
    parts, now = fetched()
    for some in ({}, {key: Part.of(odd_value(part.value, "x"), now) for key, part in parts.items()}):
        text = text_of(drawn(name, some, now, 160, 50))
        assert not re.search(r"\b(None|nan|inf|null)\b", text)


@pytest.mark.parametrize("name", PLANS)
def test_simulated_is_said_at_any_width_that_has_room_for_it(name: str) -> None:
    parts, now = fetched()
    for width in (24, 40, 80, 200):
        for height in (2, 10, 24):
            assert "SIMULATED" in text_of(drawn(name, parts, now, width, height, mark="SIMULATED"))


@pytest.mark.parametrize("name", PLANS)
def test_trouble_and_ages_stand_in_the_footer(name: str) -> None:
    parts, now = fetched()
    last = text_of(drawn(name, parts, now, 100, 24, ages={"quotes": 65.0})).splitlines()[-1]
    assert "every 5 s" in last
    assert "quotes 1m old" in last
    assert last.rstrip().endswith("q quit")
    last = text_of(drawn(name, parts, now, 100, 24, trouble="rate limited until 10:32:05")).splitlines()[-1]
    assert "○ rate limited until 10:32:05" in last


@pytest.mark.parametrize("name", ["quotes", "market", "profile"])
def test_where_nothing_was_fetched_it_says_so(name: str) -> None:
    text = text_of(drawn(name, {}, 1_795_464_000.0, 80, 24))
    assert "no data yet" in text or "VOD.L" in text


@pytest.mark.parametrize("name", ["quotes", "market", "profile"])
def test_falling_is_an_arrow_and_a_minus_and_rising_an_arrow_and_a_plus(name: str) -> None:
    parts, now = fetched()
    for percent, sign in ((-1.5, "▼ -1.50%"), (1.5, "▲ +1.50%")):
        some = {key: part._replace(value=moved(part.value, percent)) for key, part in parts.items()}
        text = re.sub(r" +", " ", text_of(drawn(name, some, now, 160, 50)))
        assert sign in text or f"{sign[0]} {'+' if percent > 0 else '-'}3.00 {sign[2:]}" in text
        assert ("▲" if percent < 0 else "▼") not in text.replace("SECTOR", "").split("Year to date")[0]


def moved(value: object, percent: float) -> object:
    match value:
        case Quote():
            return msgspec.structs.replace(value, change=percent * 2, percent_change=percent)
        case list():
            return [moved(one, percent) for one in value]
        case _:
            return value


def quote_view(now: float, **said: Any) -> View:
    parts = {"quote:VOD.L": Part.of(Quote(symbol="VOD.L", time=int(now * 1000), **said), now)}
    document = quotes_document(["VOD.L"], parts, now)
    return View(title="quotes", document=document, parts=parts, now=now, interval=5.0)


def test_pence_are_said_to_be_pence() -> None:
    page = Page(body_of("quotes"), painter=PlainPainter())
    lines = page.still(quote_view(1_795_464_000.0, price=71.84, currency="GBp", price_hint=2), 100)
    assert "71.84p" in lines[2]


def test_a_price_that_changed_stands_out_for_a_moment() -> None:
    page = Page(body_of("quotes"), painter=Painter())
    now = 1_795_464_000.0
    page.lines(quote_view(now, price=70.0), 80, 24)
    assert page.flash_ends(now) is None
    rising = page.lines(quote_view(now, price=71.0), 80, 24)
    assert any("\x1b[38;5;16;42m" in line for line in rising)
    assert page.flash_ends(now) == now + FLASH
    later = page.lines(replace(quote_view(now, price=71.0), now=now + FLASH), 80, 24)
    assert not any("\x1b[38;5;16;42m" in line for line in later)


@pytest.mark.parametrize("name", ["quotes", "market", "profile"])
def test_quotes_that_are_old_look_old(name: str) -> None:
    parts, now = fetched()
    fresh, old = (drawn(name, parts, now, 120, 40, ages={"quotes": age}) for age in (5.0, OLD + 1))
    assert text_of(fresh[1:-1]) == text_of(old[1:-1])
    codes = {code for line in old[1:-1] for code in CODES.findall(line)} - {"\x1b[0m"}
    assert codes
    # 2 is dim.
    assert all("2" in code[2:-1].split(";") for code in codes)
    assert any(line != other for line, other in zip(fresh[1:-1], old[1:-1], strict=True))
    # Where it is asked for each five minutes it is not older than it should be.
    page = Page(body_of(name), painter=Painter())
    view = replace(view_of(name, parts, now, ages={"quotes": OLD + 1}), interval=300.0)
    assert page.lines(view, 120, 40)[1:-1] == fresh[1:-1]


def test_the_price_of_the_evening_stands_beside_that_of_the_session() -> None:
    page = Page(body_of("quotes"), painter=PlainPainter())
    now = 1_795_464_000.0
    said = {"price": 100.0, "post_price": 101.5, "post_change": 1.5, "post_percent": 1.5}
    text = "\n".join(page.still(quote_view(now, market_state="POST", **said), 160))
    assert "101.50" in text
    assert "101.50" not in "\n".join(page.still(quote_view(now, market_state="REGULAR", **said), 160))


def test_plain_text_has_no_codes() -> None:
    parts, now = fetched()
    for name in PLANS:
        page = Page(body_of(name), painter=PlainPainter())
        for line in page.still(view_of(name, parts, now), 100):
            assert "\x1b" not in line
            assert cell_len(line) == 100


def test_indices_share_a_line_without_touching_each_other() -> None:
    parts, now = fetched()
    lines = text_of(drawn("market", parts, now, 80, 24)).splitlines()[1:4]
    cells = [cell for line in lines for cell in re.findall(r"(\S[^▲▼=]*)([▲▼=])", line)]
    assert len(cells) == 6
    assert all(text.endswith(" ") for text, _ in cells)


@pytest.mark.parametrize("width", [30, 40, 59, 62, 80, 120, 200])
@pytest.mark.parametrize("height", range(3, 51))
def test_a_heading_of_the_market_has_something_below_it_or_is_not_there(width: int, height: int) -> None:
    parts, now = fetched()
    lines = text_of(drawn("market", parts, now, width, height)).splitlines()[1:-1]
    headings = ("GAINERS", "LOSERS", "MOST ACTIVE", "SECTORS", "HEADLINES")
    for line, below in zip(lines, [*lines[1:], ""], strict=True):
        for heading in headings:
            at = line.find(heading)
            assert at < 0 or below[at : at + len(heading)].strip(), (heading, lines)


def test_movers_have_names_where_there_is_room_and_figures_below_each_other() -> None:
    parts, now = fetched()
    names = {row["name"] for row in document_of("market", parts, now)["gainers"]}
    narrow, wide = (text_of(drawn("market", parts, now, width, 50)) for width in (110, 200))
    assert not any(name in narrow for name in names)
    assert sum(name in wide for name in names) > 15
    for text in (narrow, wide):
        rows = [line for line in text.splitlines() if re.search(r"▲ .*▼ .*[▲▼]", line)][1:]
        assert len({line.index("▲") for line in rows}) == 1


def test_a_headline_is_cut_only_where_it_fits_on_no_line_of_its_own() -> None:
    parts, now = fetched()
    title, source = "Words of a headline that is as long as some are", "A Paper"
    story = Part.of([Headline(title=title, source=source, published=now - 120)], now)
    parts = {**parts, "headlines": story}
    for width, shown in (
        (200, f"2m {title}  {source}"),
        (100, f"2m {title}"),
        (80, "2m Words of a headline"),
    ):
        line = next(
            line for line in text_of(drawn("market", parts, now, width, 50)).splitlines() if " 2m " in line
        )
        assert shown in line
        assert ("…" in line, source in line) == (width == 80, width == 200)


def hours_parts(now: float, opens: float, closes: float, *, is_open: bool) -> Parts:
    market = MarketTime(open=is_open, opens=opens, closes=closes, time=now)
    periods = Periods(
        regular=Span(opens, closes), pre=Span(opens - 19_800, opens), post=Span(closes, closes + 14_400)
    )
    return {"markettime": Part.of(market, now, 60), "periods:SPY": Part.of(periods, now, 60)}


NOON = 1_795_539_600.0  # Tuesday 24 November 2026, 12:00 in New York
OPENS, CLOSES = NOON - 9_000, NOON + 14_400


def test_hours_answer_in_one_look_whether_why_and_until_when() -> None:
    text = text_of(drawn("hours", hours_parts(NOON, OPENS, CLOSES, is_open=True), NOON, 80, 24))
    assert "U.S. markets are OPEN" in text
    assert "Regular trading hours" in text
    assert "4h 00m" in text
    assert "16:00 ET" in text


def test_without_a_source_hours_say_that_it_is_the_calendar_alone() -> None:
    assert "calendar only" in text_of(drawn("hours", {}, NOON, 80, 24))
    known = text_of(drawn("hours", hours_parts(NOON, OPENS, CLOSES, is_open=True), NOON, 80, 24))
    assert "calendar only" not in known


def test_a_holiday_is_named_and_has_no_bar() -> None:
    thanksgiving = NOON + 2 * 86_400
    text = text_of(drawn("hours", {}, thanksgiving, 80, 24))
    assert "CLOSED" in text
    assert "Thanksgiving" in text
    assert "█" not in text


def test_exchanges_that_do_not_fit_are_counted() -> None:
    parts, now = fetched()
    page = Page(body_of("hours"), painter=PlainPainter())
    plan = hours_plan(every=True)
    assert plan.title == "hours"
    document = hours_document(parts, now, tuple(import_module("tickstream.core.exchanges").EXCHANGES))
    view = View(title="hours", document=document, parts=parts, now=now, interval=5.0)
    text = "\n".join(page.lines(view, 80, 24))
    shown = (
        sum(1 for line in text.splitlines() if re.search(r"[●○◐] (OPEN|CLOSED|PRE|AFTER|EARLY)", line)) - 1
    )
    more = re.search(r"and (\d+) more", text)
    assert more is not None
    assert shown + int(more[1]) in (len(document["exchanges"]), len(document["exchanges"]) - 1)


@pytest.mark.parametrize("name", PLANS)
def test_what_is_old_is_the_same_text_and_dimmed_as_a_whole(name: str) -> None:
    parts, now = fetched()
    fresh, old = drawn(name, parts, now, 100, 30), drawn(name, parts, now, 100, 30, old=True)
    assert text_of(fresh) == text_of(old)
    tones = {code[2:-1] for line in old[1:-1] for code in CODES.findall(line)} - {"0"}
    assert all("2" in tone.split(";") for tone in tones)


def test_where_it_is_open_and_nobody_says_since_when_no_bar_says_that_it_is_closed() -> None:
    document = hours_document({}, NOON + 2 * 86_400) | {"status": "OPEN", "reason": None}
    view = View(title="hours", document=document, parts={}, now=NOON + 2 * 86_400, interval=5.0)
    text = "\n".join(Page(body_of("hours"), painter=PlainPainter()).lines(view, 100, 30))
    assert "are OPEN" in text
    assert "closed all day" not in text


def test_figures_of_a_sector_that_have_not_been_fetched_are_not_called_missing() -> None:
    parts, now = fetched()
    fund = next(key.removeprefix("returns:") for key in parts if key.startswith("returns:"))
    before = {key: part for key, part in parts.items() if key not in (f"quote:{fund}", f"returns:{fund}")}
    figures = {
        line.split("Year to date")[1].split()[0]
        for some in (parts, before)
        for line in text_of(drawn("profile", some, now, 160, 50)).splitlines()
        if "Year to date" in line
    }
    assert len(figures) == 2
    assert "…" in figures
