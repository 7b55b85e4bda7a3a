"""Positions: what is held of each symbol, what it is worth, and what it has gained.

A cost is a price as the symbol is quoted (pence where that is pence); what is
reckoned is in one currency. A gain is that of the price, in today's rate. A sum
that cannot be known in full is none: `Totals.missing` says what it waits for.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from tickstream.core.board import Row
from tickstream.core.money import FindRow, Unit, currency_of, pairs_of, rate_of, unit_of
from tickstream.core.regular import day_change_of
from tickstream.core.symbols import is_symbol
from tickstream.errors import UsageError

__all__ = ["FIGURES", "Book", "Lot", "Positions", "Totals", "parse_positions"]


class Lot(NamedTuple):
    """So many, bought at this price; fewer than none were sold short."""

    quantity: float
    cost: float
    """The price of one, as it is quoted."""


Positions = Mapping[str, tuple[Lot, ...]]

FIGURES = ("quantity", "cost", "value", "weight", "day_gain", "gain", "gain_percent")
"""What is reckoned of a position, as `Row.known` names it."""

_LOT = re.compile(r"(?P<symbol>.+)=(?P<quantity>[+-]?[0-9.]+)@(?P<cost>[0-9.]+)")


class Totals(NamedTuple):
    """All positions in one currency; None is not known."""

    currency: str = ""
    value: float | None = None
    day_gain: float | None = None
    day_percent: float | None = None
    gain: float | None = None
    gain_percent: float | None = None
    missing: tuple[str, ...] = ()
    """What is waited for, in words; empty when all is known."""


class Holding(NamedTuple):
    """All lots of a symbol together."""

    quantity: float
    paid: float
    """What it cost in all; negative where more was sold than bought."""
    turnover: float
    """What changed hands, whichever way: what a gain is a percentage of."""

    @classmethod
    def of(cls, lots: Iterable[Lot]) -> Holding:
        lots = tuple(lots)
        paid = math.fsum(lot.quantity * lot.cost for lot in lots)
        turnover = math.fsum(abs(lot.quantity) * lot.cost for lot in lots)
        return cls(math.fsum(lot.quantity for lot in lots), paid, turnover)


def parse_positions(texts: Iterable[str]) -> dict[str, tuple[Lot, ...]]:
    """The positions in texts like `AAPL=10@150`; a symbol named twice has two lots.

    Raises:
        UsageError: one of them is none.
    """
    found: dict[str, tuple[Lot, ...]] = {}
    for text in texts:
        symbol, lot = _parse_lot(text)
        found[symbol] = (*found.get(symbol, ()), lot)
    return found


def _parse_lot(text: str) -> tuple[str, Lot]:
    match = _LOT.fullmatch(text.strip())
    symbol = match["symbol"].upper() if match else ""
    try:
        lot = Lot(float(match["quantity"]), float(match["cost"])) if match else None
    except ValueError:
        lot = None
    if lot is None or not is_symbol(symbol) or not lot.quantity or not all(map(math.isfinite, lot)):
        raise UsageError(
            f"bad position {text!r}: use SYMBOL=QUANTITY@COST, as in AAPL=10@150 or TSLA=-5@410.5"
        )
    return symbol, lot


class Book:
    """Reckons positions by the rows of a board, and lays the figures into them (`Row.known`).

    Without `currency` sums are in the one that all positions share, or in dollars.
    """

    def __init__(self, positions: Positions, currency: str = "") -> None:
        self._holdings = {symbol: Holding.of(lots) for symbol, lots in positions.items() if lots}
        self._asked = currency
        self._units: dict[str, Unit] = {}
        """What the price of each symbol is in, as far as that is known."""
        self.pairs: frozenset[str] = frozenset()
        """The symbols that have to be followed for their rates."""
        self.totals = Totals()

    @property
    def symbols(self) -> tuple[str, ...]:
        """All that is held."""
        return tuple(self._holdings)

    def concerns(self, symbols: Iterable[str]) -> bool:
        """Whether figures may be others once these symbols have said something."""
        return any(symbol in self._holdings or symbol in self.pairs for symbol in symbols)

    def update(self, find: FindRow) -> set[str]:
        """Reckon anew; the symbols whose figures are others than before."""
        rows = {symbol: find(symbol) for symbol in self._holdings}
        self._learn_units(rows)
        into = self._currency
        wanted = {unit.currency for unit in self._units.values()} if into else set()
        self.pairs = frozenset(pair for currency in wanted for pair in pairs_of(currency, into))
        rates = {currency: rate_of(currency, into, find) for currency in wanted}
        figures = {symbol: self._figures(symbol, row, rates) for symbol, row in rows.items()}
        self._weigh(figures)
        self.totals = self._sum(figures, self._missing(rates, rows))
        return {symbol for symbol, row in rows.items() if _lay(row, figures[symbol])}

    def leave(self, find: FindRow) -> None:
        """Take the figures out of the rows again."""
        for symbol in self._holdings:
            _lay(find(symbol), {})

    def _learn_units(self, rows: Mapping[str, Row]) -> None:
        for symbol, row in rows.items():
            currency = currency_of(row)
            if currency and symbol not in self._units:
                self._units[symbol] = unit_of(currency)

    @property
    def _currency(self) -> str:
        """What sums are in; empty while that is not known."""
        if self._asked:
            return self._asked
        known = {unit.currency for unit in self._units.values()}
        if len(known) > 1:
            return "USD"
        return known.pop() if len(self._units) == len(self._holdings) and known else ""

    def _figures(self, symbol: str, row: Row, rates: Mapping[str, float | None]) -> dict[str, float]:
        """What is known of a position; money in the currency of the sums, its cost as it is quoted."""
        held = self._holdings[symbol]
        figures = {"quantity": held.quantity}
        if held.quantity:
            figures["cost"] = held.paid / held.quantity
        unit, price, change = self._units.get(symbol), row.number("price"), day_change_of(row)
        if price is None:
            return figures
        gain = held.quantity * price - held.paid
        if held.turnover:
            figures["gain_percent"] = 100 * gain / held.turnover
        rate = rates.get(unit.currency) if unit else None
        if unit is None or rate is None:
            return figures
        figures |= {"value": held.quantity * price * unit.size * rate, "gain": gain * unit.size * rate}
        figures["turnover"] = held.turnover * unit.size * rate
        if change is not None:
            figures["day_gain"] = held.quantity * change * unit.size * rate
        return figures

    def _weigh(self, figures: Mapping[str, dict[str, float]]) -> None:
        """How much of all that is at work is in each, in percent; what is short is at work too."""
        if not all("value" in of for of in figures.values()):
            return
        whole = math.fsum(abs(of["value"]) for of in figures.values())
        for of in figures.values():
            # In the digits that are shown: a row is drawn again when they change.
            of["weight"] = round(100 * abs(of["value"]) / whole, 1) if whole else 0.0

    def _sum(self, figures: Mapping[str, dict[str, float]], missing: tuple[str, ...]) -> Totals:
        if missing or not figures:
            return Totals(self._currency, missing=missing)
        value, gain, turnover = (
            _total(of[name] for of in figures.values()) for name in ("value", "gain", "turnover")
        )
        day = None
        if all("day_gain" in of for of in figures.values()):
            day = _total(of["day_gain"] for of in figures.values())
        before = _total(abs(of["value"] - of.get("day_gain", 0.0)) for of in figures.values())
        return Totals(
            self._currency,
            value,
            day,
            None if day is None or not before else 100 * day / before,
            gain,
            100 * gain / turnover if turnover else None,
        )

    def _missing(self, rates: Mapping[str, float | None], rows: Mapping[str, Row]) -> tuple[str, ...]:
        """What keeps a sum from being known: prices first, then what they are in, then rates."""
        prices = [symbol for symbol, row in rows.items() if row.number("price") is None]
        units = [symbol for symbol in rows if symbol not in self._units and symbol not in prices]
        into = self._currency
        found = [f"the price of {symbol}" for symbol in prices]
        found += [f"the currency of {symbol}" for symbol in units]
        found += [f"{currency} in {into}" for currency, rate in rates.items() if rate is None]
        return tuple(found)


def _total(values: Iterable[float]) -> float:
    try:
        return math.fsum(values)
    except (OverflowError, ValueError):
        return math.nan  # more than can be counted


def _lay(row: Row, figures: Mapping[str, float]) -> bool:
    """Put figures into the row; whether they are others than those that it had."""
    before = {name: row.known[name] for name in FIGURES if name in row.known}
    now = {name: figures[name] for name in FIGURES if name in figures}
    if before == now:
        return False
    for name in FIGURES:
        row.known.pop(name, None)
    row.known.update(now)
    return True
