"""A session with Yahoo's HTTP: asks an endpoint, and gives back JSON or says in words why there is none.

What an answer means is decided here, once (WIRE.md, C.5): a refused crumb is
renewed, once with the same cookie and once with another; too many requests let
the host rest, for everyone in the process; a page instead of JSON may be the
consent form, and is never parsed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime

import msgspec

from tickstream.core.text import clean
from tickstream.errors import NotFound, SourceError
from tickstream.sources.yahoo import Web, mark_of
from tickstream.sources.yahoo.cooling import lane_of
from tickstream.sources.yahoo.credentials import Credentials, NoCrumb, asks_for_consent
from tickstream.sources.yahoo.exchange import Answer, Exchange
from tickstream.sources.yahoo.parse import error_text
from tickstream.sources.yahoo.store import Store

__all__ = ["Blocked", "Session"]

BLOCKED = 900.0
"""Seconds for which a host that refuses us is not asked again for what it refused."""


class Blocked(SourceError):
    """Yahoo refuses us whatever cookie and crumb we show, or gives us none."""


class Session:
    """Asks the endpoints of one `web`. Constructing it opens nothing; close it in the end."""

    def __init__(
        self,
        web: Web,
        *,
        exchange: Exchange | None = None,
        store: Store | None = None,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._web, self._wall = web, wall
        self._exchange = exchange or Exchange(web.host)
        self._credentials = Credentials(self._exchange, web, store)
        self.free = lane_of(web.host, crumb=False)
        """What needs no crumb."""
        self.crumbed = lane_of(web.host, crumb=True)

    @property
    def mark(self) -> str:
        """What the data must be marked as."""
        return mark_of(self._exchange.server)

    @property
    def requests(self) -> int:
        """How many requests were sent, for whatever reason."""
        return self._exchange.requests

    def bound(self, spend: Callable[[int], int]) -> None:
        """Ask `spend` for what is sent beyond the first request of a fetch."""
        self._exchange.spend = spend

    def spend(self) -> bool:
        """Whether one more request may be sent that nobody planned."""
        return self._exchange.spend(1) == 1

    @property
    def refused(self) -> float | None:
        """Until when what needs a crumb is not asked for, in seconds since the epoch; None while it is."""
        return self.crumbed.until if self.crumbed.rests(self._wall()) else None

    async def close(self) -> None:
        await self._exchange.close()

    async def get(self, path: str, params: Mapping[str, str], *, crumb: bool = False) -> object:
        """What the endpoint at `path` says, as decoded JSON.

        Raises:
            RateLimited: the host rests, or is told to from now on.
            NotFound: it does not know what was asked for.
            SourceError: any other reason not to have an answer.
        """
        lane = self.crumbed if crumb else self.free
        lane.check(self._wall())
        answer = await (self._with_crumb(path, params) if crumb else self._plain(path, params))
        document = self._judge(answer, crumb=crumb)
        lane.worked()
        return document

    async def _plain(self, path: str, params: Mapping[str, str]) -> Answer:
        return await self._exchange.send("GET", f"{self._web.api}{path}", params=params)

    async def _with_crumb(self, path: str, params: Mapping[str, str]) -> Answer:
        """Ask with a crumb; where it is refused, with another one, and then with another cookie too."""
        steps = [False, True]
        consented = False
        while True:
            crumb = await self._crumb()
            answer = await self._plain(path, {**params, "crumb": crumb})
            try:
                if asks_for_consent(answer) and not consented:
                    consented = True
                    await self._credentials.consent(crumb)
                elif _refuses_crumb(answer) and steps:
                    await self._credentials.renew(crumb, cookie=steps.pop(0))
                else:
                    return answer
            except NoCrumb as none:
                raise self._without(none) from None

    async def _crumb(self) -> str:
        try:
            return await self._credentials.crumb()
        except NoCrumb as none:
            raise self._without(none) from None

    def _without(self, none: NoCrumb) -> SourceError:
        """What needs a crumb rests; the error to raise."""
        if none.answer is not None:
            return self.crumbed.rest(self._wall(), _retry_after(none.answer, self._wall()))
        self.crumbed.rest(self._wall())
        return Blocked(str(none))

    def _judge(self, answer: Answer, *, crumb: bool) -> object:
        """What an answer means: status first, then what it looks like, then what it says."""
        status = answer.status
        lane = self.crumbed if crumb else self.free
        if status == 429:
            raise lane.rest(self._wall(), _retry_after(answer, self._wall()))
        if crumb and _refuses_crumb(answer):
            lane.rest(self._wall())
            raise Blocked("Yahoo refuses our cookie and crumb (HTTP 401)")
        if status in (401, 403):
            lane.rest(self._wall(), BLOCKED)
            raise Blocked(f"Yahoo refuses us (HTTP {status}): is this address blocked?")
        if asks_for_consent(answer):
            raise SourceError("Yahoo asks for consent instead of answering")
        if answer.location is not None:
            raise SourceError("Yahoo sends us elsewhere, and we do not go there (a captive portal?)")
        document = _json(answer)
        said = error_text(document)
        if status == 404:
            raise NotFound(said or "Yahoo does not know it")
        if status >= 500:
            raise SourceError(f"Yahoo is out of order (HTTP {status})")
        if status >= 400 or (document is None and status != 200):
            raise SourceError(said or f"Yahoo does not answer (HTTP {status})")
        if document is None:
            if "json" in answer.content_type:
                raise SourceError("Yahoo's JSON cannot be read")
            form = "HTML" if answer.is_html else answer.content_type or "something"
            raise SourceError(f"Yahoo returned {clean(form, 40)}, not JSON")
        return document


def _json(answer: Answer) -> object:
    """The decoded body; None where it is no JSON, whatever it says it is."""
    if answer.is_html or answer.body.lstrip()[:1] not in (b"{", b"["):
        return None
    try:
        return msgspec.json.decode(answer.body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def _refuses_crumb(answer: Answer) -> bool:
    return answer.status == 401 or (answer.status == 403 and b"crumb" in answer.body[:4096].lower())


def _retry_after(answer: Answer, now: float) -> float | None:
    """The seconds that the server asks for, as a number or as a date."""
    value = answer.headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit() and len(value) < 10:
        return float(value)
    try:
        return max(1.0, parsedate_to_datetime(value).timestamp() - now)
    except (ValueError, OverflowError, OSError):
        return None
