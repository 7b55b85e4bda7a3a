"""The page in a real browser: it shows what the routes say, and says when they say nothing."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.support.browser import CHROMIUM, browsing
from tests.support.process import serving
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
