"""What the endpoints look at: all quotes as they are now, and what went before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tickstream.simulator.listings import Kind, Listing, Region, listing_of
from tickstream.simulator.market import Phase
from tickstream.simulator.past import Course, Past
from tickstream.simulator.prices import Prices, Quote
from tickstream.simulator.yahoo_http.figures import Figures, figures_of
from tickstream.simulator.yahoo_http.venues import venue_of

__all__ = ["Desk"]

_MOST_COURSES = 2000


class Desk:
    """Quotes, and their past."""

    def __init__(self, prices: Prices, clock: Callable[[], float]) -> None:
        self.prices = prices
        self._clock = clock
        self._pasts: dict[str, Past] = {}
        self._courses: dict[tuple[str, int], Course] = {}

    @property
    def now(self) -> float:
        """Seconds since the epoch."""
        return self._clock()

    @property
    def seed(self) -> int:
        return self.prices.seed

    def quote(self, symbol: str) -> Quote | None:
        """The quote as the streamer would push it now; None where there is no such symbol."""
        return self.prices.quote(symbol, self.now)

    def us_phase(self) -> Phase:
        """What New York does."""
        listing = listing_of("AAPL", self.seed)
        assert listing is not None
        return self.prices.clock.phase(listing, self.now)

    def phase_of_market(self, listing: Listing) -> Phase:
        """The session of the market as a whole, of which not all kinds trade in all."""
        if listing.region is Region.US and listing.kind in (Kind.INDEX, Kind.FUND, Kind.OPTION):
            listing = replace(listing, kind=Kind.EQUITY)
        return self.prices.clock.phase(listing, self.now)

    def figures(self, quote: Quote) -> Figures:
        """What does not move with the price."""
        return figures_of(quote.listing, self.seed)

    def past(self, quote: Quote) -> Past:
        """Its finished days."""
        symbol = quote.listing.symbol
        if symbol not in self._pasts:
            self._pasts[symbol] = Past(quote, venue_of(quote.listing).zone, self.seed)
        return self._pasts[symbol]

    def course(self, quote: Quote, start: float, first: float) -> Course:
        """How the session that began then has gone so far."""
        key = quote.listing.symbol, int(start)
        if key not in self._courses:
            if len(self._courses) >= _MOST_COURSES:
                del self._courses[next(iter(self._courses))]
            self._courses[key] = Course(quote.listing, quote.decimals, start, first, self.seed)
        return self._courses[key]
