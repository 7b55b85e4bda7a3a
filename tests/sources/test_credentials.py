"""Cookie and crumb: those who ask at the same time share the way to them, and no way goes on for ever."""

from __future__ import annotations

import asyncio
from functools import partial

import httpx
import pytest

from tests.support.web import Answer, scripted, yahoo
from tickstream.errors import SourceError
from tickstream.sources.yahoo import Web
from tickstream.sources.yahoo.credentials import Credentials

FORM = (
    "<form method=post action=/agree><input type=hidden name=sessionId value=1>"
    "<input type=hidden name=csrfToken value=2></form>"
)


def test_a_second_visit_needs_no_other_cookie() -> None:
    async def main() -> None:
        async with yahoo() as there:
            credentials = Credentials(there.exchange, there.web)
            assert [await credentials.visit() for _ in range(2)] == ["given without a question"] * 2
            assert there.simulator.requests == {"cookie": 1}

    asyncio.run(main())


@pytest.mark.parametrize("way", ["renew", "consent"])
def test_a_crumb_that_several_were_refused_with_is_had_again_once(way: str) -> None:
    async def main() -> None:
        async with yahoo() as there:
            credentials = Credentials(there.exchange, there.web)
            refused = await credentials.crumb()
            before = there.simulator.requests["crumb"]
            again = credentials.consent if way == "consent" else partial(credentials.renew, cookie=True)
            await asyncio.gather(*(again(refused) for _ in range(3)))
            assert await credentials.crumb() != refused
            assert there.simulator.requests["crumb"] == before + 1

    asyncio.run(main())


def visit(*answers: Answer) -> tuple[str, list[str]]:
    """What came of a visit to a server that answers so, and what it was asked for."""

    async def main() -> tuple[str, list[str]]:
        async with scripted(*answers, host="yahoo.invalid") as (exchange, script):
            credentials = Credentials(exchange, Web.at("http://yahoo.invalid"))
            try:
                said = await credentials.visit()
            except SourceError as error:
                said = f"error: {error}"
            return said, [f"{request.method} {request.url.path}" for request in script.asked]

    return asyncio.run(main())


def test_a_page_that_leads_to_itself_for_ever_is_left_after_eight_steps() -> None:
    said, asked = visit(httpx.Response(302, headers={"location": "http://yahoo.invalid/quote/AAPL"}))
    assert said == "error: Yahoo gives no cookie"
    assert asked == ["GET /", *["GET /quote/AAPL"] * 8]


def test_the_form_may_give_the_cookie_itself() -> None:
    def agreed(request: httpx.Request) -> httpx.Response:
        assert request.content == b"sessionId=1&csrfToken=2&agree=agree&agree=agree"
        return httpx.Response(200, headers={"set-cookie": "A3=d; path=/"}, text="thanks")

    said, asked = visit(
        httpx.Response(404), httpx.Response(200, headers={"content-type": "text/html"}, text=FORM), agreed
    )
    assert said == "agreed to Yahoo's consent form for it"
    assert asked == ["GET /", "GET /quote/AAPL", "POST /agree"]


@pytest.mark.parametrize(
    "action",
    [
        "http://elsewhere.example/steal", "//elsewhere.example/", "javascript:agree()", "https://[", "ftp://yahoo.invalid/",
        "http://yahoo.invalid.example/",
    ],
)  # fmt: skip
def test_a_form_that_leads_elsewhere_is_sent_nowhere(action: str) -> None:
    form = FORM.replace("/agree", action)
    said, asked = visit(
        httpx.Response(404), httpx.Response(200, headers={"content-type": "text/html"}, text=form)
    )
    assert said == "error: Yahoo gives no cookie"
    assert asked == ["GET /", "GET /quote/AAPL"]


@pytest.mark.parametrize("action", ["/" + "a" * 70_000, "https://xn--.yahoo.com/"])
def test_a_form_whose_address_is_none_is_an_error_in_words(action: str) -> None:
    form = FORM.replace("/agree", action)
    said, asked = visit(
        httpx.Response(404), httpx.Response(200, headers={"content-type": "text/html"}, text=form)
    )
    assert "is no address" in said
    assert asked == ["GET /", "GET /quote/AAPL"]


def test_a_page_that_says_too_many_requests_gives_no_cookie() -> None:
    said, asked = visit(httpx.Response(404), httpx.Response(429))
    assert said == "error: Yahoo gives no crumb: too many requests"
    assert asked == ["GET /", "GET /quote/AAPL"]
