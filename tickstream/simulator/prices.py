"""Prices: what every symbol costs now, by a seeded random walk.

A quote starts where its seed and symbol say, and each tick moves it a step.
The log of the price is drawn back to where the day leads, which for most is
where it began, so that a simulator which runs for months still shows prices
that one believes; a few companies rise or fall for all to see (moves), and go
back the day after. Prices are rounded
to the tick size; float32 is the business of who sends them.

Nothing here waits or sends. The streamer ticks what is followed; who asks for
a quote in between (`Prices.quote`) finds it moved up to now.
"""

from __future__ import annotations

from math import exp, floor, log, log10, sqrt
from random import Random

from tickstream.simulator.companies import COMPANIES
from tickstream.simulator.listings import Kind, Listing, listing_of
from tickstream.simulator.market import MarketClock, Phase, Session
from tickstream.simulator.moves import moves_of_the_day

__all__ = ["Prices", "Quote"]

_PULL = 2e-4
"""How much of its distance from the day's level a price loses each tick."""
_FARTHEST = 0.12
"""No price is farther from the day's level than this, as a logarithm."""

_EXTENDED = (Session.PRE, Session.POST, Session.OVERNIGHT)
_WITHOUT_VOLUME = (Kind.INDEX, Kind.FX, Kind.FUND)
# How far a day goes, as a fraction of the price.
_SPREADS = {Kind.CRYPTO: 0.015, Kind.FX: 0.002, Kind.INDEX: 0.005, Kind.ETF: 0.005, Kind.OPTION: 0.05}
_TICK_SIZES = {
    "ES=F": 0.25,
    "NQ=F": 0.25,
    "YM=F": 1.0,
    "RTY=F": 0.1,
    "GC=F": 0.1,
    "SI=F": 0.005,
    "HG=F": 0.0005,
    "NG=F": 0.001,
    "7203.T": 0.5,
}
_DECIMALS = {"HG=F": 4, "SI=F": 3, "NG=F": 3, "^TNX": 3}
_WHOLE = {"KRW": 0, "IDR": 0, "JPY": 1}


class Quote:
    """One symbol's state: what was last traded, and the day so far.

    `price` and `time` are those of the last trade in any session, `regular_price`
    and `regular_time` those of the last one in a regular session.
    """

    def __init__(self, listing: Listing, phase: Phase, now: float, chance: Random, move: float = 0.0) -> None:
        self.listing = listing
        self.phase = phase
        self._chance = chance
        self._day = phase.opens
        level, spread = listing.level, _SPREADS.get(listing.kind, 0.008)
        self.decimals = _decimals(listing)
        self.price_hint = _price_hint(listing)
        self.previous_close = self._rounded(level)
        self._move = move
        self._anchor = self.previous_close * exp(move)
        self.day_ago = self._rounded(level * exp(chance.gauss(0.0, spread)))
        """What a coin cost a day ago, which its change is measured against."""
        self.open = self._rounded(level * exp(chance.gauss(move / 2, spread / 2)))
        drift = chance.gauss(0.0, spread)
        # Whoever moves for all to see does so by about as much as was meant, or the list would say otherwise.
        self.regular_price = self.price = self._rounded(level * exp(move + drift * (0.1 if move else 1.0)))
        self.day_high = self._rounded(max(self.open, self.price) * exp(abs(chance.gauss(0.0, spread / 3))))
        self.day_low = self._rounded(min(self.open, self.price) * exp(-abs(chance.gauss(0.0, spread / 3))))
        self.average_volume = _average_volume(listing, chance)
        self.volume = self._volume_so_far(phase, now)
        self.open_interest = chance.randrange(100, 20_000)
        self.last_size = 0
        self.new_extreme = False
        """Whether the last tick was the day's highest or lowest."""
        self.ticks = 0
        self.regular_time = now if phase.session is Session.REGULAR else min(now, phase.last_close)
        self.time = self.regular_time
        if phase.session in _EXTENDED:
            self.price = self._rounded(self.regular_price * exp(chance.gauss(0.0, spread / 3)))
            self.time = now

    @property
    def reference(self) -> float:
        """What the change of `price` is measured against."""
        if self.listing.kind is Kind.CRYPTO:
            return self.day_ago
        return self.regular_price if self.phase.session in _EXTENDED else self.previous_close

    def tick(self, phase: Phase, now: float, moves: float = 1.0) -> None:
        """Trade once more; `moves` is how many ordinary ticks this one makes up for."""
        if phase.session is Session.REGULAR and phase.opens != self._day:
            self._begin_day(phase)
        self.phase = phase
        self._walk(moves)
        self.ticks += 1
        self.time = max(self.time, now)
        if phase.session is Session.REGULAR:
            self.regular_price, self.regular_time = self.price, self.time
            self.new_extreme = not self.day_low <= self.price <= self.day_high
            self.day_high = max(self.day_high, self.price)
            self.day_low = min(self.day_low, self.price)
            self._trade_volume(moves)

    def settle(self, phase: Phase) -> None:
        """Take note of a session in which nothing is traded."""
        self.phase = phase
        self.regular_time = min(self.regular_time, phase.last_close)
        self.price, self.time = self.regular_price, self.regular_time

    def _walk(self, moves: float) -> None:
        listing, chance = self.listing, self._chance
        level = self._anchor
        away = log(self.price / level)
        away += chance.gauss(0.0, listing.kind.step * sqrt(moves)) - away * min(_PULL * moves, 1.0)
        away = max(-_FARTHEST, min(_FARTHEST, away))
        self.price = self._rounded(level * exp(away))
        if listing.kind is Kind.CRYPTO:
            drift = log(self.day_ago / level) * (1 - min(_PULL, 1.0)) + chance.gauss(0.0, 1e-5)
            self.day_ago = level * exp(drift)

    def _begin_day(self, phase: Phase) -> None:
        self._day = phase.opens
        self.previous_close = self.regular_price
        self._anchor = self.previous_close
        if self._move:
            self._move = -self._move
            self._anchor *= exp(self._move)
            self.price = self._rounded(self._anchor)
        self.open = self.day_high = self.day_low = self.price
        self.volume = 0

    def _trade_volume(self, moves: float) -> None:
        listing = self.listing
        if listing.kind is Kind.CRYPTO:
            # The value traded in 24 hours: it goes down as well as up.
            self.volume = max(1, round(self.volume * exp(self._chance.gauss(0.0, 3e-4))))
        elif listing.kind not in _WITHOUT_VOLUME:
            self.last_size = max(1, round(self._chance.expovariate(1 / 80.0)))
            per_tick = self.average_volume / 23_400 * self._chance.uniform(0.2, 1.8) * moves
            self.volume += self.last_size + round(per_tick)

    def _volume_so_far(self, phase: Phase, now: float) -> int:
        if self.listing.kind in _WITHOUT_VOLUME:
            return 0
        if self.listing.kind is Kind.CRYPTO or phase.session is not Session.REGULAR:
            return self.average_volume
        # Of a day that lasts 24 hours at most the 6.5 of a real one count.
        return max(1, round(self.average_volume * min(1.0, (now - phase.opens) / 23_400)))

    def _rounded(self, price: float) -> float:
        step = _TICK_SIZES.get(self.listing.symbol)
        if step:
            return round(round(price / step) * step, self.decimals)
        return max(round(price, self.decimals), 10.0**-self.decimals)


class Prices:
    """All quotes of one seed; each is made when it is first asked for."""

    def __init__(self, seed: int, clock: MarketClock) -> None:
        self.seed = seed
        self.clock = clock
        self._quotes: dict[str, Quote | None] = {}

    def quote(self, symbol: str, now: float) -> Quote | None:
        """The quote as it is now; None where there is no such symbol."""
        quote = self._made(symbol, now)
        if quote is None:
            return None
        phase = self.clock.phase(quote.listing, now)
        gap = quote.listing.kind.gap
        if not phase.ticking or not gap:
            quote.settle(phase)
        elif now - quote.time >= 2 * gap or quote.phase.session is not phase.session:
            # Nobody followed it: one step does for all that it would have made, up to an hour's.
            quote.tick(phase, now, moves=min(max((now - quote.time) / gap, 1.0), 1200.0))
        return quote

    def tick(self, symbol: str, now: float) -> Quote | None:
        """The quote after one more trade; None where nothing is traded, or there is no such symbol."""
        quote = self._made(symbol, now)
        if quote is None or not quote.listing.kind.gap:
            return None
        phase = self.clock.phase(quote.listing, now)
        if not phase.ticking:
            quote.settle(phase)
            return None
        quote.tick(phase, now)
        return quote

    def _made(self, symbol: str, now: float) -> Quote | None:
        if symbol not in self._quotes:
            listing = listing_of(symbol, self.seed)
            # Text as a seed is hashed by Random itself, the same in every process.
            chance = Random(f"{self.seed}:{symbol}:prices")
            move = moves_of_the_day(self.seed).get(symbol, 0.0)
            self._quotes[symbol] = (
                Quote(listing, self.clock.phase(listing, now), now, chance, move) if listing else None
            )
        return self._quotes[symbol]


def _decimals(listing: Listing) -> int:
    """How many decimals a price is quoted with."""
    magnitude = floor(log10(listing.level))
    match listing.kind:
        case Kind.FX:
            return 5 if magnitude < 1 else 3
        case Kind.CRYPTO:
            return max(2, 4 - magnitude) if magnitude < 0 else 2 if magnitude > 1 else 4
        case Kind.EQUITY | Kind.ETF if magnitude < 0:
            return 4
        case Kind.EQUITY:
            return _WHOLE.get(listing.currency, 2)
    return _DECIMALS.get(listing.symbol, 2)


def _price_hint(listing: Listing) -> int:
    """How many decimals Yahoo says are to be shown."""
    if listing.kind is Kind.FX:
        return 4
    below_one = -floor(log10(listing.level))
    if listing.kind is Kind.CRYPTO:
        return 4 + below_one if below_one > 0 else 2
    return 4 if below_one > 0 else 2


def _average_volume(listing: Listing, chance: Random) -> int:
    """Units traded on a day; of a coin, the value."""
    if listing.kind in _WITHOUT_VOLUME:
        return 0
    if listing.kind is Kind.CRYPTO:
        return round(listing.level * listing.supply * chance.uniform(0.01, 0.04))
    company = COMPANIES.get(listing.symbol)
    # Of a company about every 250th share changes hands.
    busy = company.worth / company.level / 250 if company else 60e6 if listing.lively else 2e6
    return round(busy * chance.uniform(0.5, 1.5) * (0.001 if listing.kind is Kind.OPTION else 1.0))
