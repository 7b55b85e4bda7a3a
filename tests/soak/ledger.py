"""What was sent, and what one consumer had of it: which ticks are lost, doubled or late. Pure.

A number that was sent and not had is said when it falls into a gap that the consumer was told of.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["SLACK", "SYMBOLS", "Account", "Balance", "Ledger", "number_of", "price_of"]

SYMBOLS = ("AAPL", "MSFT", "NVDA", "TSLA", "AMZN", "META", "GOOG", "NFLX")
SLACK = 2.0
"""Seconds that a tick may be on its way, beyond which a gap is said too short; on a loaded machine."""
LATE = 10.0
"""Seconds that a tick may have waited behind others when a link is cut with all that waits in it.

Such a one lies between the last number before the gap and the first one after it.
"""
_EXAMPLES = 5


def price_of(number: int) -> float:
    return round(100 + number / 100, 2)


def number_of(price: float) -> int:
    return round((price - 100) * 100)


class Ledger:
    """All that was sent, by symbol: numbers in their order, and when each was."""

    def __init__(self) -> None:
        self._numbers: dict[str, list[int]] = {symbol: [] for symbol in SYMBOLS}
        self._times: dict[str, list[float]] = {symbol: [] for symbol in SYMBOLS}
        self.last: dict[str, int] = {}

    def note(self, line: str) -> None:
        symbol, number, time = line.split()
        self.last[symbol] = int(number)
        self._numbers[symbol].append(int(number))
        self._times[symbol].append(float(time))

    @property
    def sent(self) -> int:
        return sum(map(len, self._numbers.values()))

    @property
    def highest(self) -> int:
        return max(self.last.values(), default=0)

    def between(self, symbol: str, first: int, last: int) -> zip[tuple[int, float]]:
        """The numbers of a symbol from `first` to `last`, and when each was sent."""
        numbers = self._numbers[symbol]
        here = slice(bisect_left(numbers, first), bisect_right(numbers, last))
        return zip(numbers[here], self._times[symbol][here], strict=True)


@dataclass(frozen=True, slots=True)
class Balance:
    """What became of the ticks that were sent to one consumer."""

    name: str
    every: bool
    received: int
    lost: int
    """Sent, and not had, from its first tick to its last."""
    in_gaps: int
    """Of the lost, those sent while it was told that there was a gap."""
    dropped: int
    """Of the lost, those that it was told had been dropped for it."""
    unsaid: int
    """The rest of the lost: this must be 0."""
    repeated: int
    """Numbers said again as the last known state on a new link."""
    doubled: int
    """Numbers said again otherwise: this must be 0."""
    backwards: int
    """Numbers lower than one before: this must be 0."""
    reconnects: int
    """How often a gap was said."""
    states: int
    """How often a state of the link was said."""
    unreadable: int
    """How many messages it said could not be read."""

    @property
    def wrong(self) -> list[str]:
        """Each thing that must not be."""
        found = {"lost and not said": self.unsaid, "doubled": self.doubled, "backwards": self.backwards}
        return [f"{self.name}: {count} ticks {what}" for what, count in found.items() if count]


class Account:
    """What one consumer had; with `every` it was promised each push, else the newest rows."""

    def __init__(self, name: str, *, every: bool) -> None:
        self.name, self.every = name, every
        self.last: dict[str, int] = {}
        self.received = self.dropped = self.unreadable = self.repeated = self.doubled = self.backwards = 0
        self.odd = 0
        """Ticks whose price and number disagree."""
        self.events: Counter[str] = Counter()
        self.live = False
        self.examples: list[str] = []
        """The first few things that were wrong, in words."""
        self._first: dict[str, int] = {}
        self._had: dict[str, set[int]] = {symbol: set() for symbol in SYMBOLS}
        self._gaps: list[tuple[float, float]] = []
        self._around: list[tuple[dict[str, int], dict[str, int]]] = []
        """The last number of each symbol before each gap, and the first one after it."""
        self._anew: set[str] = set(SYMBOLS)
        """Symbols of which nothing was said since the link was last new."""

    def tick(self, said: Mapping[str, Any]) -> None:
        """One tick or row."""
        symbol, number = str(said["id"]), int(said["day_volume"])
        self.received += 1
        self.odd += price_of(number) != said["price"]
        last = self.last.get(symbol, -1)
        if number > last:
            self.last[symbol] = number
            self._first.setdefault(symbol, number)
        elif number < last:
            self.backwards += 1
            self._example(f"{symbol} went back from {last} to {number}")
        elif self.every:
            self._again(symbol, number)
        if symbol in self._anew:
            for _, after in self._around:
                after.setdefault(symbol, number)
            self._anew.discard(symbol)
        if self.every:
            self._had[symbol].add(number)

    def _again(self, symbol: str, number: int) -> None:
        if symbol in self._anew:
            self.repeated += 1
        else:
            self.doubled += 1
            self._example(f"{symbol} {number} came twice")

    def event(self, said: Mapping[str, Any]) -> None:
        """One event, as `--events` and `?events=1` say it."""
        self.events[str(said["type"])] += 1
        match said["type"]:
            case "gap":
                self.gap(said["start"] / 1000, said["end"] / 1000)
            case "dropped":
                self.dropped += said["count"]
            case "unreadable":
                self.unreadable += said["count"]
            case "status":
                self.live = said["state"] == "live"

    def gap(self, start: float, end: float) -> None:
        """It was told, or knows by itself, that it had no link between these; seconds since the epoch."""
        self._gaps.append((start, end))
        self._around.append((dict(self.last), {}))
        self._anew = set(SYMBOLS)

    def has(self, last: Mapping[str, int]) -> bool:
        """Whether it has the last number of each symbol."""
        return self.last == last

    def balance(self, ledger: Ledger, slack: float = SLACK) -> Balance:
        """The books; `slack` is the seconds by which a gap may be said too short."""
        missing = self._missing(ledger)
        lost, unsaid = len(missing), [one for one in missing if not self._is_said(*one, slack)]
        said, dropped = lost - len(unsaid), min(self.dropped, len(unsaid))
        for symbol, number, time in unsaid[dropped:]:
            self._example(f"{symbol} {number}, sent at {time:.3f}, never came")
        return Balance(
            self.name,
            self.every,
            self.received,
            lost,
            said,
            dropped,
            lost - said - dropped,
            self.repeated,
            self.doubled,
            self.backwards,
            len(self._gaps),
            self.events["status"],
            self.unreadable,
        )

    def _missing(self, ledger: Ledger) -> list[tuple[str, int, float]]:
        """Symbol, number and time of each that it was promised and never had."""
        return [
            (symbol, number, time)
            for symbol, first in self._first.items()
            if self.every
            for number, time in ledger.between(symbol, first, self.last[symbol])
            if number not in self._had[symbol]
        ]

    def _is_said(self, symbol: str, number: int, time: float, slack: float) -> bool:
        for (start, end), (before, after) in zip(self._gaps, self._around, strict=True):
            waited = before.get(symbol, 0) < number < after.get(symbol, 0)
            if start - (LATE if waited else slack) <= time <= end + slack:
                return True
        return False

    def _example(self, text: str) -> None:
        if len(self.examples) < _EXAMPLES:
            self.examples.append(text)
