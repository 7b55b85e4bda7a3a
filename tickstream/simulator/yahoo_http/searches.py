"""Search, with the news that comes with it, and similar symbols."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from difflib import get_close_matches
from random import Random

from tickstream.http import Response
from tickstream.simulator.companies import COMPANIES
from tickstream.simulator.known import KNOWN
from tickstream.simulator.listings import Kind, Listing, listing_of
from tickstream.simulator.yahoo_http import answers
from tickstream.simulator.yahoo_http.answers import Document
from tickstream.simulator.yahoo_http.desk import Desk
from tickstream.simulator.yahoo_http.figures import figures_of
from tickstream.simulator.yahoo_http.stories import stories
from tickstream.simulator.yahoo_http.venues import venue_of

__all__ = ["search", "similar"]

_SIMILAR = 5
_EVERYTHING = ("stock market", "stocks", "market", "markets", "economy", "finance", "news")
"""What stands for the market as a whole, also where a name has that word in it."""
_TYPES = {Kind.FX: "Currency", Kind.FUTURE: "Futures", Kind.FUND: "Fund", Kind.ETF: "ETF"}
_TIMES = """
totalTime timeTakenForQuotes timeTakenForNews timeTakenForAlgowatchlist timeTakenForPredefinedScreener
timeTakenForCrunchbase timeTakenForNav timeTakenForResearchReports timeTakenForScreenerField
timeTakenForCulturalAssets timeTakenForSearchLists
"""


def search(desk: Desk, query: Mapping[str, str]) -> Response:
    """v1/finance/search: no envelope around it, and lower-case names in it."""
    words = query.get("q", "").strip()
    if not words:
        raise answers.bad_request("Missing required query parameter=q")
    matches = _matches(words, desk.seed)
    shown = matches[: _count(query, "quotesCount", 8)]
    quotes = [_found(desk, listing, place) for place, listing in enumerate(shown)]
    news = _news(desk, words, matches, _count(query, "newsCount", 4))
    document: Document = {"explains": [], "count": len(quotes) + len(news), "quotes": quotes, "news": news}
    document |= {name: [] for name in ("nav", "lists", "researchReports", "screenerFieldResults")}
    document |= dict.fromkeys(_TIMES.split(), 0)
    return answers.json(document, cache="public, max-age=600, stale-while-revalidate=120")


def similar(desk: Desk, symbols: str, query: Mapping[str, str]) -> Response:
    """v6/finance/recommendationsbysymbol/{symbols}: a few of the same sector or kind for each."""
    results = []
    for symbol in symbols.split(","):
        listing = listing_of(symbol, desk.seed)
        if listing is None or symbol.startswith(("NONE", "YHD")):
            continue
        chance = Random(f"{desk.seed}:{symbol}:similar")
        names = [name for name in _alike(listing) if name != symbol]
        chance.shuffle(names)
        scores = sorted((round(chance.uniform(0.05, 0.3), 6) for _ in names), reverse=True)
        chosen = list(zip(names, scores, strict=True))[: _count(query, "count", _SIMILAR)]
        recommended = [{"symbol": name, "score": score} for name, score in chosen]
        results.append({"symbol": symbol, "recommendedSymbols": recommended})
    return answers.json(
        {"finance": {"result": results, "error": None}}, cache="public, max-age=60, stale-while-revalidate=30"
    )


def _alike(listing: Listing) -> list[str]:
    company = COMPANIES.get(listing.symbol)
    if listing.kind is Kind.EQUITY:
        sector = company.sector if company else figures_of(listing, 0).sector
        return [name for name, other in COMPANIES.items() if other.sector == sector]
    if listing.kind is Kind.OPTION and listing.contract:
        return [listing.contract.underlying]
    listings = (listing_of(name) for name in KNOWN)
    return [other.symbol for other in listings if other is not None and other.kind is listing.kind]


def _matches(words: str, seed: int) -> list[Listing]:
    """What is called so: the symbol, what begins so, names with that word, else what is spelled alike."""
    symbol, lower = words.upper(), words.lower()
    names = {known: listing.name.lower() for known, listing in KNOWN.items()}
    starts = sorted((name for name in KNOWN if name.startswith(symbol)), key=len)
    worded = [name for name, said in names.items() if re.search(rf"\b{re.escape(lower)}", said)]
    found = list(dict.fromkeys([*starts, *worded]))
    if not found:
        # Only the first word of a name is what people mistype.
        firsts = {re.split(r"\W", said)[0]: name for name, said in reversed(names.items())}
        near = [firsts[first] for first in get_close_matches(lower, firsts, 3, 0.75)]
        found = list(dict.fromkeys([*get_close_matches(symbol, KNOWN, 3, 0.75), *near]))
    if symbol in KNOWN:
        found = list(dict.fromkeys([symbol, *found]))
    elif not found and (words.isupper() or re.search(r"[.^=-]", words)):
        # It looks like a symbol, and each of those is something.
        found = [symbol]
    return [listing for name in found if (listing := listing_of(name, seed))]


def _found(desk: Desk, listing: Listing, place: int) -> Document:
    venue = venue_of(listing)
    said: Document = {
        "exchange": listing.exchange,
        "shortname": listing.name[:30],
        "quoteType": listing.kind.quote_type.name,
        "symbol": listing.symbol,
        "index": "quotes",
        "score": round(3_804_300 / (place + 1) ** 2, 1),
        "typeDisp": _TYPES.get(listing.kind, listing.kind.name.title()),
        "longname": listing.name,
        "exchDisp": venue.name,
        "isYahooFinance": True,
    }
    if listing.kind is Kind.EQUITY:
        figures = figures_of(listing, desk.seed)
        said |= {
            "sector": figures.sector,
            "sectorDisp": figures.sector,
            "industry": figures.industry,
            "industryDisp": figures.industry,
            "dispSecIndFlag": False,
        }
    return said


def _news(desk: Desk, words: str, matches: list[Listing], count: int) -> list[Document]:
    """Stories about the first match; about the market where that is what was asked for, or there is none."""
    if words.upper().startswith("NOSUCH"):
        return []
    everything = words.lower() in _EVERYTHING
    if everything or not matches or matches[0].kind is Kind.INDEX:
        return stories("market", "", [], count, desk.now, desk.seed)
    listing = matches[0]
    name = re.sub(r",? (Inc\.?|Corporation|Company|USD|plc)( \(The\))?$", "", listing.name)
    return stories(listing.symbol, name, [listing.symbol], count, desk.now, desk.seed)


def _count(query: Mapping[str, str], name: str, default: int) -> int:
    with suppress(ValueError):
        return min(max(int(query.get(name, default)), 0), 100)
    return default
