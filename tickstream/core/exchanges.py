"""The exchanges: what each is called, when it trades by its own clock, and who knows its holidays.

Hours are the exchanges' own, of 2026, the closing auction within them where it
is the end of the session. `calendar` is the code that the package `holidays`
knows the exchange by; without one only its weekends are known. `symbol` is what
Yahoo's charts tell its trading periods by.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from difflib import get_close_matches

from tickstream.core.text import clean
from tickstream.errors import UsageError

__all__ = ["EXCHANGES", "Exchange", "find_exchanges"]

Stretch = tuple[time, time]
Week = frozenset[int]

_SATURDAY_SUNDAY: Week = frozenset({5, 6})
_FRIDAY_SATURDAY: Week = frozenset({4, 5})
_NEW_YORK = "America/New_York"


@dataclass(frozen=True, slots=True, eq=False)
class Exchange:
    """One exchange, or the coins, which never close. Each is there once: it is compared by identity."""

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
    """When it closes on a half day, where `holidays` does not say."""
    pre: Stretch | None = None
    post: Stretch | None = None
    opens_by: str = ""
    """The zone by whose clock it opens, where that is not its own."""
    closes_by: str = ""
    closes_on: Mapping[int, time] = field(default_factory=dict)
    """The days of the week, from Monday at 0, on which it always closes at another time."""
    weekend: Week = _SATURDAY_SUNDAY
    weekend_until: tuple[date, Week] | None = None
    """A weekend that it had before a date."""

    def is_weekend(self, day: date) -> bool:
        """Whether it never trades on this day of the week."""
        if self.weekend_until is not None and day < self.weekend_until[0]:
            return day.weekday() in self.weekend_until[1]
        return day.weekday() in self.weekend


def _time(text: str) -> time:
    hour, minute = text.split(":")
    return time(int(hour), int(minute))


def _of(text: str) -> tuple[Stretch, ...]:
    """The sessions in a text such as `9:00-11:30 12:30-15:30`."""
    pairs = (stretch.split("-") for stretch in text.split())
    return tuple((_time(start), _time(end)) for start, end in pairs)


def _us(code: str, short: str) -> Exchange:
    """One of the U.S. markets: what Yahoo says of them it says of all, so they share a chart."""
    pre, regular, post = _of("4:00-9:30 9:30-16:00 16:00-20:00")
    return Exchange(code, "New York", short, _NEW_YORK, (regular,), "SPY", code, pre=pre, post=post)


_TEL_AVIV = Exchange(
    "XTAE", "Tel Aviv", "TASE", "Asia/Jerusalem", _of("9:59-17:25"), "^TA125.TA",
    # Friday is short since it is a day of trade; Sunday was until then, and neither Friday the 2nd
    # nor Sunday the 4th of January 2026 was one.
    closes_on={4: time(13, 50), 6: time(15, 50)},
    weekend_until=(date(2026, 1, 4), _FRIDAY_SATURDAY),
)  # fmt: skip

_EXCHANGES = (
    _us("XNYS", "NYSE"),
    _us("XNAS", "NASDAQ"),
    Exchange("XLON", "London", "LSE", "Europe/London", _of("8:00-16:30"), "^FTSE", "XLON"),
    Exchange("XETR", "Frankfurt", "XETRA", "Europe/Berlin", _of("9:00-17:30"), "^GDAXI", "XETR"),
    Exchange("XPAR", "Paris", "PAR", "Europe/Paris", _of("9:00-17:30"), "^FCHI", "XPAR"),
    # `holidays` knows Tokyo by the MIC of its operator.
    Exchange("XTKS", "Tokyo", "TSE", "Asia/Tokyo", _of("9:00-11:30 12:30-15:30"), "^N225", "XJPX"),
    Exchange(
        "XHKG", "Hong Kong", "HKEX", "Asia/Hong_Kong", _of("9:30-12:00 13:00-16:00"), "^HSI", "XHKG", time(12)
    ),
    Exchange("XSHG", "Shanghai", "SSE", "Asia/Shanghai", _of("9:30-11:30 13:00-15:00"), "000001.SS", "XSHG"),
    Exchange("XNSE", "Mumbai", "NSE", "Asia/Kolkata", _of("9:15-15:30"), "^NSEI", "XNSE"),
    Exchange("XTSE", "Toronto", "TSX", "America/Toronto", _of("9:30-16:00"), "^GSPTSE", "XTSE"),
    Exchange("XAMS", "Amsterdam", "AMS", "Europe/Amsterdam", _of("9:00-17:30"), "^AEX", "XAMS"),
    Exchange("XBRU", "Brussels", "BRU", "Europe/Brussels", _of("9:00-17:30"), "^BFX", "XBRU"),
    Exchange("XLIS", "Lisbon", "LIS", "Europe/Lisbon", _of("8:00-16:30"), "PSI20.LS", "XLIS"),
    Exchange("XDUB", "Dublin", "ISE", "Europe/Dublin", _of("8:00-16:30"), "^ISEQ", "XDUB"),
    Exchange("XMIL", "Milan", "MIL", "Europe/Rome", _of("9:00-17:30"), "FTSEMIB.MI", "XMIL"),
    Exchange("XMAD", "Madrid", "BME", "Europe/Madrid", _of("9:00-17:30"), "^IBEX", "XMAD"),
    Exchange("XSWX", "Zurich", "SIX", "Europe/Zurich", _of("9:00-17:30"), "^SSMI", "XSWX"),
    Exchange("XWBO", "Vienna", "VIE", "Europe/Vienna", _of("9:00-17:30"), "^ATX"),
    Exchange("XSTO", "Stockholm", "STO", "Europe/Stockholm", _of("9:00-17:30"), "^OMX"),
    Exchange("XHEL", "Helsinki", "HEL", "Europe/Helsinki", _of("10:00-18:30"), "^OMXH25"),
    Exchange("XCSE", "Copenhagen", "CPH", "Europe/Copenhagen", _of("9:00-17:00"), "^OMXC25"),
    Exchange("XOSL", "Oslo", "OSL", "Europe/Oslo", _of("9:00-16:25"), "OSEBX.OL", "XOSL"),
    Exchange("XWAR", "Warsaw", "GPW", "Europe/Warsaw", _of("9:00-17:00"), "WIG20.WA", "XWAR"),
    Exchange("XJSE", "Johannesburg", "JSE", "Africa/Johannesburg", _of("9:00-17:00"), "^J203.JO", "XJSE"),
    _TEL_AVIV,
    Exchange(
        "XSAU", "Riyadh", "TADAWUL", "Asia/Riyadh", _of("10:00-15:00"), "^TASI.SR", "XSAU",
        weekend=_FRIDAY_SATURDAY,
    ),
    Exchange("XBOM", "Mumbai", "BSE", "Asia/Kolkata", _of("9:15-15:30"), "^BSESN", "XBOM"),
    Exchange("XSES", "Singapore", "SGX", "Asia/Singapore", _of("9:00-12:00 13:00-17:00"), "^STI", "XSES"),
    Exchange("XSHE", "Shenzhen", "SZSE", "Asia/Shanghai", _of("9:30-11:30 13:00-15:00"), "399001.SZ", "XSHE"),
    Exchange("XTAI", "Taipei", "TWSE", "Asia/Taipei", _of("9:00-13:30"), "^TWII", "XTAI"),
    Exchange("XKRX", "Seoul", "KRX", "Asia/Seoul", _of("9:00-15:30"), "^KS11", "XKRX"),
    Exchange("XASX", "Sydney", "ASX", "Australia/Sydney", _of("10:00-16:00"), "^AXJO", "XASX", time(14, 10)),
    # Neither Brazil nor Mexico changes its clocks, and both close with New York; Mexico opens with it too.
    Exchange(
        "BVMF", "São Paulo", "B3", "America/Sao_Paulo", _of("10:00-16:00"), "^BVSP", "BVMF",
        closes_by=_NEW_YORK,
    ),
    Exchange(
        "XMEX", "Mexico City", "BMV", "America/Mexico_City", _of("9:30-16:00"), "^MXX", "XMEX",
        opens_by=_NEW_YORK, closes_by=_NEW_YORK,
    ),
    Exchange("CRYPTO", "Crypto", "CRYPTO", "UTC", (), "BTC-USD", weekend=frozenset()),
)  # fmt: skip

EXCHANGES: Mapping[str, Exchange] = {exchange.code: exchange for exchange in _EXCHANGES}
"""By code: those that most ask for, then the rest of Europe, of Asia and of America; the coins come last."""

_ALIASES = {
    "US": "XNYS", "AMEX": "XNYS", "XASE": "XNYS", "ARCA": "XNYS", "ARCX": "XNYS",
    "LON": "XLON", "GER": "XETR", "XFRA": "XETR", "FRA": "XETR", "EURONEXT": "XPAR", "EPA": "XPAR",
    "AEX": "XAMS", "EBR": "XBRU", "OMX": "XSTO", "WSE": "XWAR", "TLV": "XTAE",
    "XJPX": "XTKS", "JPX": "XTKS", "TYO": "XTKS", "SEHK": "XHKG", "HKG": "XHKG",
    "BOMBAY": "XBOM", "TOR": "XTSE", "B3SA": "BVMF", "SAOPAULO": "BVMF", "BTC": "CRYPTO", "COINS": "CRYPTO",
}  # fmt: skip
# Where two share a city the first is meant; and a MIC always means itself: XTSE is Toronto, TSE Tokyo.
_BY_NAME = {
    **{exchange.name.upper().replace(" ", ""): exchange.code for exchange in reversed(_EXCHANGES)},
    **_ALIASES,
    **{exchange.short: exchange.code for exchange in _EXCHANGES},
    **{code: code for code in EXCHANGES},
}


def find_exchanges(names: str | Iterable[str]) -> tuple[Exchange, ...]:
    """The exchanges that are named, by MIC, short name or city, each once and in this order.

    Raises:
        UsageError: there is none of that name; the text says which is near.
    """
    texts = [names] if isinstance(names, str) else names
    return tuple(dict.fromkeys(_exchange_of(word) for text in texts for word in _words(text)))


def _words(text: str) -> Iterator[str]:
    """What lies between commas and blanks, but the two words of `Hong Kong` as one."""
    for part in text.upper().split(","):
        words = part.split()
        whole = "".join(words)
        yield from [whole] if whole in _BY_NAME else words


def _exchange_of(word: str) -> Exchange:
    code = _BY_NAME.get(word)
    if code is None:
        # More than that is none of these names, and comparing it takes long.
        near = get_close_matches(word[:40], _BY_NAME, n=3, cutoff=0.5)
        hint = f"did you mean {', '.join(near)}? " if near else ""
        raise UsageError(f"no exchange {clean(word, 40)!r}: {hint}hours --all shows all that are known")
    return EXCHANGES[code]
