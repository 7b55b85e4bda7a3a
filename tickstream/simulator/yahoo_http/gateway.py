"""The gateway: which endpoint a request is for, whether it may ask, and what goes wrong with it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping

from tickstream.http import Request, Response
from tickstream.simulator.faults import Fault, FaultKind, Faults
from tickstream.simulator.prices import Prices
from tickstream.simulator.yahoo_http import answers
from tickstream.simulator.yahoo_http.charts import chart, spark
from tickstream.simulator.yahoo_http.cookies import Cookies, header_of
from tickstream.simulator.yahoo_http.desk import Desk
from tickstream.simulator.yahoo_http.formats import formatted
from tickstream.simulator.yahoo_http.hours import markettime
from tickstream.simulator.yahoo_http.movers import predefined, screen
from tickstream.simulator.yahoo_http.pages import Pages
from tickstream.simulator.yahoo_http.rows import only, row_of
from tickstream.simulator.yahoo_http.searches import search, similar
from tickstream.simulator.yahoo_http.summaries import summary
from tickstream.simulator.yahoo_http.troubles import Trouble

__all__ = ["YahooHttp"]

_Handler = Callable[[Request, Trouble], Response]
_QUOTE_CACHE = "public, max-age=1, stale-while-revalidate=9"
_CRUMB_CACHE = "private, max-age=60, stale-while-revalidate=30"
_WANT_A_CRUMB = frozenset({"quote", "screener", "summary"})


class YahooHttp:
    """Answers what is not a WebSocket."""

    def __init__(
        self,
        prices: Prices,
        faults: Faults,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.requests: Counter[str] = Counter()
        """How often each endpoint was asked."""
        self._faults, self._sleep = faults, sleep
        self._desk = Desk(prices, clock)
        self._cookies = Cookies(prices.seed)
        self._pages = Pages(self._cookies)
        self._took_back: Fault | None = None
        self._paths: Mapping[str, tuple[str, _Handler]] = {
            "/": ("cookie", self._cookie),
            "/v1/test/getcrumb": ("crumb", self._crumb),
            "/v7/finance/quote": ("quote", self._quote),
            "/v7/finance/spark": ("spark", lambda request, _: spark(self._desk, request.query)),
            "/v1/finance/screener": ("screener", self._screen),
            "/v1/finance/screener/predefined/saved": (
                "screener",
                lambda request, _: predefined(self._desk, request.query),
            ),
            "/v6/finance/markettime": ("markettime", lambda *_: markettime(self._desk)),
            "/v1/finance/search": ("search", lambda request, _: search(self._desk, request.query)),
            "/consent": ("consent", self._consent),
            "/v2/collectConsent": ("consent", self._consent),
            "/copyConsent": ("consent", self._consent),
        }
        self._folders: Mapping[str, tuple[str, _Handler]] = {
            "/v8/finance/chart/": (
                "chart",
                lambda request, _: chart(self._desk, _last(request), request.query),
            ),
            "/v6/finance/recommendationsbysymbol/": (
                "similar",
                lambda request, _: similar(self._desk, _last(request), request.query),
            ),
            "/v10/finance/quoteSummary/": (
                "summary",
                lambda request, _: summary(self._desk, _last(request), request.query),
            ),
            "/quote/": ("page", self._page),
        }

    async def answer(self, request: Request) -> Response:
        """The answer to one request; Cut where a fault wants that."""
        found = self._paths.get(request.path) or next(
            (end for folder, end in self._folders.items() if request.path.startswith(folder)), None
        )
        if found is None:
            return answers.not_found(f"No such path: {request.path}").response()
        endpoint, handle = found
        trouble = Trouble(self._faults, self._sleep, endpoint, self.requests[endpoint])
        self.requests[endpoint] += 1
        if instead := await trouble.instead():
            return instead
        try:
            if endpoint in _WANT_A_CRUMB:
                self._check_crumb(request, trouble)
            return trouble.spoil(handle(request, trouble))
        except answers.Refused as refused:
            return trouble.spoil(refused.response())

    def _check_crumb(self, request: Request, trouble: Trouble) -> None:
        cookie = self._cookies.shown_by(request)
        good = cookie is not None and request.query.get("crumb") == self._cookies.crumb_of(cookie)
        if not good or trouble.strikes(FaultKind.HTTP_CRUMB):
            raise answers.Refused(401, "Unauthorized", "Invalid Crumb")

    def _cookie(self, _request: Request, trouble: Trouble) -> Response:
        without = trouble.strikes(FaultKind.HTTP_NOCOOKIE)
        headers = [] if without else [header_of("A3", self._cookies.issue())]
        return answers.text("Not Found\n", status=404, headers=headers)

    def _crumb(self, request: Request, trouble: Trouble) -> Response:
        self._take_back(trouble)
        cookie = self._cookies.shown_by(request)
        if cookie is None:
            raise answers.Refused(401, "Unauthorized", "Invalid Cookie")
        return answers.text(self._cookies.crumb_of(cookie), cache=_CRUMB_CACHE)

    def _take_back(self, trouble: Trouble) -> None:
        """Cookies issued so far are good no more: once, or as often as the fault says."""
        fault = trouble.strikes(FaultKind.HTTP_COOKIE)
        if fault and (fault is not self._took_back or fault.times):
            self._took_back = fault
            self._cookies.revoke()

    def _page(self, request: Request, trouble: Trouble) -> Response:
        in_the_eu = not self._pages.has_agreed(request) and trouble.strikes(FaultKind.HTTP_CONSENT)
        return self._pages.page(request, in_the_eu=bool(in_the_eu))

    def _consent(self, request: Request, _trouble: Trouble) -> Response:
        return self._pages.consent(request)

    def _screen(self, request: Request, _trouble: Trouble) -> Response:
        if request.method != "POST":
            raise answers.Refused(405, "Method Not Allowed", "HTTP 405 Method Not Allowed")
        return screen(self._desk, request)

    def _quote(self, request: Request, _trouble: Trouble) -> Response:
        query = request.query
        if not query.get("symbols"):
            raise answers.bad_request("Missing required query parameter=symbols")
        fields = frozenset(filter(None, query.get("fields", "").split(",")))
        overnight = query.get("overnightPrice") == "true"
        symbols = dict.fromkeys(filter(None, query["symbols"].split(",")))
        found = (row_of(self._desk, symbol, overnight=overnight) for symbol in symbols)
        rows = [only(row, fields) for row in found if row is not None]
        if query.get("formatted") == "true":
            rows = [formatted(row, row.get("exchangeTimezoneName", "UTC")) for row in rows]
        return answers.json({"quoteResponse": {"result": rows, "error": None}}, cache=_QUOTE_CACHE)


def _last(request: Request) -> str:
    """What stands at the end of a path."""
    return request.path.rpartition("/")[2]
