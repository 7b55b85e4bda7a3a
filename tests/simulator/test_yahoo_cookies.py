"""Cookie, crumb and the EU's consent form of the simulated Yahoo, over a port, with a bare client."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from urllib.parse import quote

import httpx
import pytest

from tests.simulator.web import recorded
from tickstream.simulator import Options, Simulator

PAGE = {"Accept": "text/html,application/xhtml+xml"}
Act = Callable[[httpx.AsyncClient, Simulator], Awaitable[None]]


@asynccontextmanager
async def client_of(simulator: Simulator) -> AsyncIterator[httpx.AsyncClient]:
    async with simulator.serving() as address:
        url = f"http://{address.netloc}"
        async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=10) as client:
            yield client


def run(act: Act, *faults: str) -> None:
    async def main() -> None:
        simulator = Simulator(Options())
        simulator.afflict(*faults)
        async with client_of(simulator) as client:
            await act(client, simulator)

    asyncio.run(main())


async def quotes(client: httpx.AsyncClient, crumb: str) -> httpx.Response:
    return await client.get(f"/v7/finance/quote?symbols=AAPL&crumb={quote(crumb, safe='')}")


async def crumb_of(client: httpx.AsyncClient) -> str:
    answer = await client.get("/v1/test/getcrumb")
    assert answer.status_code == 200
    return answer.text


def test_the_shortest_way_to_a_quote() -> None:
    async def act(client: httpx.AsyncClient, simulator: Simulator) -> None:
        first = await client.get("/")
        assert first.status_code == 404
        said = first.headers["set-cookie"]
        assert said.startswith("A3=d=AQAB")
        assert "; Max-Age=31536000; " in said
        assert "HttpOnly" in said
        assert "Domain" not in said
        assert "Secure" not in said
        answer = await client.get("/v1/test/getcrumb")
        assert answer.headers["content-type"].startswith("text/plain")
        assert answer.headers["cache-control"] == "private, max-age=60, stale-while-revalidate=30"
        assert len(answer.text) == 11
        assert "." in answer.text
        assert "/" in answer.text
        assert (await quotes(client, answer.text)).status_code == 200
        assert simulator.requests == {"cookie": 1, "crumb": 1, "quote": 1}

    run(act)


def test_a_crumb_belongs_to_its_cookie() -> None:
    async def act(client: httpx.AsyncClient, _simulator: Simulator) -> None:
        await client.get("/")
        first = await crumb_of(client)
        assert await crumb_of(client) == first
        client.cookies.clear()
        assert (await quotes(client, first)).status_code == 401
        await client.get("/")
        second = await crumb_of(client)
        assert second != first
        assert (await quotes(client, first)).status_code == 401
        assert (await quotes(client, second)).status_code == 200

    run(act)


@pytest.mark.parametrize("cookie", ["", "A3=forged", "A3=d=AQAB1&S=AQAAforged", "A3=d=AQABzz", "B=1"])
def test_without_a_good_cookie_there_is_no_crumb(cookie: str) -> None:
    async def act(client: httpx.AsyncClient, _simulator: Simulator) -> None:
        answer = await client.get("/v1/test/getcrumb", headers={"Cookie": cookie})
        assert answer.status_code == 401
        assert answer.json() == recorded("errors/site_getcrumb_401_invalid_cookie.json")

    run(act)


def test_a_cookie_outlives_the_simulator_that_issued_it() -> None:
    async def main() -> None:
        async with client_of(Simulator(Options())) as client:
            await client.get("/")
            crumb, cookies = await crumb_of(client), dict(client.cookies)
        async with client_of(Simulator(Options())) as client:
            client.cookies.update(cookies)
            assert (await quotes(client, crumb)).status_code == 200

    asyncio.run(main())


def test_a_page_sets_cookies_only_for_who_takes_html() -> None:
    async def act(client: httpx.AsyncClient, _simulator: Simulator) -> None:
        assert "set-cookie" not in (await client.get("/quote/AAPL")).headers
        answer = await client.get("/quote/AAPL", headers=PAGE)
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/html")
        assert set(client.cookies) == {"A1", "A3", "A1S"}
        crumb = await crumb_of(client)
        del client.cookies["A3"]
        assert (await quotes(client, crumb)).status_code == 200

    run(act)


def form_of(page: str) -> dict[str, str]:
    inputs = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page)
    return {name: html.unescape(value) for name, value in inputs}


async def to_the_form(client: httpx.AsyncClient) -> httpx.Response:
    """The first steps of the flow, up to the form."""
    first = await client.get("/quote/AAPL", headers=PAGE)
    assert first.status_code == 307
    assert first.headers["location"].startswith(f"{client.base_url}/consent?brandType=nonEu&gcrumb=")
    assert set(client.cookies) == {"GUCS"}
    second = await client.get(first.headers["location"])
    assert second.status_code == 302
    assert second.headers["location"].startswith(
        f"{client.base_url}/v2/collectConsent?sessionId=3_cc-session_"
    )
    form = await client.get(second.headers["location"])
    assert form.status_code == 200
    assert 'class="consent-form" action=""' in form.text
    return form


def test_in_the_eu_the_form_is_answered_once() -> None:
    async def act(client: httpx.AsyncClient, simulator: Simulator) -> None:
        form = await to_the_form(client)
        fields = form_of(form.text)
        assert fields.keys() == {"csrfToken", "sessionId", "originalDoneUrl", "namespace"}
        agreed = {**fields, "agree": ["agree", "agree"]}
        taken = await client.post(form.url, data=agreed)
        assert taken.status_code == 302
        assert "CFC" in client.cookies
        assert taken.headers["location"].endswith(f"/copyConsent?sessionId={fields['sessionId']}&lang=en-GB")
        copied = await client.get(taken.headers["location"])
        assert copied.status_code == 302
        assert copied.headers["location"] == f"{client.base_url}/quote/AAPL?guccounter=1"
        assert set(client.cookies) == {"GUCS", "CFC", "GUC", "A1", "A3", "A1S", "EuConsent"}
        last = await client.get(copied.headers["location"], headers=PAGE)
        assert (last.status_code, last.headers["location"]) == (301, f"{client.base_url}/quote/AAPL/")
        assert (await client.get(last.headers["location"], headers=PAGE)).status_code == 200
        assert (await quotes(client, await crumb_of(client))).status_code == 200
        assert simulator.requests["consent"] == 4

    run(act, "http-consent")


@pytest.mark.parametrize("field", ["csrfToken", "sessionId", "originalDoneUrl", "namespace"])
def test_a_form_that_is_not_ours_is_refused(field: str) -> None:
    async def act(client: httpx.AsyncClient, _simulator: Simulator) -> None:
        form = await to_the_form(client)
        wrong = form_of(form.text) | {field: "wrong", "agree": "agree"}
        assert (await client.post(form.url, data=wrong)).status_code == 400
        session = form.url.params["sessionId"]
        assert (await client.get(f"/copyConsent?sessionId={session}")).status_code == 400
        assert "A3" not in client.cookies

    run(act, "http-consent")


def test_the_steps_cannot_be_taken_out_of_order() -> None:
    async def act(client: httpx.AsyncClient, _simulator: Simulator) -> None:
        here = quote(f"{client.base_url}/quote/AAPL", safe="")
        assert (await client.get(f"/consent?gcrumb=abc&done={here}")).status_code == 400
        assert (await client.get("/v2/collectConsent?sessionId=none")).status_code == 400
        assert (await client.post("/consent")).status_code == 405
        client.cookies.set("GUCS", "AV78X-abc")
        elsewhere = quote("http://evil.invalid/", safe="")
        assert (await client.get(f"/consent?gcrumb=abc&done={elsewhere}")).status_code == 400

    run(act)


def test_the_cookie_host_asks_for_no_consent() -> None:
    async def act(client: httpx.AsyncClient, _simulator: Simulator) -> None:
        await client.get("/")
        assert (await quotes(client, await crumb_of(client))).status_code == 200

    run(act, "http-consent")
