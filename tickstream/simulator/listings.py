"""What a symbol is: its kind, where it trades, in what currency, at about what price.

Every well-formed symbol is something, told by its form alone, except those
that begin with NOSUCH, which do not exist. The same seed and symbol give the
same listing, in every process and on every machine.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, StrEnum
from math import exp
from random import Random

from tickstream.core.symbols import is_symbol
from tickstream.core.tick import QuoteType
from tickstream.simulator.known import INDICES_ABROAD, KNOWN

__all__ = ["Contract", "Kind", "Listing", "Region", "listing_of"]


class Region(StrEnum):
    """Where the exchange's day is."""

    US = "us"
    AMERICAS = "americas"
    EUROPE = "europe"
    ASIA = "asia"


class Kind(Enum):
    """What a symbol names, and how lively that is."""

    #         quote type                    extended  step     gap
    EQUITY = (QuoteType.EQUITY, True, 1.5e-4, 3.0)
    ETF = (QuoteType.ETF, True, 8e-5, 2.0)
    INDEX = (QuoteType.INDEX, False, 4e-5, 2.0)
    FX = (QuoteType.CURRENCY, False, 2e-5, 2.0)
    CRYPTO = (QuoteType.CRYPTOCURRENCY, False, 1.5e-4, 3.0)
    FUTURE = (QuoteType.FUTURE, False, 8e-5, 2.0)
    OPTION = (QuoteType.OPTION, False, 2e-3, 20.0)
    # Funds have one price a day.
    FUND = (QuoteType.MUTUALFUND, False, 0.0, 0.0)

    def __init__(self, quote_type: QuoteType, extended: bool, step: float, gap: float) -> None:
        self.quote_type = quote_type
        self.extended = extended
        """Whether it trades outside of the regular session (in the US)."""
        self.step = step
        """The standard deviation of one tick's move, as a fraction of the price."""
        self.gap = gap
        """The mean time between ticks, in seconds; 0 = it never ticks."""


@dataclass(frozen=True, slots=True)
class Contract:
    """What an option is an option on."""

    underlying: str
    expires: int
    """Seconds since the epoch."""
    put: bool
    strike: float


@dataclass(frozen=True, slots=True)
class Listing:
    """All that never changes about a symbol."""

    symbol: str
    name: str
    kind: Kind
    exchange: str
    currency: str
    region: Region
    level: float
    """About what it costs."""
    lively: bool = False
    """Whether it ticks about once a second."""
    supply: float = 0.0
    """Of a coin, how many there are; of anything else, 0."""
    contract: Contract | None = None


def listing_of(symbol: str, seed: int = 0) -> Listing | None:
    """What `symbol` is; None where it does not exist."""
    if not is_symbol(symbol) or symbol.startswith("NOSUCH"):
        return None
    chance = Random(f"{seed}:{symbol}:listing")
    kind = _kind_of(symbol)
    exchange, currency, region = _place_of(symbol, kind, chance)
    known = KNOWN.get(symbol)
    contract = _contract_of(symbol, seed) if kind is Kind.OPTION else None
    level = known.level if known else _level_of(symbol, kind, contract, chance)
    return Listing(
        symbol,
        known.name if known else _name_of(symbol, kind, chance),
        kind,
        known.exchange if known and known.exchange else exchange,
        known.currency if known and known.currency else currency,
        region,
        level,
        lively=known is not None and known.lively,
        supply=_supply_of(symbol, level, chance) if kind is Kind.CRYPTO else 0.0,
        contract=contract,
    )


_OPTION = re.compile(r"([A-Z]{1,6})(\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])([CP])(\d{8})")
_COIN = re.compile(r"([A-Z0-9]{1,12})-(USD|EUR|GBP|JPY|CAD|BTC|ETH)")
_FUND = re.compile(r"[A-Z]{4}X")
_FORMS = (
    (_OPTION, Kind.OPTION),
    (_COIN, Kind.CRYPTO),
    (re.compile(r".+=X"), Kind.FX),
    (re.compile(r".+=F"), Kind.FUTURE),
    (re.compile(r"\^.+"), Kind.INDEX),
    (_FUND, Kind.FUND),
)


def _kind_of(symbol: str) -> Kind:
    known = KNOWN.get(symbol)
    if known is not None and known.etf:
        return Kind.ETF
    if symbol in INDICES_ABROAD:
        return Kind.INDEX
    return next((kind for form, kind in _FORMS if form.fullmatch(symbol)), Kind.EQUITY)


# Yahoo's suffix: exchange code, currency, region.
_SUFFIXES = {
    "L": ("LSE", "GBp", Region.EUROPE),
    "DE": ("GER", "EUR", Region.EUROPE),
    "F": ("FRA", "EUR", Region.EUROPE),
    "PA": ("PAR", "EUR", Region.EUROPE),
    "AS": ("AMS", "EUR", Region.EUROPE),
    "BR": ("BRU", "EUR", Region.EUROPE),
    "LS": ("LIS", "EUR", Region.EUROPE),
    "MI": ("MIL", "EUR", Region.EUROPE),
    "MC": ("MCE", "EUR", Region.EUROPE),
    "VI": ("VIE", "EUR", Region.EUROPE),
    "HE": ("HEL", "EUR", Region.EUROPE),
    "IR": ("ISE", "EUR", Region.EUROPE),
    "SW": ("EBS", "CHF", Region.EUROPE),
    "ST": ("STO", "SEK", Region.EUROPE),
    "OL": ("OSL", "NOK", Region.EUROPE),
    "CO": ("CPH", "DKK", Region.EUROPE),
    "WA": ("WSE", "PLN", Region.EUROPE),
    "JO": ("JNB", "ZAc", Region.EUROPE),
    "TA": ("TLV", "ILA", Region.EUROPE),
    "T": ("JPX", "JPY", Region.ASIA),
    "HK": ("HKG", "HKD", Region.ASIA),
    "SS": ("SHH", "CNY", Region.ASIA),
    "SZ": ("SHZ", "CNY", Region.ASIA),
    "KS": ("KSC", "KRW", Region.ASIA),
    "KQ": ("KOE", "KRW", Region.ASIA),
    "TW": ("TAI", "TWD", Region.ASIA),
    "SI": ("SES", "SGD", Region.ASIA),
    "NS": ("NSI", "INR", Region.ASIA),
    "BO": ("BSE", "INR", Region.ASIA),
    "AX": ("ASX", "AUD", Region.ASIA),
    "JK": ("JKT", "IDR", Region.ASIA),
    "TO": ("TOR", "CAD", Region.AMERICAS),
    "V": ("VAN", "CAD", Region.AMERICAS),
    "SA": ("SAO", "BRL", Region.AMERICAS),
    "MX": ("MEX", "MXN", Region.AMERICAS),
}
_ELSEWHERE = {
    Kind.INDEX: ("SNP", "USD"),
    Kind.FUTURE: ("NYM", "USD"),
    Kind.OPTION: ("OPR", "USD"),
    Kind.FUND: ("NAS", "USD"),
}
# A currency's price, per unit of another: 110 JPY is as dear as 1 USD.
_PER_DOLLAR = {
    "JPY": 15,
    "KRW": 300,
    "IDR": 300,
    "GBp": 5,
    "ZAc": 60,
    "ILA": 20,
    "INR": 10,
    "HKD": 2,
    "TWD": 3,
}


def _place_of(symbol: str, kind: Kind, chance: Random) -> tuple[str, str, Region]:
    if abroad := INDICES_ABROAD.get(symbol):
        return abroad.exchange, abroad.currency, Region(abroad.region)
    if kind is Kind.CRYPTO:
        return "CCC", symbol.rpartition("-")[2], Region.US
    if kind is Kind.FX:
        pair = symbol.removesuffix("=X")
        return "CCY", pair[-3:] if len(pair) >= 3 else "USD", Region.US
    stem, _, suffix = symbol.rpartition(".")
    if kind in (Kind.EQUITY, Kind.ETF) and stem and suffix in _SUFFIXES:
        return _SUFFIXES[suffix]
    return *_ELSEWHERE.get(kind, (chance.choice(("NMS", "NMS", "NYQ", "NGM", "NCM")), "USD")), Region.US


def _contract_of(symbol: str, seed: int) -> Contract:
    match = _OPTION.fullmatch(symbol)
    assert match is not None
    underlying, year, month, day, right, strike = match.groups()
    # Not every day that the form allows is in the calendar; 28 is in every month.
    date = datetime(2000 + int(year), int(month), min(int(day), 28), tzinfo=UTC)
    return Contract(underlying, int(date.timestamp()), right == "P", max(int(strike), 1) / 1000)


def _level_of(symbol: str, kind: Kind, contract: Contract | None, chance: Random) -> float:
    if contract is not None:
        return _premium(contract, chance)
    if kind is Kind.CRYPTO and (level := _coin_level(symbol)):
        return level
    low, high = {
        Kind.INDEX: (500, 30_000),
        Kind.FX: (0.5, 20),
        Kind.CRYPTO: (0.01, 50),
        Kind.FUTURE: (2, 3000),
        Kind.FUND: (10, 150),
    }.get(kind, (8, 400))
    level = float(low * (high / low) ** chance.random())
    suffix = _SUFFIXES.get(symbol.rpartition(".")[2]) if kind is Kind.EQUITY else None
    return level * _PER_DOLLAR.get(suffix[1], 1) if suffix else level


# What a dollar is in each of the currencies that coins are priced in.
_DOLLAR_IN = {
    "USD": 1.0,
    "EUR": 0.88,
    "GBP": 0.739,
    "JPY": 142.56,
    "CAD": 1.37,
    "BTC": 9.47e-6,
    "ETH": 3.94e-4,
}


def _coin_level(symbol: str) -> float:
    coin, _, currency = symbol.rpartition("-")
    known = KNOWN.get(f"{coin}-USD")
    return known.level * _DOLLAR_IN[currency] if known else 0.0


def _premium(contract: Contract, chance: Random) -> float:
    spot = listing_of(contract.underlying)
    price = spot.level if spot else contract.strike
    inside = contract.strike - price if contract.put else price - contract.strike
    # Time value falls with the distance from the money; what is inside is there in full.
    time_value = price * 0.03 * chance.uniform(0.5, 1.5) * exp(-14 * abs(inside) / price)
    return max(inside, 0.0) + max(0.05, time_value)


_FIRST = (
    "Acme Apex Atlas Beacon Cedar Delta Falcon Granite Harbor Juniper Lumen Meridian Nimbus Orion Pioneer"
)
_SECOND = (
    "Bancorp Brands Dynamics Energy Foods Health Industries Labs Logistics Materials Media Networks Systems"
)


def _name_of(symbol: str, kind: Kind, chance: Random) -> str:
    made_up = f"{chance.choice(_FIRST.split())} {chance.choice(_SECOND.split())}"
    stem = symbol.partition("=")[0].lstrip("^")
    if kind is Kind.CRYPTO:
        coin, _, currency = symbol.rpartition("-")
        return f"{coin} {currency}"
    if kind is Kind.FX:
        return f"{stem[:3]}/{stem[3:]}" if len(stem) == 6 else f"USD/{stem}"
    if kind is Kind.OPTION:
        return _contract_name(symbol)
    endings = {Kind.INDEX: "Index", Kind.FUTURE: "Futures", Kind.FUND: "Fund", Kind.ETF: "ETF"}
    return f"{made_up} {endings.get(kind, 'Inc.')}"


def _contract_name(symbol: str) -> str:
    contract = _contract_of(symbol, 0)
    month = datetime.fromtimestamp(contract.expires, UTC).strftime("%b %Y")
    return f"{contract.underlying} {month} {contract.strike:.3f} {'put' if contract.put else 'call'}"


def _supply_of(symbol: str, level: float, chance: Random) -> float:
    known = KNOWN.get(f"{symbol.rpartition('-')[0]}-USD")
    return known.supply if known and known.supply else float(round(chance.uniform(5e7, 5e9) / level))
