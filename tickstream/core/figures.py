"""Figures: numbers and prices as texts, and the small drawings that stand for many of them.

Each is a `Cell`: a text and a tone, which is what the text means (`up`, `down`,
`dim`, …), not how it looks. Prices show as many digits as the source says;
below 1 as many as show four figures. A colour never stands alone: a sign and
an arrow say the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, log10
from typing import NamedTuple

__all__ = [
    "NOTHING",
    "Cell",
    "digits_for",
    "number_text",
    "percent_cell",
    "price_text",
    "range_cell",
    "short_text",
    "tone_of",
    "trend_cell",
]

_BARS = "▁▂▃▄▅▆▇█"
_ARROWS, _HOLLOW = {"up": "▲", "down": "▼"}, {"up": "△", "down": "▽"}
_SUFFIXES = {"GBp": "p", "GBX": "p", "ZAc": "c", "ILA": "a"}


class Cell(NamedTuple):
    """What stands in one place of a screen; `tone` is what it means."""

    text: str
    tone: str = ""


NOTHING = Cell("")


def digits_for(price: float | None, hint: int | None) -> int:
    """How many decimals a price is shown with, where the source says `hint`."""
    digits = min(max(hint, 0), 10) if hint is not None else 2
    if not price or abs(price) >= 1:
        return digits
    return min(12, 3 - floor(log10(abs(price))))


def number_text(value: float | None, digits: int, *, sign: bool = False) -> str:
    """A number with thousands separators; with `sign`, a plus where it is positive and just 0 for zero."""
    if value is None:
        return ""
    if abs(value) >= 1e15:
        return f"{value:+.6g}" if sign else f"{value:.6g}"
    text = f"{value:+,.{digits}f}" if sign else f"{value:,.{digits}f}"
    if sign and not any(char in "123456789" for char in text):
        return "0"
    return text


def price_text(value: float | None, digits: int, currency: str | None = None) -> str:
    """A price; one that is quoted in hundredths of a currency says so, as in `71.84p`."""
    if value is None:
        return ""
    return number_text(value, digits) + _SUFFIXES.get(currency or "", "")


def short_text(value: float | None) -> str:
    """A large number in five characters, as in `48.0M`."""
    if value is None:
        return ""
    for unit in ("", "K", "M", "B", "T"):
        if abs(value) < 999.95 or unit == "T":
            return f"{value:.0f}" if not unit else f"{value:.1f}{unit}"
        value /= 1000
    raise AssertionError


def tone_of(change: float | None) -> str:
    """What a change means: `up`, `down`, `flat`; nothing where it is not known."""
    if change is None:
        return ""
    return "up" if change > 0 else "down" if change < 0 else "flat"


def percent_cell(percent: float | None, tone: str, width: int = 0, *, hollow: bool = False) -> Cell:
    """An arrow and a percentage; arrows stand below each other, however long the numbers are.

    A `hollow` arrow is that of a price from outside of the regular session.
    """
    if percent is None:
        return NOTHING
    arrow = (_HOLLOW if hollow else _ARROWS).get(tone, "=")
    text = f"{percent:+,.2f}%" if tone in ("up", "down") else f"{abs(percent):,.2f}%"
    return Cell(f"{arrow} {text:>{max(6, width - 2)}}", tone)


def range_cell(low: float | None, high: float | None, price: float | None, width: int) -> Cell:
    """Where a price stands between the lowest and the highest; one that is either of them stands out."""
    if low is None or high is None or price is None or high <= low:
        return NOTHING
    if price >= high:
        return Cell("─" * (width - 1) + _ARROWS["up"], "up")
    if price <= low:
        return Cell(_ARROWS["down"] + "─" * (width - 1), "down")
    at = round((price - low) / (high - low) * (width - 1))
    return Cell("─" * at + "●" + "─" * (width - 1 - at), "range")


def trend_cell(prices: Sequence[float], tone: str, width: int) -> Cell:
    """Prices as small bars between their lowest and their highest."""
    if len(prices) < 2 or width < 1:
        return NOTHING
    if len(prices) > width:
        prices = [prices[(i + 1) * len(prices) // width - 1] for i in range(width)]
    low, high = min(prices), max(prices)
    if low == high:
        return Cell("▄" * len(prices), "flat")
    scale = 7.999 / (high - low)
    return Cell("".join(_BARS[int((price - low) * scale)] for price in prices), tone)
