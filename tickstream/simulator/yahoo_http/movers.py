"""Lists of movers: Yahoo's predefined screeners, and screeners of one's own, over the companies we know."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import msgspec

from tickstream.http import Request, Response
from tickstream.simulator.companies import COMPANIES
from tickstream.simulator.yahoo_http import answers
from tickstream.simulator.yahoo_http.answers import Document
from tickstream.simulator.yahoo_http.desk import Desk
from tickstream.simulator.yahoo_http.formats import formatted
from tickstream.simulator.yahoo_http.rows import row_of

__all__ = ["predefined", "screen"]

_CACHE = "public, max-age=60, stale-while-revalidate=30"
_MOST = 250
_FIELDS = {
    "percentchange": "regularMarketChangePercent",
    "dayvolume": "regularMarketVolume",
    "intradayprice": "regularMarketPrice",
    "eodprice": "regularMarketPrice",
    "intradaymarketcap": "marketCap",
    "intradaypricechange": "regularMarketChange",
    "avgdailyvol3m": "averageDailyVolume3Month",
    "peratio.lasttwelvemonths": "trailingPE",
    "beta": "beta",
    "ticker": "symbol",
    "exchange": "exchange",
}
_SAVED = {
    "day_gainers": ("Day Gainers", "percentchange", "DESC", ("gt", "percentchange", 3)),
    "day_losers": ("Day Losers", "percentchange", "ASC", ("lt", "percentchange", -2.5)),
    "most_actives": ("Most Actives", "dayvolume", "DESC", ("gt", "dayvolume", 100_000)),
}
_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
    "eq": operator.eq,
}


def predefined(desk: Desk, query: Mapping[str, str]) -> Response:
    """v1/finance/screener/predefined/saved."""
    name = query.get("scrIds", "").lower()
    if name not in _SAVED:
        raise answers.bad_request("Missing required query parameter=scrIds" if not name else "Invalid scrIds")
    title, field, order, (relation, criterion, value) = _SAVED[name]
    count, start = _number(query, "count", 25), _number(query, "start", 0)
    rows = [row for row in _rows(desk) if _COMPARISONS[relation](row[_FIELDS[criterion]], value)]
    shown = _whole(desk, _sorted(rows, field, order)[start : start + count])
    if query.get("formatted") == "true":
        shown = [formatted(row, row["exchangeTimezoneName"]) for row in shown]
    raw = {"operator": relation.upper(), "operands": [criterion, value]}
    criteria = {"offset": start, "size": count, "sortField": field, "sortType": order, "quoteType": "EQUITY"}
    return _answer(
        {
            "id": f"simulated-{name}",
            "title": title,
            "description": f"{title} of the simulated day.",
            "canonicalName": name.upper(),
            "criteriaMeta": {**criteria, "criteria": [], "topOperator": "AND"},
            "rawCriteria": msgspec.json.encode({**criteria, "query": raw}).decode(),
            "start": start,
            "count": len(shown),
            "total": len(rows),
            "quotes": shown,
            "useRecords": False,
            "predefinedScr": True,
            "versionId": 10,
            "creationDate": 1_473_796_102_800,
            "lastUpdated": 1_699_393_457_948,
            "isPremium": False,
            "iconUrl": "https://s.yimg.com/cv/apiv2/fin/img/assets/predefined_screeners/trendingUp.png",
        }
    )


def screen(desk: Desk, request: Request) -> Response:
    """POST v1/finance/screener: size, offset, sortField, sortType and a tree of operands."""
    try:
        asked = msgspec.json.decode(request.body, type=dict)
        size, offset = int(asked.get("size", 25)), max(0, int(asked.get("offset", 0)))
        field, order = asked.get("sortField", "ticker"), asked.get("sortType", "DESC")
        rows = [row for row in _rows(desk) if _holds(asked.get("query"), row)]
    except (msgspec.MsgspecError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise answers.bad_request(f"Invalid screener query: {error}") from None
    if field not in _FIELDS:
        raise answers.bad_request(f"Invalid sortField: {field}")
    shown = _whole(desk, _sorted(rows, field, order)[offset : offset + min(max(size, 0), _MOST)])
    if request.query.get("formatted") == "true":
        shown = [formatted(row, row["exchangeTimezoneName"]) for row in shown]
    return _answer(
        {"start": offset, "count": len(shown), "total": len(rows), "quotes": shown, "useRecords": False}
    )


def _answer(result: Document) -> Response:
    return answers.json({"finance": {"result": [result], "error": None}}, cache=_CACHE)


def _rows(desk: Desk) -> list[Document]:
    rows = (row_of(desk, symbol, year=False) for symbol in COMPANIES)
    return [row for row in rows if row is not None]


def _whole(desk: Desk, rows: list[Document]) -> list[Document]:
    """The rows that are shown, with all that there is to say."""
    return [row_of(desk, row["symbol"]) or row for row in rows]


def _sorted(rows: list[Document], field: str, order: str) -> list[Document]:
    name = _FIELDS[field]
    # What has no such figure comes last, whichever way it is sorted.
    known = sorted(
        (row for row in rows if name in row), key=lambda row: row[name], reverse=order.upper() != "ASC"
    )
    return known + [row for row in rows if name not in row]


def _holds(query: Any, row: Document) -> bool:
    """Whether a tree of operands, as {"operator", "operands"}, holds for a row; no tree always does."""
    if query is None:
        return True
    relation, operands = str(query["operator"]).lower(), query["operands"]
    if relation in ("and", "or"):
        return (all if relation == "and" else any)(_holds(operand, row) for operand in operands)
    name, *values = operands
    if name == "region":
        return relation == "eq" and "us" in values
    if name == "sector":
        return COMPANIES[row["symbol"]].sector in values
    found = row.get(_FIELDS.get(name, ""))
    if name not in _FIELDS:
        raise ValueError(f"unknown field {name!r}")
    if found is None:
        return False
    if relation == "btwn":
        return bool(values[0] <= found <= values[1])
    if relation not in _COMPARISONS:
        raise ValueError(f"unknown operator {relation!r}")
    return _COMPARISONS[relation](found, values[0])


def _number(query: Mapping[str, str], name: str, default: int) -> int:
    with suppress(ValueError):
        return min(max(int(query.get(name, default)), 0), _MOST)
    return default
