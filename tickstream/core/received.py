"""Documents that somebody else composed: text of a tickstream server to a document, and back to parts. Pure.

The screens draw what is beside a document (which digits a price has, whether
New York trades, how old it is) from parts, so what can be told of them is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

import msgspec

from tickstream.core.documents import (
    HeadlineDocument,
    HoursDocument,
    MarketDocument,
    MoverDocument,
    ProfileDocument,
    QuoteDocument,
    SessionDocument,
)
from tickstream.core.exchanges import EXCHANGES
from tickstream.core.text import clean
from tickstream.core.tick import EARLIEST
from tickstream.core.values import Headline, MarketTime, Part, Periods, Quote, Span
from tickstream.core.views import MOVERS
from tickstream.errors import WireError

__all__ = ["Request", "newest_of", "parts_of", "read_document"]


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for: a view, and of what."""

    view: str
    """`quotes`, `market`, `hours` or `profile`."""
    names: tuple[str, ...] = ()
    """The symbols, or the codes of the exchanges."""

    @property
    def path(self) -> str:
        if self.view == "profile":
            return f"/profile/{quote(self.names[0], safe='')}"
        if self.view == "hours" and self.names:
            return f"/hours?exchanges={','.join(self.names)}"
        return f"/{self.view}"

    @property
    def message(self) -> str:
        """What has to be said first; empty where nothing has."""
        return ",".join(self.names) if self.view == "quotes" else ""


_TYPES: Mapping[str, Any] = {
    "quotes": list[QuoteDocument],
    "market": MarketDocument,
    "hours": HoursDocument,
    "profile": ProfileDocument,
}
_LONG_TEXT = 2000
_LARGEST = 2**53
_TIMES = frozenset({"asOf", "publishedAt", "nextOpen", "nextClose", "timestamp", "open", "close"})
"""The fields that are times where they are text."""
_OPEN = ("OPEN", "EARLY_CLOSE")

_FIELDS = {
    # A quote's own name of each field of a document that is not the same in snake case.
    "preMarketPrice": "pre_price",
    "preMarketChange": "pre_change",
    "preMarketPercentChange": "pre_percent",
    "afterHoursPrice": "post_price",
    "afterHoursChange": "post_change",
    "afterHoursPercentChange": "post_percent",
    "overnightPercentChange": "overnight_percent",
}
_QUOTE_FIELDS = frozenset(Quote.__struct_fields__)


def read_document(view: str, text: str | bytes) -> Any:
    """The document of a view in a message of a server.

    Raises:
        WireError: it is none, or says what cannot be.
    """
    try:
        document = msgspec.json.decode(text, type=_TYPES[view])
        return _cleaned(document)
    except (msgspec.DecodeError, UnicodeError, RecursionError, ValueError):
        raise WireError(f"not a document of {view}") from None


def _cleaned(value: Any, *, is_time: bool = False) -> Any:
    """`value` with strings that can be printed; ValueError for what no screen can show."""
    if isinstance(value, str):
        if is_time:
            _seconds(value)
        return clean(value, _LONG_TEXT)
    if isinstance(value, list):
        return [_cleaned(item) for item in value]
    if isinstance(value, dict):
        return {
            clean(name): _cleaned(item, is_time=is_time or name in _TIMES) for name, item in value.items()
        }
    if isinstance(value, int) and abs(value) > _LARGEST:
        raise ValueError
    return value


def _seconds(text: str | None) -> float | None:
    """A time of a document as seconds since the epoch; ValueError where it is none of our age."""
    if text is None:
        return None
    time = datetime.fromisoformat(text)
    if time.tzinfo is None or not 1970 < time.year < 2200:
        raise ValueError
    return time.timestamp()


def newest_of(view: str, document: Any) -> float | None:
    """When the newest thing in a document was fetched; None where nothing was, as of the hours."""
    if view == "hours":
        return None
    stamps = [row["asOf"] for row in document] if view == "quotes" else list(document["asOf"].values())
    return max((time for time in map(_seconds, stamps) if time is not None), default=None)


def parts_of(view: str, document: Any) -> dict[str, Part]:
    """The parts that a document tells of, each with when it was fetched."""
    match view:
        case "quotes":
            return dict(_quote_part(row, row["asOf"]) for row in document if row["asOf"])
        case "market":
            return _market(document)
        case "hours":
            return _hours(document)
        case _:
            return _profile(document)


def _quote_part(row: Mapping[str, Any], as_of: str | None) -> tuple[str, Part]:
    return f"quote:{row['symbol']}", Part.of(_quote(row), _seconds(as_of) or 0.0)


def _quote(row: Mapping[str, Any]) -> Quote:
    said = {_FIELDS.get(name) or _snake(name): value for name, value in row.items()}
    time = said.get("time")
    if time is not None and time < EARLIEST:
        said["time"] = None
    return Quote(**{name: value for name, value in said.items() if name in _QUOTE_FIELDS})


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def _market(document: MarketDocument) -> dict[str, Part]:
    as_of, parts = document["asOf"], dict[str, Part]()
    lists: dict[str, list[MoverDocument]] = {
        "actives": document["actives"],
        "gainers": document["gainers"],
        "losers": document["losers"],
    }
    for name, rows in lists.items():
        _put(parts, MOVERS[name], [_quote(row) for row in rows], as_of.get(name))
    if indices := as_of.get("indices"):
        parts |= dict(_quote_part(row, indices) for row in document["indices"])
    if sectors := as_of.get("sectors"):
        parts |= dict(_quote_part(row, sectors) for row in document["sectors"])
    _put(parts, "headlines", _headlines(document["headlines"]), as_of.get("headlines"))
    return parts


def _put(parts: dict[str, Part], key: str, value: object, as_of: str | None) -> None:
    if (fetched := _seconds(as_of)) is not None:
        parts[key] = Part.of(value, fetched)


def _headlines(rows: Sequence[HeadlineDocument]) -> list[Headline]:
    return [
        Headline(
            title=row["title"],
            url=row["url"],
            published=_seconds(row["publishedAt"]),
            source=row["source"],
            summary=row["summary"],
        )
        for row in rows
    ]


def _profile(document: ProfileDocument) -> dict[str, Part]:
    as_of, quote, parts = document["asOf"], document["quote"], dict[str, Part]()
    if quote is None:
        return parts
    symbol = quote["symbol"]
    _put(parts, f"quote:{symbol}", _quote(quote), as_of.get("quote"))
    _put(parts, f"similar:{symbol}", [row["symbol"] for row in document["similar"]], as_of.get("similar"))
    _put(parts, f"news:{symbol}", _headlines(document["news"]), as_of.get("news"))
    return parts


def _hours(document: HoursDocument) -> dict[str, Part]:
    as_of, parts = document["asOf"], dict[str, Part]()
    is_open = document["status"] in _OPEN
    # While it is open the next opening is of another day, and says nothing of this one.
    opens = None if is_open else _seconds(document["nextOpen"])
    market = MarketTime(open=is_open, opens=opens, closes=_seconds(document["nextClose"]))
    _put(parts, "markettime", market, as_of.get("markettime"))
    for row in document.get("exchanges", []):
        exchange = EXCHANGES.get(row["code"])
        if exchange is not None and exchange.sessions:
            _put(parts, f"periods:{exchange.symbol}", _periods(row["sessions"]), as_of.get("exchanges"))
    return parts


def _periods(sessions: Sequence[SessionDocument]) -> Periods:
    """The day of an exchange; a lunch break is within its session."""
    spans: dict[str, Span] = {}
    for session in sessions:
        start, end = _seconds(session["open"]) or 0.0, _seconds(session["close"]) or 0.0
        before = spans.get(session["kind"], Span(start, end))
        spans[session["kind"]] = Span(min(before.start, start), max(before.end, end))
    return Periods(pre=spans.get("pre"), regular=spans.get("regular"), post=spans.get("post"))
