"""Faults that can be asked for: what a connection to the simulated streamer may suffer.

A fault is a value, written `KIND[=VALUE][~ENDPOINT][@MESSAGES][xTIMES]`; `MEANINGS`
says what each does. `x3` at the end: it strikes three times in all, then no more; a
time is a connection, and for what happens to messages it is a message. Over HTTP
`@N` counts requests of an endpoint, a time is a request, and `~ENDPOINT` leaves all
other endpoints alone, as in `http-hang~quote@5` or `http-status=429:30~crumb`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from math import inf, isfinite

from tickstream.errors import UsageError

__all__ = ["ENDPOINTS", "MEANINGS", "Fault", "FaultKind", "Faults"]


class FaultKind(StrEnum):
    """What happens."""

    CLOSE = "close"
    MUTE = "mute"
    HOLE = "hole"
    GARBAGE = "garbage"
    TRUNCATE = "truncate"
    UNKNOWN = "unknown"
    TYPE = "type"
    DOUBLE = "double"
    OLD = "old"
    SLOW = "slow"
    FORGET = "forget"
    IDLE = "idle"
    REFUSE = "refuse"
    HANG = "hang"
    STATUS = "status"
    HTTP_STATUS = "http-status"
    HTTP_HTML = "http-html"
    HTTP_JSON = "http-json"
    HTTP_HANG = "http-hang"
    HTTP_DRIP = "http-drip"
    HTTP_CUT = "http-cut"
    HTTP_BIG = "http-big"
    HTTP_REDIRECT = "http-redirect"
    HTTP_CLOSE = "http-close"
    HTTP_CRUMB = "http-crumb"
    HTTP_COOKIE = "http-cookie"
    HTTP_NOCOOKIE = "http-nocookie"
    HTTP_CONSENT = "http-consent"

    @property
    def is_http(self) -> bool:
        """Whether it happens to plain HTTP, not to the streamer."""
        return self.startswith("http-")


MEANINGS = {
    FaultKind.CLOSE: (
        "close=1001@20",
        "after 20 messages the connection is closed with this code; 1006: without one",
    ),
    FaultKind.MUTE: ("mute@5", "after 5 messages no data any more; pings are answered"),
    FaultKind.HOLE: ("hole@5", "after 5 messages nothing at all is answered: half open"),
    FaultKind.GARBAGE: ("garbage@5", "after 5 messages all is garbage; =json, =base64 or =bytes: only that"),
    FaultKind.TRUNCATE: ("truncate@5", "after 5 messages each is cut short within its protobuf"),
    FaultKind.UNKNOWN: ("unknown@5", "after 5 messages each has a field that nobody knows"),
    FaultKind.TYPE: ("type=earnings", "before each message one of this type"),
    FaultKind.DOUBLE: ("double", "each message twice"),
    FaultKind.OLD: ("old=60", "after each message one that is 60 s older"),
    FaultKind.SLOW: ("slow=2", "each message 2 s late"),
    FaultKind.FORGET: ("forget=20", "subscriptions are forgotten 20 s after they were asked for"),
    FaultKind.IDLE: ("idle=1200", "closed after 1200 s in which nothing flowed (code 1001)"),
    FaultKind.REFUSE: ("refuse", "the TCP connection is aborted before the handshake"),
    FaultKind.HANG: ("hang", "the handshake is never answered"),
    FaultKind.STATUS: (
        "status=429:30",
        "the handshake is answered so; after the colon a Retry-After, for 3xx a Location",
    ),
    FaultKind.HTTP_STATUS: ("http-status=429:30", "that status; after the colon as above"),
    FaultKind.HTTP_HTML: ("http-html", "200 with a page instead of JSON, as of a captive portal"),
    FaultKind.HTTP_JSON: ("http-json=null", "200 with JSON of another shape; =list, or =strings for numbers"),
    FaultKind.HTTP_HANG: ("http-hang", "never answered"),
    FaultKind.HTTP_DRIP: ("http-drip", "the answer's body at a byte a second"),
    FaultKind.HTTP_CUT: ("http-cut", "the answer is cut off: shorter than its content-length"),
    FaultKind.HTTP_BIG: ("http-big=1000000", "an answer of that many bytes"),
    FaultKind.HTTP_REDIRECT: ("http-redirect=http://127.0.0.1/", "302 to there"),
    FaultKind.HTTP_CLOSE: ("http-close", "the connection is closed without an answer"),
    FaultKind.HTTP_CRUMB: ("http-crumb", "the crumb is refused (401)"),
    FaultKind.HTTP_COOKIE: ("http-cookie", "getcrumb refuses the cookies issued so far, and takes a new one"),
    FaultKind.HTTP_NOCOOKIE: ("http-nocookie", "GET / sets no cookie"),
    FaultKind.HTTP_CONSENT: (
        "http-consent",
        "the page leads to the EU's consent form, until that was answered",
    ),
}
"""Of each kind an example, and what that does."""

_ENDPOINTS = "quote spark chart screener markettime similar search summary crumb cookie page consent"
ENDPOINTS = tuple(_ENDPOINTS.split())
"""What a fault of HTTP can be limited to, and requests are counted by."""

_WORDS = {
    FaultKind.GARBAGE: ("", "json", "base64", "bytes"),
    FaultKind.HTTP_JSON: ("null", "list", "strings"),
}
_NUMBERS = {
    FaultKind.CLOSE: (1000, 4999, "a close code"),
    FaultKind.STATUS: (200, 599, "an HTTP status"),
    FaultKind.OLD: (0, inf, "seconds"),
    FaultKind.SLOW: (0, inf, "seconds"),
    FaultKind.FORGET: (0, inf, "seconds"),
    FaultKind.IDLE: (0, inf, "seconds"),
    FaultKind.HTTP_STATUS: (200, 599, "an HTTP status"),
    FaultKind.HTTP_BIG: (1, 1e10, "bytes"),
}
_WANTED = {
    FaultKind.GARBAGE: "garbage is json, base64 or bytes",
    FaultKind.TYPE: "type wants a name, as in type=earnings",
    FaultKind.HTTP_JSON: "http-json is null, list or strings",
    FaultKind.HTTP_REDIRECT: "http-redirect wants a URL, as in http-redirect=http://127.0.0.1/",
}
_BEFORE_MESSAGES = (FaultKind.FORGET, FaultKind.IDLE, FaultKind.REFUSE, FaultKind.HANG, FaultKind.STATUS)
_HEADER = re.compile(r"[!-~]+( [!-~]+)*")
"""What can stand in a header. A Retry-After may be a date, and has spaces then."""
_FORM = re.compile(
    r"(?P<kind>[a-z]+(-[a-z]+)?)(=(?P<value>[^~].*?))?(=?~(?P<endpoint>" + "|".join(ENDPOINTS) + r"))?"
    r"(@(?P<after>\d{1,9}))?(x(?P<times>\d{1,9}))?"
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: what, with which value, after how many messages or requests, how often in all, and where."""

    kind: FaultKind
    value: str = ""
    after: int = 0
    times: int | None = None
    endpoint: str = ""
    """The one endpoint of HTTP that it happens to; empty = all."""

    def __post_init__(self) -> None:
        if not (self._value_fits() and self._after_fits() and self._endpoint_fits() and self.times != 0):
            raise UsageError(f"bad fault {str(self)!r}: {self._wanted()}")

    @classmethod
    def parse(cls, text: str) -> Fault:
        """The fault that `text` asks for.

        Raises:
            UsageError: there is none like it; the text says what there is.
        """
        match = _FORM.fullmatch(text.strip())
        if match is None or match["kind"] not in list(FaultKind):
            how = "write KIND[=VALUE][~ENDPOINT][@MESSAGES][xTIMES]; `tickstream help faults` has all kinds"
            raise UsageError(f"bad fault {text[:80]!r}: {how}")
        times = None if match["times"] is None else int(match["times"])
        kind, value, after = FaultKind(match["kind"]), match["value"] or "", int(match["after"] or 0)
        return cls(kind, value, after, times, match["endpoint"] or "")

    def __str__(self) -> str:
        value = f"={self.value}" if self.value else ""
        value += f"~{self.endpoint}" if self.endpoint else ""
        after = f"@{self.after}" if self.after else ""
        return f"{self.kind}{value}{after}{'' if self.times is None else f'x{self.times}'}"

    @property
    def number(self) -> float:
        """The value of a fault whose value is a number; before a colon, where there is one."""
        try:
            return float(self.value.partition(":")[0])
        except ValueError:
            return -1.0

    @property
    def detail(self) -> str:
        """What stands after the colon."""
        return self.value.partition(":")[2]

    def _value_fits(self) -> bool:
        if self.kind in _NUMBERS:
            low, high, noun = _NUMBERS[self.kind]
            whole = noun == "seconds" or self.number.is_integer()
            if self.kind is FaultKind.HTTP_STATUS and self.detail and not _HEADER.fullmatch(self.detail):
                return False
            return isfinite(self.number) and low <= self.number <= high and whole
        if self.kind in _WORDS:
            return self.value in _WORDS[self.kind]
        if self.kind is FaultKind.HTTP_REDIRECT:
            return _HEADER.fullmatch(self.value) is not None and " " not in self.value
        return self.value.isidentifier() if self.kind is FaultKind.TYPE else not self.value

    def _after_fits(self) -> bool:
        return not (self.after and self.kind in _BEFORE_MESSAGES)

    def _endpoint_fits(self) -> bool:
        return not self.endpoint or (self.kind.is_http and self.endpoint in ENDPOINTS)

    def _wanted(self) -> str:
        if not self._endpoint_fits():
            return f"{self.kind} has no endpoint: leave out ~{self.endpoint}"
        if not self._after_fits():
            return f"{self.kind} does not wait for messages: leave out @{self.after}"
        if self.times == 0:
            return "it never strikes: leave it out"
        if self.kind in _NUMBERS:
            low, high, noun = _NUMBERS[self.kind]
            limits = f" from {low:g} to {high:g}" if isfinite(high) else ""
            example = 30 if noun == "seconds" else int(low)
            return f"{self.kind} wants {noun}{limits}, as in {self.kind}={example}"
        return _WANTED.get(self.kind, "it takes no value")


class Faults:
    """The faults in force; they can be changed at any time, and count for what happens from then on."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._left: dict[Fault, float] = {}
        self.set(*faults)

    def set(self, *faults: Fault | str) -> None:
        """Have just these, each as often as it says."""
        parsed = [Fault.parse(fault) if isinstance(fault, str) else fault for fault in faults]
        self._left = {fault: inf if fault.times is None else fault.times for fault in parsed}

    def add(self, *faults: Fault | str) -> None:
        """Have these as well."""
        left = self._left
        self.set(*faults)
        self._left = left | self._left

    def clear(self) -> None:
        """Have none."""
        self._left = {}

    def __bool__(self) -> bool:
        return bool(self._left)

    def of(self, *kinds: FaultKind) -> Fault | None:
        """The first of these kinds that has not struck as often as it may."""
        return next((fault for fault, left in self._left.items() if fault.kind in kinds and left > 0), None)

    def strike(self, *kinds: FaultKind, sent: int = 0, endpoint: str = "") -> Fault | None:
        """As `of`, of those due after `sent` messages or requests at `endpoint`; it has struck once more."""
        for fault, left in self._left.items():
            here = fault.endpoint in ("", endpoint)
            if fault.kind in kinds and left > 0 and sent >= fault.after and here:
                self._left[fault] = left - 1
                return fault
        return None
