"""The board: a row a symbol, all its pushes laid over each other.

The rules it keeps: what a push does not say stays as it was; an older push
never overwrites a newer one, it only fills what nobody said yet; and the age
of a row counts from the last push that said something new. A price from before
or after the regular session does not replace the one that session ended with.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from typing import NamedTuple

from tickstream.core.tick import MarketHours, Tick, Value

__all__ = ["FRESH", "REGULAR", "Board", "Now", "Row", "Trend", "since"]

FRESH = 90.0
"""A push older than this many seconds when it came is a snapshot: its age counts from its own time."""

REGULAR = ("price", "change", "change_percent", "time")
"""The fields of a tick that belong to one session."""

_REGULAR = int(MarketHours.REGULAR_MARKET)
"""As the plain number, which is compared on each push."""


class Now(NamedTuple):
    """The present by both clocks, in seconds: stamps are by the wall, durations are monotonic."""

    wall: float
    monotonic: float


def since(then: Now, now: Now) -> float:
    """Seconds from `then` to `now`, never negative.

    The monotonic clock stands still while a laptop sleeps, and the wall clock
    can be set back: the larger of the two never makes old data young.
    """
    return max(0.0, now.wall - then.wall, now.monotonic - then.monotonic)


class Trend:
    """Prices over all the time it has been fed, in at most `most` points: when full, it halves itself."""

    def __init__(self, most: int = 64, step: float = 1.0) -> None:
        self._most = most
        self._step = step
        self._points: list[tuple[float, float]] = []

    @classmethod
    def of(cls, points: Sequence[tuple[float, float]], most: int = 64) -> Trend:
        """A trend that goes on from these points (seconds, price), at the pace they came in."""
        step = (points[-1][0] - points[0][0]) / max(1, len(points) - 1) if points else 1.0
        trend = cls(most, max(1.0, step * 0.999))
        for seconds, price in points:
            trend.add(seconds, price)
        return trend

    def add(self, seconds: float, price: float) -> None:
        points = self._points
        if points and seconds - points[-1][0] < self._step:
            points[-1] = (points[-1][0], price)
            return
        points.append((seconds, price))
        if len(points) > self._most:
            del points[1:-1:2]
            self._step *= 2

    @property
    def prices(self) -> list[float]:
        return [price for _, price in self._points]

    @property
    def points(self) -> Sequence[tuple[float, float]]:
        """Each price, and when it was, by the monotonic clock in seconds."""
        return tuple(self._points)

    def copy(self) -> Trend:
        """One that goes on by itself."""
        copied = Trend(self._most, self._step)
        copied._points = list(self._points)
        return copied


class Row:
    """One symbol: all that was said about it, and when that was last new."""

    __slots__ = ("anew", "fresh", "known", "polled", "pushes", "regular", "said", "state", "symbol", "trend")

    def __init__(self, symbol: str) -> None:
        self.symbol = symbol
        self.said: dict[str, Value] = {}
        self.anew = False
        """Whether time began anew: what has an older stamp, or the same one, is new once."""
        self.fresh: Now | None = None
        """When it last said something new; None before the first push."""
        self.pushes = 0
        self.trend = Trend()
        self.state = ""
        """The state of its market, as a snapshot said; empty once a push said something new."""
        self.polled = False
        """Whether what it says was polled, and not pushed."""
        self.regular: Mapping[str, Value] = {}
        """What the last regular session ended with, where it is over: some of `REGULAR`."""
        self.known: dict[str, float] = {}
        """What no push says: of HTTP, or of one's own positions (core/positions)."""

    def copy(self) -> Row:
        """The row as it is now, which stays so."""
        copied = copy(self)
        copied.said, copied.known, copied.trend = dict(self.said), dict(self.known), self.trend.copy()
        return copied

    def number(self, field: str) -> float | None:
        """A field as a number; None where it was not said."""
        value = self.said.get(field)
        return value if isinstance(value, (int, float)) else None

    def figure(self, name: str) -> float | None:
        """A number that was said, or that is known beside what was said."""
        value = self.number(name)
        return self.known.get(name) if value is None else value

    @property
    def is_extended(self) -> bool:
        """Whether its price is from before or after the regular session."""
        return self.said.get("market_hours", _REGULAR) != _REGULAR and "price" in self.said

    def age(self, now: Now) -> float | None:
        """Seconds since it said something new, never negative; None before the first push."""
        return None if self.fresh is None else since(self.fresh, now)


class Board:
    """The newest row of each symbol that was ever followed."""

    def __init__(self, symbols: Iterable[str] = ()) -> None:
        self._rows = {symbol: Row(symbol) for symbol in symbols}

    def row(self, symbol: str) -> Row:
        """The row of `symbol`; an empty one where nothing was said yet."""
        row = self._rows.get(symbol)
        if row is None:
            row = self._rows[symbol] = Row(symbol)
        return row

    def forget(self, symbol: str) -> None:
        self._rows.pop(symbol, None)

    def rewind(self) -> None:
        """Time begins anew, as where a tape does: nothing said from now on is older than what is held."""
        for row in self._rows.values():
            row.anew, row.regular = True, {}

    def apply(self, tick: Tick, now: Now) -> bool:
        """Lay `tick` over its row. Whether it said something new."""
        row = self._rows.get(tick.id) or self.row(tick.id)
        row.pushes += 1
        said, held = tick.said, row.said
        time, held_time = said.get("time"), held.get("time")
        if time is not None and time != held_time:
            if _is_older(time, held_time, now.wall):
                if not row.anew:
                    return _fill(held, said)
                row.anew = False
        elif said.items() <= held.items():
            # Said before: asked only where the time is the same, since it costs as much as all the rest.
            if time is None or not row.anew:
                return False
            row.anew = False
        row.fresh = _freshness(row, time, now)
        row.state, row.polled = "", False
        price = said.get("price")
        if price is not None and said.get("market_hours", _REGULAR) != _REGULAR:
            _keep_regular(row)
        held.update(said)
        if isinstance(price, float):
            row.trend.add(now.monotonic, price)
        return True


def _freshness(row: Row, time: Value | None, now: Now) -> Now:
    """When the push counts from: from now, but a first or an old one from its own stamp."""
    if not isinstance(time, int):
        return now
    late = now.wall - time / 1000
    if late <= 0 or (row.fresh is not None and late <= FRESH):
        return now
    return Now(now.wall - late, now.monotonic - late)


def _keep_regular(row: Row) -> None:
    """Keep what the regular session ended with, before a price that is not of it is laid over."""
    said, kept = row.said, row.regular.get("time")
    if said.get("market_hours") != _REGULAR or "price" not in said:
        return
    time = said.get("time")
    if not isinstance(kept, int) or (isinstance(time, int) and time > kept):
        row.regular = {name: said[name] for name in REGULAR if name in said}


def _is_older(time: Value | None, held: Value | None, wall: float) -> bool:
    if not isinstance(time, int) or not isinstance(held, int):
        return False
    # A stamp from the future would keep every true one away for up to a day, so it is not believed.
    return time < held <= wall * 1000 + 60_000


def _fill(held: dict[str, Value], said: Mapping[str, Value]) -> bool:
    missing = {field: value for field, value in said.items() if field not in held}
    held.update(missing)
    return bool(missing)
