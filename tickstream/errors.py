"""Every error that tickstream raises on purpose.

TickstreamError                 exit code 1
├── UsageError                  2   the caller asked for something that cannot be
│   ├── BadSymbols              2
│   └── BadConfig               2   the config file cannot be read, or says what cannot be
├── SourceError                 3   the data cannot be had
│   ├── Refused                 3   and asking again will not change that
│   │   └── BadKey              5   the server wants a key, and has not got one that it knows
│   ├── NoData                  3   nothing came in time
│   ├── NeverTrue               3   what was waited for did not come true
│   ├── NotFound                3   the source does not know what was asked for
│   ├── RateLimited             3   the source wants to be left alone until a stated time
│   └── WireError               3   one message is broken; the stream goes on
└── OutputError                 4   the data cannot be written
    └── ReaderGone              141 the reader closed the pipe; silent

An error holds data and builds its text in `__str__`; each knows the exit code
of the process that it ends. Only the command line's boundary prints errors.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

__all__ = [
    "EXIT_CODES",
    "BadConfig",
    "BadKey",
    "BadSymbols",
    "NeverTrue",
    "NoData",
    "NotFound",
    "OutputError",
    "RateLimited",
    "ReaderGone",
    "Refused",
    "SourceError",
    "TickstreamError",
    "UsageError",
    "WireError",
]

EXIT_CODES: Mapping[str, str] = {
    "0": "ended as asked",
    "1": "a bug in tickstream",
    "2": "asked for something that cannot be; nothing was touched",
    "3": "the source is unreachable, refuses, or had no data in time; or --until never came true",
    "4": "the output cannot be written",
    "5": "a tickstream server wants a key, or does not know this one",
    "130, 143, 129, 141": "Ctrl-C, SIGTERM, SIGHUP, the reader closed the pipe",
}
"""What the exit codes of the command line mean."""


class TickstreamError(Exception):
    """The base of all errors that tickstream raises on purpose."""

    exit_code = 1


class UsageError(TickstreamError):
    """The caller asked for something that cannot be; the text says what to do instead."""

    exit_code = 2


class BadSymbols(UsageError):
    """Some of the symbols asked for are not well formed."""

    def __init__(self, symbols: Sequence[str]) -> None:
        super().__init__(symbols)
        self.symbols = tuple(symbols)

    def __str__(self) -> str:
        shown = ", ".join(ascii(symbol[:40]) for symbol in self.symbols[:5])
        more = f" and {len(self.symbols) - 5} more" if len(self.symbols) > 5 else ""
        noun = "symbol" if len(self.symbols) == 1 else "symbols"
        rule = "use up to 24 of A-Z 0-9 . ^ = & _ -, as in AAPL, BRK-B, ^GSPC, EURUSD=X"
        return f"bad {noun} {shown}{more}: {rule}"


class BadConfig(UsageError):
    """The config file cannot be read, or says what cannot be. `line` 0 is the file as a whole."""

    def __init__(self, path: str, line: int, reason: str) -> None:
        super().__init__(path, line, reason)
        self.path, self.line, self.reason = path, line, reason

    def __str__(self) -> str:
        return f"{self.path}{self._said}"

    @property
    def brief(self) -> str:
        """The text without the directory, for where there is little room."""
        return re.split(r"[/\\]", self.path)[-1] + self._said

    @property
    def _said(self) -> str:
        return f":{self.line}: {self.reason}" if self.line else f": {self.reason}"


class SourceError(TickstreamError):
    """The data cannot be had from where it was asked for."""

    exit_code = 3


class Refused(SourceError):
    """The source refused, in a way that asking again will not change."""


class BadKey(Refused):
    """The server at `host` wants a key; `given` is whether it got one, which then is none that it knows."""

    exit_code = 5

    def __init__(self, host: str, *, given: bool) -> None:
        super().__init__(host)
        self.host, self.given = host, given

    def __str__(self) -> str:
        if self.given:
            return f"{self.host} does not know this key: check TICKSTREAM_API_KEY, or what --api-key says"
        return f"{self.host} wants a key: set TICKSTREAM_API_KEY to one that its operator gave you"


class NoData(SourceError):
    """Nothing came in the time that was given."""

    def __init__(self, seconds: float, reason: str = "") -> None:
        super().__init__(seconds, reason)
        self.seconds, self.reason = seconds, reason

    def __str__(self) -> str:
        return f"no data within {self.seconds:g} s{self.reason and f': {self.reason}'}"


class NeverTrue(SourceError):
    """What was waited for did not come true before the end that was asked for."""

    def __init__(self, alert: str) -> None:
        super().__init__(alert)
        self.alert = alert

    def __str__(self) -> str:
        return f"{self.alert} did not come true"


class NotFound(SourceError):
    """The source answered, and does not know what was asked for."""


class RateLimited(SourceError):
    """The source wants no more requests until `until`, in seconds since the epoch."""

    def __init__(self, until: float) -> None:
        super().__init__(until)
        self.until = until

    def __str__(self) -> str:
        return f"rate limited until {datetime.fromtimestamp(self.until):%H:%M:%S}"


class WireError(SourceError):
    """One message from the wire is broken."""


class OutputError(TickstreamError):
    """The output cannot be written."""

    exit_code = 4


class ReaderGone(OutputError):
    """Whoever read our output has seen enough, as `head` does; nothing needs to be said."""

    exit_code = 141
