"""The page in a real browser: it shows what the routes say, and says when they say nothing."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.support.browser import CHROMIUM, browsing
from tests.support.process import serving, simulated
from tests.support.tapes import live, push, write_tape

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")


def test_it_shows_all_views_and_prices_that_change() -> None:
    async def main() -> None:
        with serving("--demo") as served:
            async with browsing(f"http://{served.netloc}/") as page:
                await page.until("document.querySelector('#stream tbody td:nth-child(2)')?.textContent")
                await page.until("document.querySelectorAll('polyline').length >= 2")
                await page.until("document.querySelectorAll('#quotes tbody tr').length === 6")
                await page.until("document.querySelectorAll('#market .gainers li').length === 12")
                await page.until("document.querySelectorAll('#market .sectors li').length === 11")
                await page.until("document.querySelector('#hours .answer').textContent.includes('open')")
                await page.until("document.querySelector('#profile .answer').textContent.includes('Apple')")
                await page.until("!document.querySelector('#mark').hidden")
                assert "SIMULATED" in await page.text()
                assert await page.value("document.querySelector('#key-form').hidden")
                await page.value("document.querySelector('#symbols').value = 'VOD.L'")
                await page.value("document.querySelector('#symbols-form').requestSubmit()")
                await page.until("document.querySelectorAll('#stream tbody tr').length === 1")
                await page.until("document.querySelector('#quotes tbody td')?.textContent === 'VOD.L'")
                await page.until("document.querySelector('#stream tbody').textContent.includes('p')")

    asyncio.run(main())


def test_what_a_tape_says_is_marked_as_a_replay(tmp_path: Path) -> None:
    async def main() -> None:
        pushes = [push(number * 100, "AAPL", float(number)) for number in range(5)]
        path = write_tape(tmp_path / "a.ndjson", live(0, "SIMULATED"), *pushes, push(600_000))
        with serving("--source", str(path)) as served:
            async with browsing(f"http://{served.netloc}/") as page:
                await page.until("document.querySelector('#mark').textContent === 'REPLAY SIMULATED'")
                assert not await page.value("document.querySelector('#mark').hidden")

    asyncio.run(main())


def test_it_asks_for_a_key_where_one_is_needed_and_says_when_the_server_is_gone() -> None:
    async def main() -> None:
        with serving("--demo", ADMIN_API_KEY="s3cret") as served:
            async with browsing(f"http://{served.netloc}/") as page:
                await page.until("!document.querySelector('#key-form').hidden")
                await page.value("document.querySelector('#key').value = 's3cret'")
                await page.value("document.querySelector('#key-form').requestSubmit()")
                await page.until("document.querySelectorAll('#quotes tbody tr').length === 6")
                served.process.terminate()
                served.process.wait(20)
                await page.until("document.querySelector('#quotes').classList.contains('old')")
                await page.until("!document.querySelector('#said').hidden")

    asyncio.run(main())


def test_on_a_telephone_price_and_age_stand_beside_each_other_and_nothing_is_cut_off() -> None:
    async def main() -> None:
        with serving("--demo") as served:
            async with browsing(f"http://{served.netloc}/") as page:
                screen = {"width": 400, "height": 800, "deviceScaleFactor": 1, "mobile": True}
                await page.ask("Emulation.setDeviceMetricsOverride", **screen)
                await page.until("document.querySelectorAll('#quotes tbody tr').length === 6")
                await page.until("document.querySelector('#stream tbody td:last-child').textContent")
                await page.until("document.querySelectorAll('#market .gainers li').length === 12")
                wide = "[...document.querySelectorAll('section')].filter(e => e.scrollWidth > e.clientWidth)"
                assert await page.value(f"{wide}.map(e => e.id)") == []
                age = "document.querySelector('#stream tbody td:last-child').getBoundingClientRect().right"
                assert 0 < await page.value(age) <= 400

    asyncio.run(main())


def test_a_link_that_is_dead_without_a_word_is_opened_again() -> None:
    async def main() -> None:
        with serving("--demo") as served:
            async with browsing(f"http://{served.netloc}/") as page:
                await page.until("feeds.hours.live && feeds.stream.live && interval")
                first = await page.value("[feeds.hours.opened, feeds.stream.opened]")
                # As if documents were due every tenth of a second.
                await page.value("feeds.hours.every = 100")
                await page.until(f"feeds.hours.opened > {first[0]} && feeds.stream.opened > {first[1]}")
                await page.value("feeds.hours.every = 20000")
                await page.until("feeds.hours.live && feeds.stream.live")

    asyncio.run(main())


def test_it_reaches_for_nothing_but_its_own_server() -> None:
    async def main() -> None:
        with serving("--demo") as served:
            async with browsing(f"http://{served.netloc}/") as page:
                await page.until("feeds.hours.live && feeds.stream.live")
                reached = "performance.getEntriesByType('resource').map(e => new URL(e.name).host)"
                assert set(await page.value(reached)) == {served.netloc}
                # And its policy would not let it.
                refused = "fetch('http://127.0.0.1:1/').then(() => 'reached', () => 'refused')"
                await page.value(
                    "globalThis.violated = new Promise(done => addEventListener("
                    "'securitypolicyviolation', event => done(event.effectiveDirective))); 0"
                )
                assert await page.value(refused) == "refused"
                assert await page.value("violated") == "connect-src"

    asyncio.run(main())


def test_what_is_old_is_as_old_as_it_is_while_upstream_is_down() -> None:
    async def main() -> None:
        with simulated() as source, serving("--source", source, "--interval", "1") as served:
            async with browsing(f"http://{served.netloc}/") as page:
                await page.until("feeds.quotes.live && feeds.market.live && feeds.profile.newest")
                # As if what came were a minute old; all in one go, since documents go on to come.
                seen = await page.value(
                    "feeds.quotes.newest -= 60000; feeds.quotes.show(); "
                    "[feeds.quotes.age >= 60000, feeds.quotes.live, "
                    "document.querySelector('#quotes h2 small').textContent, "
                    "document.querySelector('#quotes').classList.contains('old')]"
                )
                assert seen == [True, False, "1m old", True]
                await page.until("feeds.quotes.live")
                await page.until("interval === 1000")
                assert await page.value("feeds.market.every") == 20_000

    asyncio.run(main())


def test_a_word_that_is_no_symbol_is_named_and_what_is_shown_stays() -> None:
    async def main() -> None:
        with serving("--demo") as served:
            async with browsing(f"http://{served.netloc}/") as page:
                await page.until("feeds.hours.live")
                await page.value("document.querySelector('#symbols').value = '@x! AAPL'")
                await page.value("document.querySelector('#symbols-form').requestSubmit()")
                await page.until("document.querySelector('#said').textContent === 'No symbol: @X!'")
                assert await page.value("symbols.length") == 6

    asyncio.run(main())
