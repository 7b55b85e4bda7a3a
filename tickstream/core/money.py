"""Currencies: hundredths as what they are part of, and rates between two of them by streamed prices.

Every rate goes by the dollar, whose pairs are the ones that stream: four as the
dollars of one (`EURUSD=X`), all others as what a dollar costs (`JPY=X`; Yahoo
takes `USDJPY=X` and never says anything of it).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from tickstream.core.board import Row
from tickstream.errors import UsageError

__all__ = ["FindRow", "Unit", "currency_of", "pairs_of", "parse_currency", "rate_of", "unit_of"]

_HUNDREDTHS = {"GBp": "GBP", "GBX": "GBP", "ZAc": "ZAR", "ZAC": "ZAR", "ILA": "ILS"}
_AMERICAN = frozenset({"NMS", "NGM", "NCM", "NYQ", "PCX", "ASE", "BTS", "PNK"})
"""The codes of exchanges that trade in dollars alone; their pushes do not say it."""
_IN_DOLLARS = frozenset({"EUR", "GBP", "AUD", "NZD"})

FindRow = Callable[[str], Row]


class Unit(NamedTuple):
    """What prices are in: a currency, and how much of it 1 is."""

    currency: str
    size: float = 1.0


def currency_of(row: Row) -> str:
    """What the price of `row` is in, as Yahoo says it; empty where nothing tells."""
    said = row.said.get("currency")
    if said:
        return str(said)
    return "USD" if row.said.get("exchange") in _AMERICAN else ""


def unit_of(currency: str) -> Unit:
    """What a price in `currency`, as Yahoo says it, is in: `GBp` is a hundredth of GBP."""
    major = _HUNDREDTHS.get(currency)
    return Unit(currency) if major is None else Unit(major, 0.01)


def parse_currency(text: str) -> str:
    """A currency that sums can be in.

    Raises:
        UsageError: it is none, or hundredths of one.
    """
    code = text.strip()
    major = unit_of(code)
    if major.size != 1:
        raise UsageError(f"{code} is a hundredth of {major.currency}: use {major.currency}")
    if not re.fullmatch(r"[A-Z]{3}", code.upper()):
        raise UsageError(f"bad currency {text!r}: use three letters, as in EUR")
    return code.upper()


def pairs_of(currency: str, into: str) -> tuple[str, ...]:
    """The symbols whose prices tell what one of `currency` is in the other."""
    if currency == into:
        return ()
    return tuple(_pair_of(one) for one in (currency, into) if one != "USD")


def rate_of(currency: str, into: str, find: FindRow) -> float | None:
    """What one of `currency` is in the other; None while it is not known."""
    if currency == into:
        return 1.0
    dollars, dollars_of_other = _dollars_of(currency, find), _dollars_of(into, find)
    if dollars is None or dollars_of_other is None:
        return None
    return dollars / dollars_of_other


def _pair_of(currency: str) -> str:
    return f"{currency}USD=X" if currency in _IN_DOLLARS else f"{currency}=X"


def _dollars_of(currency: str, find: FindRow) -> float | None:
    if currency == "USD":
        return 1.0
    price = find(_pair_of(currency)).number("price")
    if price is None or price <= 0:
        return None
    return price if currency in _IN_DOLLARS else 1 / price
