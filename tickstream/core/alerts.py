"""Alerts: what somebody wants to be told of a symbol, from text to value. Pure.

An alert has sides: a figure of the symbol, a limit, and how far the figure has
to come back before the side can fire again (core/alarms keeps watch). Adding a
kind of alert is one entry of `KINDS`: how it is written, and its sides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import isfinite

from tickstream.core.cells import digits_of
from tickstream.core.figures import price_text
from tickstream.core.gauges import Gauge, day_percent, last_price, moved, new_extreme, silence
from tickstream.core.symbols import is_symbol
from tickstream.core.text import clean, duration, seconds_text
from tickstream.core.tick import Value
from tickstream.errors import UsageError

__all__ = ["KINDS", "Alert", "Kind", "Side", "parse_alert", "parse_alerts"]

BACK = 0.001
"""The part of a price that it has to come back by before it can cross a limit again, or the day's range."""
BACK_PERCENT = 0.05
"""The part of a limit in percent that the figure has to come back by."""

Said = dict[str, Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A figure that must not pass a limit: it fires once, and again after it came back by `margin`."""

    gauge: Callable[[], Gauge]
    """Makes what measures it, with a memory of its own."""
    limit: float
    up: bool = True
    or_equal: bool = True
    margin: float = 0.0

    def holds(self, figure: float) -> bool:
        if figure == self.limit:
            return self.or_equal
        return (figure > self.limit) is self.up

    def is_back(self, figure: float) -> bool:
        """Whether it is so far on the other side that the next crossing is another one."""
        if self.holds(figure):
            return False
        return figure <= self.limit - self.margin if self.up else figure >= self.limit + self.margin


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of alert: how it is written after the symbol, and what that asks for."""

    name: str
    example: str
    means: str
    """When it comes true, for `tickstream help alerts`."""
    pattern: str
    sides: Callable[[re.Match[str]], tuple[Side, ...]]
    says: Callable[[float, Said], str]
    """What is told of the figure that fired it, beside what was known of the symbol."""
    clock: bool = False
    """Whether it comes true by the time that passes, too."""
    day: bool = False
    """Whether it needs the day's range, which the streamer hardly ever says of most symbols."""


@dataclass(frozen=True, slots=True)
class Alert:
    """What somebody wants to be told of a symbol."""

    text: str
    symbol: str
    kind: Kind
    sides: tuple[Side, ...]


def _price(figure: float, said: Said) -> str:
    percent = said.get("change_percent")
    text = price_text(figure, digits_of(said), str(said.get("currency")))
    return f"{text} ({percent:+.2f}%)" if isinstance(percent, float) else text


def _percent(figure: float, said: Said) -> str:
    price = said.get("price")
    return f"{figure:+.2f}% at {price_text(price if isinstance(price, float) else None, digits_of(said))}"


def _at_price(figure: float, said: Said) -> str:
    price = said.get("price")
    return _price(price, said) if isinstance(price, float) else ""


def _number(text: str, what: str) -> float:
    if not re.fullmatch(r"-?(\d+\.?\d*|\.\d+)", text):
        raise UsageError(f"{text} is no {what}: write it as 1234.5")
    number = float(text)
    if not isfinite(number):
        raise UsageError(f"{clean(text, 20)}… is no {what}")
    return number


def _level(found: re.Match[str]) -> tuple[Side, ...]:
    limit, sign = _number(found["limit"], "price"), found["sign"].replace("≥", ">=").replace("≤", "<=")
    return (
        Side(
            gauge=lambda: last_price,
            limit=limit,
            up=sign[0] == ">",
            or_equal=sign[1:] == "=",
            margin=BACK * abs(limit),
        ),
    )


def _both(found: re.Match[str], gauge: Callable[[bool], Callable[[], Gauge]]) -> tuple[Side, ...]:
    """Up, down, or both, by so many percent."""
    limit, sign = _number(found["limit"], "percentage"), found["sign"] or "±"
    if limit <= 0:
        raise UsageError("a move has to be more than 0%")
    ways = {"+": (True,), "-": (False,)}.get(sign, (True, False))
    return tuple(
        Side(gauge=gauge(up), limit=limit if up else -limit, up=up, margin=BACK_PERCENT * limit)
        for up in ways
    )


def _day(found: re.Match[str]) -> tuple[Side, ...]:
    return _both(found, lambda up: lambda: day_percent)


def _move(found: re.Match[str]) -> tuple[Side, ...]:
    seconds = _at_least_a_second(found["time"])
    return _both(found, lambda up: lambda: moved(seconds, up=up))


def _extreme(found: re.Match[str], *, up: bool) -> tuple[Side, ...]:
    back = 100 * BACK
    return (Side(gauge=lambda: new_extreme(up=up), limit=0.0, up=up, or_equal=False, margin=back),)


def _stale(found: re.Match[str]) -> tuple[Side, ...]:
    return (Side(gauge=lambda: silence, limit=_at_least_a_second(found["time"])),)


def _at_least_a_second(text: str) -> float:
    seconds = duration(text)
    if seconds < 1:
        raise UsageError(f"{text} is too short: use at least 1s")
    return seconds


_SIGN = r"(?P<sign>±|\+/?-|\+|-)"
_PERCENT = r"\s*(?P<limit>[\d.,_]+)\s*%"

KINDS = (
    Kind(
        name="price",
        example="AAPL>200",
        means="the price passes a limit; also <, >= and <=",
        pattern=r"\s*(?P<sign>[<>]=?|≤|≥)\s*(?P<limit>[-\d.,_]+)",
        sides=_level,
        says=_price,
    ),
    Kind(
        name="day's change",
        example="TSLA±3%",
        means="the day's change in percent, as the source says it; +3% or -3% for one way",
        pattern=rf"\s*{_SIGN}{_PERCENT}",
        sides=_day,
        says=_at_price,
    ),
    Kind(
        name="in",
        example="NVDA 2% in 5m",
        means="the price moved so much within that time",
        pattern=rf"\s+{_SIGN}?{_PERCENT}\s+in\s+(?P<time>\S+)",
        sides=_move,
        says=_percent,
    ),
    Kind(
        name="day-high",
        example="AAPL day-high",
        means="a new high of the day",
        pattern=r"\s+day-high",
        sides=lambda found: _extreme(found, up=True),
        says=_at_price,
        day=True,
    ),
    Kind(
        name="day-low",
        example="AAPL day-low",
        means="a new low of the day",
        pattern=r"\s+day-low",
        sides=lambda found: _extreme(found, up=False),
        says=_at_price,
        day=True,
    ),
    Kind(
        name="stale",
        example="AAPL stale 60s",
        means="nothing new was said for so long",
        pattern=r"\s+stale\s+(?P<time>\S+)",
        sides=_stale,
        says=lambda figure, said: f"nothing new for {seconds_text(figure)}",
        clock=True,
    ),
)
"""Every kind of alert; what is written is of the first whose pattern it has."""


def parse_alert(text: str) -> Alert:
    """The alert that is written so.

    Raises:
        UsageError: nothing is written so; the text says what can be.
    """
    shown = " ".join(text.split())
    for kind in KINDS:
        found = re.fullmatch(rf"(?P<symbol>[^\s<>±≤≥]+?){kind.pattern}", shown, re.IGNORECASE)
        if found is None:
            continue
        symbol = found["symbol"].upper()
        if not is_symbol(symbol):
            raise UsageError(f"bad alert {_quoted(shown)}: {_quoted(found['symbol'])} is no symbol")
        try:
            sides = kind.sides(found)
        except UsageError as error:
            raise UsageError(f"bad alert {_quoted(shown)}: {error}") from None
        return Alert(symbol + shown[found.end("symbol") :], symbol, kind, sides)
    if is_symbol(shown.upper()) and not (_meant(f"- {shown}") or shown[0].isdigit()):
        # The shell takes > for its own.
        raise UsageError(f"bad alert {_quoted(shown)}: a symbol alone; in quotes, use {_examples()}")
    raise UsageError(f"bad alert {_quoted(shown)}: {_meant(shown) or f'use {_examples()}'}")


def parse_alerts(texts: Iterable[str]) -> tuple[Alert, ...]:
    """Each alert once, in the order given."""
    return tuple({alert.text: alert for alert in map(parse_alert, texts)}.values())


def _quoted(text: str) -> str:
    return f"'{clean(text, 60)}'"


def _meant(text: str) -> str:
    """Which kind may have been meant, by the words that stand after the symbol."""
    from difflib import get_close_matches

    names = [kind.name for kind in KINDS]
    for word in text.lower().split()[1:3]:
        if near := get_close_matches(word, names, 1):
            example = next(kind.example for kind in KINDS if kind.name == near[0])
            return f"did you mean {near[0]}, as in '{example}'?"
    return ""


def _examples() -> str:
    return ", ".join(f"'{kind.example}'" for kind in KINDS[:-1]) + f" or '{KINDS[-1].example}'"
