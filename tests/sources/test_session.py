"""A session has cookie and crumb, has them again when refused, and leaves a host alone that asks for it."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import pytest

from tests.support.web import QUICK, Yahoo, scripted, yahoo
from tickstream.errors import NotFound, RateLimited, SourceError
from tickstream.sources.yahoo import Web
from tickstream.sources.yahoo.exchange import Exchange
from tickstream.sources.yahoo.session import Blocked, Session
from tickstream.sources.yahoo.store import Store

QUOTE = "/v7/finance/quote"
SPARK = "/v7/finance/spark"
AAPL = {"symbols": "AAPL"}


def with_yahoo(
    *faults: str, store: Store | None = None, wall: Callable[[], float] | None = None
) -> Callable[[Callable[[Yahoo], Awaitable[None]]], None]:
    """Run a test with a session that has these faults in its way."""

    def run(test: Callable[[Yahoo], Awaitable[None]]) -> None:
        async def main() -> None:
            limits = QUICK if "http-hang" in faults else None
            async with yahoo(*faults, store=store, wall=wall, limits=limits) as there:
                await test(there)

        asyncio.run(main())

    return run


async def quotes(there: Yahoo) -> object:
    return await there.session.get(QUOTE, AAPL, crumb=True)


async def failure(work: Awaitable[object]) -> SourceError:
    with pytest.raises(SourceError) as caught:
        await work
    return caught.value


def test_the_first_call_gets_a_cookie_and_a_crumb_and_the_next_ones_use_them() -> None:
    async def test(there: Yahoo) -> None:
        await quotes(there)
        await quotes(there)
        assert there.simulator.requests == {"cookie": 1, "crumb": 1, "quote": 2}
        assert there.session.mark == "SIMULATED"

    with_yahoo()(test)


def test_calls_at_the_same_time_share_one_cookie_and_one_crumb() -> None:
    async def test(there: Yahoo) -> None:
        await asyncio.gather(*(quotes(there) for _ in range(6)))
        assert there.simulator.requests == {"cookie": 1, "crumb": 1, "quote": 6}

    with_yahoo()(test)


def test_what_needs_no_crumb_fetches_none() -> None:
    async def test(there: Yahoo) -> None:
        await there.session.get(SPARK, AAPL | {"range": "1d", "interval": "5m"})
        assert there.simulator.requests == {"spark": 1}

    with_yahoo()(test)


def test_a_refused_crumb_is_renewed_once_with_the_same_cookie() -> None:
    async def test(there: Yahoo) -> None:
        await quotes(there)
        assert there.simulator.requests == {"cookie": 1, "crumb": 2, "quote": 2}

    with_yahoo("http-crumb~quotex1")(test)


def test_a_crumb_that_is_refused_again_is_renewed_with_another_cookie() -> None:
    async def test(there: Yahoo) -> None:
        await quotes(there)
        assert there.simulator.requests == {"cookie": 2, "crumb": 3, "quote": 3}

    with_yahoo("http-crumb~quotex2")(test)


def test_a_crumb_that_is_always_refused_ends_in_an_error_and_a_rest_not_in_a_loop() -> None:
    async def test(there: Yahoo) -> None:
        assert isinstance(await failure(quotes(there)), Blocked)
        assert there.simulator.requests["quote"] == 3
        assert isinstance(await failure(quotes(there)), RateLimited)
        assert there.simulator.requests["quote"] == 3
        assert there.session.refused is not None

    with_yahoo("http-crumb~quote")(test)


def test_a_cookie_that_is_refused_is_had_again_from_the_page() -> None:
    async def test(there: Yahoo) -> None:
        await quotes(there)
        assert there.simulator.requests["page"] == 1

    with_yahoo("http-cookiex1")(test)


def test_without_a_cookie_from_its_usual_place_the_page_gives_one() -> None:
    async def test(there: Yahoo) -> None:
        await quotes(there)
        assert there.simulator.requests["page"] >= 1

    with_yahoo("http-nocookie")(test)


def test_the_consent_form_of_the_eu_is_agreed_to_on_the_way() -> None:
    async def test(there: Yahoo) -> None:
        await quotes(there)
        assert there.simulator.requests["consent"] >= 4
        names = {cookie.name for cookie in there.exchange.cookies.jar}
        assert names >= {"A1", "A3", "A1S", "GUC", "EuConsent"}

    with_yahoo("http-nocookie", "http-consent")(test)


def test_too_many_requests_let_the_host_rest_for_a_minute_and_then_longer() -> None:
    now = [1_000_000.0]

    async def test(there: Yahoo) -> None:
        waits = []
        for _ in range(4):
            error = await failure(quotes(there))
            assert isinstance(error, RateLimited)
            waits.append(error.until - now[0])
            asked = there.simulator.requests["quote"]
            # It is not asked again before that, nor by anyone else in the process.
            assert isinstance(await failure(quotes(there)), RateLimited)
            assert there.simulator.requests["quote"] == asked
            now[0] = error.until
        assert waits == [60, 120, 240, 480]
        # What needs no crumb goes on meanwhile.
        await there.session.get(SPARK, AAPL)
        there.simulator.faults.set()
        await quotes(there)
        there.simulator.faults.set("http-status=429~quote")
        error = await failure(quotes(there))
        assert isinstance(error, RateLimited)
        assert error.until - now[0] == 60

    with_yahoo("http-status=429~quote", wall=lambda: now[0])(test)


@pytest.mark.parametrize(("asked", "waited"), [("30", 30), ("7200", 3600), ("0", 1)])
def test_the_wait_that_a_host_asks_for_is_kept_up_to_an_hour(asked: str, waited: int) -> None:
    async def test(there: Yahoo) -> None:
        error = await failure(quotes(there))
        assert isinstance(error, RateLimited)
        assert error.until == 1_000_000 + waited

    with_yahoo(f"http-status=429:{asked}~quote", wall=lambda: 1_000_000.0)(test)


def test_too_many_requests_for_a_crumb_are_no_crumb() -> None:
    async def test(there: Yahoo) -> None:
        assert isinstance(await failure(quotes(there)), RateLimited)
        assert there.simulator.requests["quote"] == 0

    with_yahoo("http-status=429~crumb")(test)


def test_when_it_is_rate_limited_until_is_said_by_the_clock() -> None:
    assert str(RateLimited(1_000_000.0)).startswith("rate limited until ")


def test_a_block_is_said_and_not_tried_again_for_a_while() -> None:
    async def test(there: Yahoo) -> None:
        error = await failure(quotes(there))
        assert isinstance(error, Blocked)
        assert "HTTP 403" in str(error)
        assert isinstance(await failure(quotes(there)), RateLimited)

    with_yahoo("http-status=403~quote")(test)


def test_a_page_instead_of_json_is_said_and_never_parsed() -> None:
    async def test(there: Yahoo) -> None:
        assert str(await failure(quotes(there))) == "Yahoo returned HTML, not JSON"

    with_yahoo("http-html~quote")(test)


def test_a_redirect_elsewhere_is_said_and_not_followed() -> None:
    async def test(there: Yahoo) -> None:
        assert "sends us elsewhere" in str(await failure(quotes(there)))

    with_yahoo("http-redirect=https://evil.invalid/~quote")(test)


def test_a_redirect_to_the_consent_form_is_answered_by_agreeing_once() -> None:
    async def test(there: Yahoo) -> None:
        assert "consent" in str(await failure(quotes(there)))
        assert there.simulator.requests["page"] == 1
        assert there.simulator.requests["quote"] == 2

    with_yahoo("http-redirect=https://guce.yahoo.invalid/consent~quote")(test)


def test_a_server_out_of_order_is_said() -> None:
    async def test(there: Yahoo) -> None:
        assert str(await failure(quotes(there))) == "Yahoo is out of order (HTTP 503)"
        assert there.simulator.requests["quote"] == 3

    with_yahoo("http-status=503~quote")(test)


def test_a_connection_closed_between_two_polls_is_opened_again_unseen() -> None:
    async def test(there: Yahoo) -> None:
        await quotes(there)
        await quotes(there)

    with_yahoo("http-close~quote@1x1")(test)


def test_what_does_not_exist_is_told_from_what_fails() -> None:
    async def test(there: Yahoo) -> None:
        error = await failure(there.session.get("/v8/finance/chart/NOSUCH1", {"range": "1d"}))
        assert isinstance(error, NotFound)
        assert "No data found" in str(error)

    with_yahoo()(test)


def test_cookie_and_crumb_are_kept_for_the_next_run_and_only_for_its_owner(tmp_path: Path) -> None:
    async def main() -> None:
        async with yahoo() as there:
            store = Store(tmp_path / "cache", there.web.host)
            for _ in range(2):
                session = Session(there.web, exchange=Exchange(there.web.host), store=store)
                await session.get(QUOTE, AAPL, crumb=True)
                await session.close()
            assert there.simulator.requests == {"cookie": 1, "crumb": 1, "quote": 2}
            assert stat.S_IMODE(store.path.stat().st_mode) == 0o600
            assert stat.S_IMODE(store.path.parent.stat().st_mode) == 0o700
            assert not list(store.path.parent.glob(".session-*"))

    asyncio.run(main())


@pytest.mark.parametrize(
    "host", ["../../etc/passwd", "/etc/x", "..", "a\x00b", "[::1]:80", "C:\\x", "x" * 5000, ""]
)
def test_the_file_of_a_host_is_in_its_folder_whatever_the_host_is_called(tmp_path: Path, host: str) -> None:
    path = Store(tmp_path, host).path
    path.touch()
    assert [path.resolve()] == list(tmp_path.resolve().iterdir())


def test_a_kept_crumb_that_is_refused_is_forgotten(tmp_path: Path) -> None:
    store = Store(tmp_path, "h")

    async def test(there: Yahoo) -> None:
        await quotes(there)
        first = store.load()
        there.simulator.faults.set("http-crumb~quotex2")
        await quotes(there)
        second = store.load()
        assert first is not None
        assert second is not None
        assert [cookie.value for cookie in first.cookies] != [cookie.value for cookie in second.cookies]

    with_yahoo(store=store)(test)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"crumb":"x y","cookies":[]}', b"\xff\xfe", b"{}"])
def test_a_broken_file_costs_a_few_requests_and_no_more(tmp_path: Path, content: bytes) -> None:
    store = Store(tmp_path, "h")
    store.path.write_bytes(content)

    async def test(there: Yahoo) -> None:
        await quotes(there)
        assert there.simulator.requests["crumb"] == 1
        assert store.load() is not None

    with_yahoo(store=store)(test)


def test_a_folder_that_cannot_be_written_costs_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = Store(tmp_path / "file", "h")

    async def test(there: Yahoo) -> None:
        await quotes(there)

    with_yahoo(store=store)(test)


@pytest.mark.parametrize("shape", ["list", "strings"])
def test_json_of_another_shape_is_json_to_the_session(shape: str) -> None:
    async def test(there: Yahoo) -> None:
        assert isinstance(await there.session.get("/v6/finance/markettime", {}), (list, dict))

    with_yahoo(f"http-json={shape}")(test)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"null", id="null"),
        pytest.param(b"", id="nothing"),
        pytest.param(b'{"quoteResponse":{"result":[{"symbol":"AA', id="cut"),
        pytest.param(b'{"a":' * 200_000, id="deep"),
        pytest.param(b'{"a":"\xff"}', id="no UTF-8"),
        pytest.param(b'{"a":"\\ud800"}', id="half a surrogate pair"),
        pytest.param(b'{"a":NaN}', id="NaN"),
        pytest.param(b"[1] [2]", id="two"),
    ],
)
def test_json_that_is_none_is_said(body: bytes) -> None:
    async def main() -> str:
        answer = httpx.Response(200, headers={"content-type": "application/json"}, content=body)
        async with scripted(answer, host="yahoo.invalid") as (exchange, _):
            session = Session(Web.at("http://yahoo.invalid"), exchange=exchange)
            return str(await failure(session.get("/v6/finance/markettime", {})))

    assert asyncio.run(main()) == "Yahoo's JSON cannot be read"


def test_a_crumb_that_is_refused_and_not_given_anew_is_waited_for() -> None:
    async def test(there: Yahoo) -> None:
        await quotes(there)
        there.simulator.faults.set("http-crumb~quote", "http-status=429~crumb")
        assert isinstance(await failure(quotes(there)), RateLimited)
        assert there.session.refused is not None

    with_yahoo()(test)
