"""`formatted=true`: each number as {"raw", "fmt"[, "longFmt"]}, a few fields excepted. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from tickstream.simulator.yahoo_http.answers import Document

__all__ = ["formatted", "short"]

_BARE = (
    "priceHint",
    "gmtOffSetMilliseconds",
    "exchangeDataDelayedBy",
    "sourceInterval",
    "firstTradeDateMilliseconds",
    "firstTradeDateEpochUtc",
    "fullTimeEmployees",
    "maxAge",
)
_TIMES = ("Time", "Timestamp")
_FRACTIONS = ("fiftyTwoWeekLowChangePercent", "fiftyTwoWeekHighChangePercent", "AverageChangePercent")
_UNITS = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k"))


def formatted(row: Document, zone: str, *, fractions: bool = False) -> Document:
    """`row` with its numbers formatted; `zone` is the exchange's, `fractions` says that percents are of 1."""
    return {key: _value(key, value, row, zone, fractions) for key, value in row.items()}


def short(value: float) -> str:
    """`value` in thousands, millions and so on, as in 3.989T."""
    for unit, letter in _UNITS:
        if abs(value) >= unit:
            return f"{value / unit:.3f}".rstrip("0").rstrip(".") + letter
    return f"{value:g}"


def _value(key: str, value: Any, row: Document, zone: str, fractions: bool) -> Any:
    if key.endswith("Range") and isinstance(value, str):
        return {"raw": value, "fmt": value}
    if isinstance(value, bool) or not isinstance(value, int | float) or key in _BARE:
        return value
    if key.endswith(_TIMES):
        local = datetime.fromtimestamp(value, ZoneInfo(zone))
        return {"raw": value, "fmt": f"{local:%I:%M%p %Z}".lstrip("0")}
    if "Percent" in key or key.endswith("Yield"):
        percent = value * 100 if fractions or key.endswith(_FRACTIONS) else value
        return {"raw": value, "fmt": f"{percent:,.2f}%"}
    if isinstance(value, int):
        return {"raw": value, "fmt": short(value), "longFmt": f"{value:,}"}
    return {"raw": value, "fmt": f"{value:,.{int(row.get('priceHint', 2))}f}"}
