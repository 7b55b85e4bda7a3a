"""Yahoo's HTTP, step by step: its cookie, its crumb, what it says of a symbol, and its clock."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable
from typing import TypeVar

from tickstream.core.finding import Finding
from tickstream.core.values import MarketTime, Quote
from tickstream.errors import SourceError
from tickstream.sources.checks import check_way, found, way_to
from tickstream.sources.yahoo import Web
from tickstream.sources.yahoo.credentials import Credentials
from tickstream.sources.yahoo.exchange import Exchange
from tickstream.sources.yahoo.session import Session
from tickstream.sources.yahoo.views import YahooViews

__all__ = ["check_http"]

LONG = 15.0
_OFF = 5.0
"""Seconds by which a clock may be off before anybody is told."""
_CRUMB = "quotes then come without a crumb, each minute; pip install 'tickstream[impersonate]' may help"
T = TypeVar("T")


async def check_http(web: Web, wall: Callable[[], float] = time.time) -> AsyncGenerator[Finding, None]:
    """What there is by HTTP, as it is found out. Nothing that is kept on disk is used or changed."""
    reached = True
    for finding in await check_way("HTTP", way_to(web.api)):
        reached = reached and finding.ok is not False
        yield finding
    if not reached:
        return
    exchange = Exchange(web.host)
    session = Session(web, exchange=exchange)
    try:
        async for finding in _answers(web, exchange, session, wall):
            yield finding
    finally:
        await session.close()


async def _answers(
    web: Web, exchange: Exchange, session: Session, wall: Callable[[], float]
) -> AsyncGenerator[Finding, None]:
    credentials = Credentials(exchange, web)

    async def cookie() -> str:
        return await credentials.visit()

    async def crumb() -> str:
        return f"{len(await credentials.crumb())} characters, as it should be"

    yield await found(
        "HTTP: cookie", cookie, "the pages of Yahoo Finance in a browser may ask for something", LONG
    )
    yield await found("HTTP: crumb", crumb, _CRUMB, LONG)
    views = YahooViews(session)

    async def quote() -> str:
        value = await _fetch(views, "quote:AAPL", Quote)
        said = [f"AAPL {value.price} {value.currency or ''}".rstrip()]
        said += [f"[{views.mark}]"] if views.mark else []
        said += [f"({views.shortage})"] if views.shortage else []
        return " ".join(said)

    async def market() -> str:
        value = await _fetch(views, "markettime", MarketTime)
        return f"New York is {'open' if value.open else 'closed'}"

    async def clock() -> str:
        value = await _fetch(views, "markettime", MarketTime)
        if value.time is None:
            return "Yahoo does not say what time it is"
        off = wall() - value.time
        if abs(off) > _OFF:
            raise SourceError(f"this machine's clock is {abs(off):.0f} s {'ahead' if off > 0 else 'behind'}")
        return "this machine's clock agrees with Yahoo's"

    yield await found("HTTP: quote", quote, "", LONG)
    yield await found("HTTP: market hours", market, "hours then come from the calendar alone", LONG)
    yield await found(
        "HTTP: clock", clock, "set the clock by the network (NTP): ages are wrong otherwise", LONG
    )


async def _fetch(views: YahooViews, key: str, kind: type[T]) -> T:
    value = (await views.fetch([key])).values.get(key)
    if not isinstance(value, kind):
        raise SourceError("Yahoo answered, and did not say")
    return value
