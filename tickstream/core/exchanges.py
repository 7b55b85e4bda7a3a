"""The exchanges: what each is called, when it trades by its own clock, and who knows its holidays.

Hours and zones are the exchanges' own, of 2026. `calendar` is the code that the
package `holidays` knows the exchange by; without one only its weekends are
known. `symbol` is what Yahoo's charts tell its trading periods by.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time
from difflib import get_close_matches

from tickstream.core.text import clean
from tickstream.errors import UsageError

__all__ = ["EXCHANGES", "Exchange", "find_exchanges"]

Stretch = tuple[time, time]

_SATURDAY_SUNDAY = frozenset({5, 6})
_FRIDAY_SATURDAY = frozenset({4, 5})
_TEL_AVIV_CHANGED = date(2026, 1, 5)
"""The Monday on which Tel Aviv began to trade from Monday to Friday."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One exchange, or the coins, which never close."""

    code: str
    """Its MIC, or `CRYPTO`."""
    name: str
    """The place that it is known by."""
    short: str
    zone: str
    sessions: tuple[Stretch, ...]
    """Of a whole day, by its own clock; between two of them is lunch."""
    symbol: str
    calendar: str = ""
    half_day: time | None = None
    """When it closes on a half day, where the calendar does not say."""
    pre: Stretch | None = None
    post: Stretch | None = None

    def is_weekend(self, day: date) -> bool:
        """Whether it never trades on this day of the week."""
        if self.code == "CRYPTO":
            return False
        if self.code == "XSAU" or (self.code == "XTAE" and day < _TEL_AVIV_CHANGED):
            return day.weekday() in _FRIDAY_SATURDAY
        return day.weekday() in _SATURDAY_SUNDAY


def _time(text: str) -> time:
    hour, minute = text.split(":")
    return time(int(hour), int(minute))


def _of(text: str) -> tuple[Stretch, ...]:
    """The sessions in a text such as `9:00-11:30 12:30-15:30`."""
    pairs = (stretch.split("-") for stretch in text.split())
    return tuple((_time(start), _time(end)) for start, end in pairs)


def _known(
    code: str, name: str, short: str, zone: str, hours: str, symbol: str, calendar: str = "", half: str = ""
) -> Exchange:
    return Exchange(code, name, short, zone, _of(hours), symbol, calendar, _time(half) if half else None)


_EXCHANGES = (
    Exchange(
        "XNYS", "New York", "NYSE", "America/New_York", _of("9:30-16:00"), "SPY", "XNYS", time(13),
        pre=(time(4), time(9, 30)), post=(time(16), time(20)),
    ),
    _known("XTSE", "Toronto", "TSX", "America/Toronto", "9:30-16:00", "^GSPTSE", "XTSE", "13:00"),
    _known("BVMF", "Sao Paulo", "B3", "America/Sao_Paulo", "10:00-17:00", "^BVSP", "BVMF"),
    _known("XMEX", "Mexico City", "BMV", "America/Mexico_City", "8:30-15:00", "^MXX", "XMEX"),
    _known("XLON", "London", "LSE", "Europe/London", "8:00-16:30", "^FTSE", "XLON", "12:30"),
    _known("XETR", "Frankfurt", "XETRA", "Europe/Berlin", "9:00-17:30", "^GDAXI", "XETR"),
    _known("XPAR", "Paris", "EPA", "Europe/Paris", "9:00-17:30", "^FCHI", "XPAR", "14:05"),
    _known("XAMS", "Amsterdam", "AEX", "Europe/Amsterdam", "9:00-17:30", "^AEX", "XAMS", "14:05"),
    _known("XBRU", "Brussels", "EBR", "Europe/Brussels", "9:00-17:30", "^BFX", "XBRU", "14:05"),
    _known("XMIL", "Milan", "MIL", "Europe/Rome", "9:00-17:30", "FTSEMIB.MI", "XMIL"),
    _known("XMAD", "Madrid", "BME", "Europe/Madrid", "9:00-17:30", "^IBEX", "XMAD", "14:00"),
    _known("XSWX", "Zurich", "SIX", "Europe/Zurich", "9:00-17:30", "^SSMI", "XSWX"),
    _known("XWBO", "Vienna", "WBAG", "Europe/Vienna", "9:00-17:30", "^ATX"),
    _known("XSTO", "Stockholm", "STO", "Europe/Stockholm", "9:00-17:30", "^OMX"),
    _known("XHEL", "Helsinki", "HEL", "Europe/Helsinki", "10:00-18:30", "^OMXH25"),
    _known("XCSE", "Copenhagen", "CPH", "Europe/Copenhagen", "9:00-17:00", "^OMXC25"),
    _known("XOSL", "Oslo", "OSL", "Europe/Oslo", "9:00-16:25", "OSEBX.OL", "XOSL"),
    _known("XWAR", "Warsaw", "GPW", "Europe/Warsaw", "9:00-17:00", "WIG20.WA", "XWAR"),
    _known("XJSE", "Johannesburg", "JSE", "Africa/Johannesburg", "9:00-17:00", "^J203.JO", "XJSE", "12:00"),
    _known("XTAE", "Tel Aviv", "TASE", "Asia/Jerusalem", "9:59-17:25", "^TA125.TA"),
    _known("XSAU", "Riyadh", "TADAWUL", "Asia/Riyadh", "10:00-15:00", "^TASI.SR", "XSAU"),
    _known("XNSE", "Mumbai", "NSE", "Asia/Kolkata", "9:15-15:30", "^NSEI", "XNSE"),
    _known("XBOM", "Bombay", "BSE", "Asia/Kolkata", "9:15-15:30", "^BSESN", "XBOM"),
    _known("XSES", "Singapore", "SGX", "Asia/Singapore", "9:00-12:00 13:00-17:00", "^STI", "XSES", "12:00"),
    _known("XHKG", "Hong Kong", "HKEX", "Asia/Hong_Kong", "9:30-12:00 13:00-16:00", "^HSI", "XHKG", "12:00"),
    _known("XSHG", "Shanghai", "SSE", "Asia/Shanghai", "9:30-11:30 13:00-15:00", "000001.SS", "XSHG"),
    _known("XSHE", "Shenzhen", "SZSE", "Asia/Shanghai", "9:30-11:30 13:00-15:00", "399001.SZ", "XSHE"),
    _known("XTAI", "Taipei", "TWSE", "Asia/Taipei", "9:00-13:30", "^TWII", "XTAI"),
    _known("XKRX", "Seoul", "KRX", "Asia/Seoul", "9:00-15:30", "^KS11", "XKRX"),
    # `holidays` knows Tokyo by the MIC of its operator.
    _known("XTKS", "Tokyo", "TSE", "Asia/Tokyo", "9:00-11:30 12:30-15:30", "^N225", "XJPX"),
    _known("XASX", "Sydney", "ASX", "Australia/Sydney", "10:00-16:00", "^AXJO", "XASX", "14:10"),
    _known("CRYPTO", "Crypto", "CRYPTO", "UTC", "0:00-23:59", "BTC-USD"),
)  # fmt: skip

EXCHANGES: Mapping[str, Exchange] = {exchange.code: exchange for exchange in _EXCHANGES}
"""By code, from west to east; the coins come last."""

_ALIASES = {
    "NASDAQ": "XNYS", "XNAS": "XNYS", "AMEX": "XNYS", "US": "XNYS",
    "FRANKFURT": "XETR", "GER": "XETR", "XFRA": "XETR", "EURONEXT": "XPAR",
    "XJPX": "XTKS", "JPX": "XTKS", "TYO": "XTKS", "HKG": "XHKG", "SEHK": "XHKG",
    "TSX": "XTSE", "BTC": "CRYPTO", "LON": "XLON", "TADAWUL": "XSAU",
}  # fmt: skip
_BY_NAME = {
    **_ALIASES,
    **{exchange.short.upper(): exchange.code for exchange in _EXCHANGES},
    **{exchange.name.upper().replace(" ", ""): exchange.code for exchange in _EXCHANGES},
    **{code: code for code in EXCHANGES},
}


def find_exchanges(names: Iterable[str]) -> tuple[Exchange, ...]:
    """The exchanges that are named, by MIC, short name or city, each once and in this order.

    Raises:
        UsageError: there is none of that name; the text says which is near.
    """
    words = [word for name in names for word in re.split(r"[,\s]+", name.upper()) if word]
    found = {}
    for word in words:
        code = _BY_NAME.get(word)
        if code is None:
            near = get_close_matches(word, _BY_NAME, n=3, cutoff=0.5)
            hint = f"did you mean {', '.join(near)}? " if near else ""
            raise UsageError(f"no exchange {clean(word, 40)!r}: {hint}hours --all shows all that are known")
        found[code] = EXCHANGES[code]
    return tuple(found.values())
