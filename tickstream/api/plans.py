"""Plans: which parts each view wants, how a document is made of them, and how a server is asked for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from tickstream.core.documents import HoursDocument, QuoteDocument
from tickstream.core.exchanges import EXCHANGES, find_exchanges
from tickstream.core.hours import hours_document
from tickstream.core.received import Request
from tickstream.core.symbols import parse_symbols
from tickstream.core.values import Parts
from tickstream.core.views import market_document, profile_document, quotes_document
from tickstream.core.wishes import hours_wish, market_wish, profile_wish, quotes_wish
from tickstream.errors import UsageError

if TYPE_CHECKING:
    from tickstream.sinks.screens.page import Body

__all__ = ["Plan", "hours_plan", "market_plan", "profile_plan", "quotes_plan"]

Compose = Callable[[Parts, frozenset[str], float], Any]
"""A document of these parts, without the symbols that do not exist, at this time. Pure."""


class Plan(NamedTuple):
    """A view, ready to be asked for: which parts it wants, and how a document is made of them."""

    title: str
    request: Request
    """How a tickstream server is asked for it."""
    wish: Callable[[Parts, float], Iterable[str]]
    compose: Compose
    symbols: tuple[str, ...] = ()
    """The symbols that were asked for by name, so that one which does not exist can be named."""
    offline: bool = False
    """Whether there is something to say without any answer."""
    taped: bool = False
    """Whether a tape can tell it."""
    body: Body | None = None
    """What draws it; where it is None, that of the first word of its title, in `sinks/screens`."""


def quotes_plan(symbols: str | Iterable[str], *, screen: bool = False, most: int = 1000) -> Plan:
    chosen = parse_symbols(symbols, most=most)
    keys = quotes_wish(chosen, screen=screen)

    def compose(parts: Parts, unknown: frozenset[str], now: float) -> list[QuoteDocument]:
        return quotes_document(chosen, parts, now, unknown=unknown)

    return Plan("quotes", Request("quotes", chosen), lambda parts, now: keys, compose, chosen, taped=True)


def market_plan(*, screen: bool = False) -> Plan:
    keys = market_wish(screen=screen)
    return Plan(
        "market",
        Request("market"),
        lambda parts, now: keys,
        lambda parts, unknown, now: market_document(parts, now),
    )


def hours_plan(exchanges: str | Iterable[str] = (), *, every: bool = False) -> Plan:
    codes = tuple(EXCHANGES) if every else tuple(found.code for found in find_exchanges(exchanges))
    keys = hours_wish(codes)

    def compose(parts: Parts, unknown: frozenset[str], now: float) -> HoursDocument:
        return hours_document(parts, now, codes)

    return Plan("hours", Request("hours", codes), lambda parts, now: keys, compose, offline=True)


def profile_plan(symbol: str, *, screen: bool = False) -> Plan:
    chosen = parse_symbols([symbol])
    if len(chosen) != 1:
        raise UsageError(f"a profile is of one symbol, and these are {len(chosen)}: leave out all but one")
    name = chosen[0]
    return Plan(
        f"profile {name}",
        Request("profile", chosen),
        partial(profile_wish, name, screen=screen),
        lambda parts, unknown, now: profile_document(name, parts, now),
        chosen,
    )
