"""A cookie and the crumb that goes with it: how both are had, kept, and had again when refused.

First fc.yahoo.com, whose only use is its cookie; where that has none, a page,
by way of the consent form that the EU gets (WIRE.md, part C). Whoever needs a
crumb waits for the one that is already being fetched.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from urllib.parse import urljoin, urlsplit

from tickstream.errors import SourceError
from tickstream.sources.yahoo import Web
from tickstream.sources.yahoo.exchange import Answer, Exchange
from tickstream.sources.yahoo.parse import parse_consent_form, valid_crumb
from tickstream.sources.yahoo.store import Kept, Store

__all__ = ["Credentials", "NoCrumb", "asks_for_consent"]

_COOKIES = frozenset({"A1", "A3"})
"""Either of them is what a crumb is bound to."""
_STEPS = 8
_PAGE = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


class NoCrumb(SourceError):
    """Yahoo answers, and gives no cookie or no crumb; what needs none may still be had."""

    def __init__(self, reason: str, answer: Answer | None = None) -> None:
        super().__init__(reason)
        self.answer = answer
        """What it said, where it was too many requests."""

    @classmethod
    def limited(cls, answer: Answer) -> NoCrumb:
        return cls("Yahoo gives no crumb: too many requests", answer)


class Credentials:
    """The cookie, in the exchange's jar, and its crumb."""

    def __init__(self, exchange: Exchange, web: Web, store: Store | None = None) -> None:
        self._exchange, self._web, self._store = exchange, web, store
        self._crumb = ""
        self._lock = asyncio.Lock()
        self._loaded = False
        self._consented = False
        """Whether the consent form was in the way."""

    async def crumb(self) -> str:
        """The crumb to send.

        Raises:
            NoCrumb: Yahoo gives none.
            SourceError: Yahoo does not answer.
        """
        async with self._lock:
            self._load()
            if not self._crumb:
                await self._fetch()
            return self._crumb

    async def visit(self) -> str:
        """Have a cookie, if there is none yet; how it was come by, in words.

        Raises:
            SourceError: none can be had.
        """
        async with self._lock:
            if not self._has_cookie:
                await self._get_cookie()
            return "agreed to Yahoo's consent form for it" if self._consented else "given without a question"

    async def renew(self, refused: str, *, cookie: bool) -> None:
        """Have another crumb instead of the one that was refused; with `cookie`, another cookie first."""
        async with self._lock:
            if self._crumb != refused:
                return  # someone else's was refused as well, and has seen to it
            self._forget(cookie=cookie)
            await self._fetch()

    async def consent(self, refused: str) -> None:
        """Agree to the consent form by way of a page, since answers lead to it."""
        async with self._lock:
            if self._crumb != refused:
                return
            self._forget(cookie=True)
            await self._visit_page()
            await self._fetch()

    def _load(self) -> None:
        if self._loaded:
            return
        self._loaded = True
        kept = self._store.load() if self._store else None
        if kept is None or not valid_crumb(200, "text/plain", kept.crumb):
            return
        for cookie in kept.cookies:
            self._exchange.cookies.jar.set_cookie(cookie.restored())
        self._crumb = kept.crumb if self._has_cookie else ""

    def _forget(self, *, cookie: bool) -> None:
        self._crumb = ""
        if cookie:
            self._exchange.cookies.jar.clear()
        if self._store:
            self._store.clear()

    @property
    def _has_cookie(self) -> bool:
        return any(cookie.name in _COOKIES for cookie in self._exchange.cookies.jar)

    async def _fetch(self) -> None:
        if not self._has_cookie:
            await self._get_cookie()
        answer = await self._get_crumb()
        if answer.status == 401 and self._has_cookie:
            # Its cookie is no longer good: once more, through the page.
            self._exchange.cookies.jar.clear()
            await self._visit_page()
            answer = await self._get_crumb()
        if answer.status == 429:
            raise NoCrumb.limited(answer)
        crumb = valid_crumb(answer.status, answer.content_type, answer.text)
        if crumb is None:
            raise NoCrumb(f"Yahoo gives no crumb (HTTP {answer.status})")
        self._crumb = crumb
        if self._store:
            self._store.save(Kept.of(crumb, self._exchange.cookies.jar))

    async def _get_crumb(self) -> Answer:
        origin = "://".join(urlsplit(self._web.page)[:2])
        headers = {"Origin": origin, "Referer": f"{origin}/"}
        return await self._exchange.send("GET", f"{self._web.api}/v1/test/getcrumb", headers=headers)

    async def _get_cookie(self) -> None:
        # Whatever it says is good enough, with its cookie; to some its name does not exist, since it
        # is on lists of advertisers.
        with suppress(SourceError):
            await self._exchange.send("GET", self._web.cookie, follow=False)
        if not self._has_cookie:
            await self._visit_page()

    async def _visit_page(self) -> None:
        """Get the cookies of a page, agreeing to the consent form if there is one in the way."""
        exchange, url = self._exchange, self._web.page
        for _ in range(_STEPS):
            answer = await exchange.send("GET", url, headers=_PAGE, follow=False)
            if self._has_cookie:
                return
            if answer.status == 429:
                raise NoCrumb.limited(answer)
            form = parse_consent_form(answer.text) if answer.status == 200 and answer.is_html else None
            if form is not None and form.fields.get("sessionId"):
                to = _joined(answer.url, form.action)
                if not self._is_ours(to):
                    break
                # The button is named twice, as the browser sends it.
                agreed = {**form.fields, "agree": ["agree", "agree"]}
                self._consented = True
                answer = await exchange.send("POST", to, headers=_PAGE, form=agreed, follow=False)
            if answer.location is None or not self._is_ours(answer.location):
                break
            url = answer.location
        if not self._has_cookie:
            raise NoCrumb("Yahoo gives no cookie")

    def _is_ours(self, url: str) -> bool:
        parts = urlsplit(url)
        host = parts.hostname or ""
        own = {urlsplit(place).hostname for place in self._web}
        return parts.scheme in ("http", "https") and (host in own or host.endswith(".yahoo.com"))


def _joined(page: str, action: str) -> str:
    """Where a form of a page is sent; empty where that is no address."""
    try:
        return urljoin(page, action)
    except ValueError:
        return ""


def asks_for_consent(answer: Answer) -> bool:
    """Whether we were led to the consent form instead of an answer."""
    place = answer.location or answer.url
    parts = urlsplit(place)
    host = parts.hostname or ""
    return (
        host.startswith(("consent.", "guce."))
        or parts.path.startswith(("/consent", "/v2/collectConsent"))
        or (answer.is_html and b"consent-form" in answer.body)
    )
