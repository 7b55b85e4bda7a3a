"""What a tape says of quotes: the newest of each symbol, as old as the tape is."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from tickstream.core.ports import Fetched, Status
from tickstream.core.snapshot import overlaid
from tickstream.core.tape import Push, mark_replay
from tickstream.core.tick import MarketHours, QuoteType, Tick, Value
from tickstream.core.values import Found, Quote
from tickstream.errors import NotFound, WireError
from tickstream.sources.tape.reading import Reel, tick_of

__all__ = ["NoViews", "TapeQuotes"]

_FIELDS = {
    # What a push says of a symbol whatever the session, by the names that a quote has for it.
    "short_name": "name",
    "currency": "currency",
    "exchange": "exchange",
    "day_high": "day_high",
    "day_low": "day_low",
    "open_price": "open",
    "previous_close": "previous_close",
    "day_volume": "volume",
    "bid": "bid",
    "bid_size": "bid_size",
    "ask": "ask",
    "ask_size": "ask_size",
    "price_hint": "price_hint",
    "market_cap": "market_cap",
}
_KINDS = frozenset(map(int, QuoteType))


class NoViews:
    """A source of parts that has none, as a tape that is played has; it is marked as `mark`."""

    requests = 0
    shortage = ""

    def __init__(self, mark: str) -> None:
        self.mark = mark

    def bound(self, spend: Callable[[int], int]) -> None:
        """Nothing is sent."""

    def limit(self, key: str) -> float:
        return 3600.0

    def batches(self, keys: Iterable[str]) -> Iterable[tuple[str, ...]]:
        batch = tuple(keys)
        return [batch] if batch else []

    async def fetch(self, keys: Sequence[str]) -> Fetched:
        """Nothing of a quote, which is not the same as that there is no such symbol."""
        quotes = dict.fromkeys(key for key in keys if key.startswith("quote:"))
        return Fetched(quotes, frozenset(keys).difference(quotes))

    async def search(self, text: str) -> list[Found]:
        return []

    async def close(self) -> None:
        """Nothing is open."""


class TapeQuotes(NoViews):
    """The quotes of a tape, at its end. Its time stands still there."""

    def __init__(self, path: Path) -> None:
        super().__init__(mark_replay(""))
        self._path = path
        self._quotes: dict[str, Quote] = {}
        self._hours: dict[str, int] = {}
        self._ended: float | None = None
        self._bad = 0

    @property
    def shortage(self) -> str:  # type: ignore[override]
        lines = f"{self._bad:,} line{'s' if self._bad != 1 else ''}"
        return f"{lines} of the tape could not be read" if self._bad else ""

    def wall(self) -> float:
        """When the last record came; the present before any was read."""
        return time.time() if self._ended is None else self._ended

    async def fetch(self, keys: Sequence[str]) -> Fetched:
        """All that there is of these; the whole tape is read for it, the first time.

        Raises:
            NotFound: it has none of the symbols.
        """
        if self._ended is None:
            await asyncio.to_thread(self._read)
        symbols = [key.partition(":")[2] for key in keys if key.startswith("quote:")]
        found = {f"quote:{symbol}": self._quotes[symbol] for symbol in symbols if symbol in self._quotes}
        if symbols and not found:
            there = ", ".join(sorted(self._quotes)[:5]) + (", …" if len(self._quotes) > 5 else "")
            raise NotFound(f"the tape has nothing of {', '.join(symbols[:5])}: it has {there or 'no pushes'}")
        return Fetched(found, frozenset(keys).difference(found))

    def _read(self) -> None:
        reel = Reel(self._path)
        last = time.time()
        for record in reel.records():
            last = record.at / 1000
            if isinstance(record, Push):
                self._lay(reel, record)
            elif isinstance(record.event, Status):
                self.mark = mark_replay(self.mark, record.event.mark)
        self._ended, self._bad = last, reel.bad

    def _lay(self, reel: Reel, push: Push) -> None:
        try:
            tick = tick_of(push)
        except WireError as error:
            reel.spoil(str(error))
            return
        if tick is not None:
            held = self._quotes.get(tick.id) or Quote(symbol=tick.id)
            self._quotes[tick.id] = _laid(held, tick, self._hours.get(tick.id))
            if tick.market_hours is not None:
                self._hours[tick.id] = tick.market_hours


def _laid(quote: Quote, tick: Tick, before: int | None) -> Quote:
    """`quote` with a push laid over it, in its session or, without one, that of the push before."""
    said: Mapping[str, Value] = tick.said
    kind = said.get("quote_type")
    # What says no session goes on in the one before, or is of the regular one.
    hours = said.get("market_hours", MarketHours.REGULAR_MARKET if before is None else before)
    new: dict[str, object] = {name: said[field] for field, name in _FIELDS.items() if field in said}
    if isinstance(kind, int) and kind in _KINDS:
        new["quote_type"] = QuoteType(kind).name
    return overlaid(msgspec.structs.replace(quote, **new), {**said, "market_hours": hours})
