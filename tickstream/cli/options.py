"""Options that several commands share, each a named type, and how their texts are read.

Every option can also come from the environment, as TICKSTREAM_<OPTION>, the
same for every command, and from the config file (cli/configured); what is typed
wins, then the environment. Nothing here imports what only a running command needs.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

import typer

from tickstream.core.keys import KEYS
from tickstream.errors import UsageError

__all__ = [
    "Color",
    "Count",
    "Debug",
    "Demo",
    "For",
    "Interval",
    "Json",
    "LogLevel",
    "Once",
    "SourceName",
    "Timeout",
    "ViewOptions",
    "WatchOptions",
    "duration",
    "positive",
    "source_name",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchOptions:
    """All that `watch` can be asked for. Times are seconds; None is "not asked for"."""

    symbols: tuple[str, ...]
    source: str
    form: str
    """`table`, `json`, `csv` or `plain`."""
    columns: tuple[str, ...] = ()
    sort: str | None = None
    fps: float = 10.0
    events: bool = False
    count: int | None = None
    seconds: float | None = None
    timeout: float | None = None
    once: bool = False
    color: bool = True
    names: Mapping[str, str] = field(default_factory=dict)
    """What is shown for a symbol in its place."""
    keys: Mapping[str, str] = field(default_factory=lambda: KEYS)
    """The key of each action."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewOptions:
    """All that a polled view can be asked for. Times are seconds; None is "not asked for"."""

    source: str
    form: str
    """`table`, `json` or `plain`."""
    interval: float = 5.0
    count: int | None = None
    seconds: float | None = None
    timeout: float | None = None
    once: bool = False
    color: bool = True
    names: Mapping[str, str] = field(default_factory=dict)
    """What is shown for a symbol in its place."""
    keys: Mapping[str, str] = field(default_factory=lambda: KEYS)
    """The key of each action."""


_UNITS = {"": 1.0, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile(r"([0-9]*\.?[0-9]+)\s*(ms|s|m|h|d)?")


def duration(text: str) -> float:
    """Seconds, from `30s`, `5m`, `1.5h`, `250ms` or a bare number of seconds; more than none."""
    found = _DURATION.fullmatch(text.strip().lower())
    seconds = float(found[1]) * _UNITS[found[2] or ""] if found else math.nan
    if not 0 < seconds < math.inf:
        raise UsageError(f"bad duration {text!r}: use a number above 0 with s, m, h or d, as in 30s")
    return seconds


def positive(text: str) -> float:
    """A number above 0."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        raise UsageError(f"bad number {text!r}: it has to be above 0")
    return number


def source_name(source: str | None, demo: bool, typed: frozenset[str] = frozenset()) -> str:
    """The source that is meant by `--source` and `--demo`; what is typed wins over the environment."""
    if demo and source not in (None, "demo"):
        if ("demo" in typed) == ("source" in typed):
            raise UsageError(f"--demo and --source {source} are two sources: give one of them")
        demo = "demo" in typed
    return "demo" if demo else "yahoo" if source is None else source


Json = Annotated[
    bool, typer.Option("--json", envvar="TICKSTREAM_JSON", help="One JSON object a line, for jq.")
]
Interval = Annotated[
    float | None,
    typer.Option(
        "--interval",
        parser=duration,
        envvar="TICKSTREAM_INTERVAL",
        metavar="TIME",
        help="How often it is fetched, at least 1s.  [default: 5s]",
    ),
]
Count = Annotated[
    int | None,
    typer.Option("--count", min=1, envvar="TICKSTREAM_COUNT", help="End after so many.", metavar="N"),
]
For = Annotated[
    float | None,
    typer.Option(
        "--for",
        parser=duration,
        envvar="TICKSTREAM_FOR",
        help="End after this time: 30s, 5m, 1h.",
        metavar="TIME",
    ),
]
Timeout = Annotated[
    float | None,
    typer.Option(
        "--timeout",
        parser=duration,
        envvar="TICKSTREAM_TIMEOUT",
        metavar="TIME",
        help="End with 3 if there is no data by then; 10s with --once, else never.",
    ),
]
Once = Annotated[bool, typer.Option("--once", envvar="TICKSTREAM_ONCE", help="One snapshot, then end.")]
SourceName = Annotated[
    str | None,
    typer.Option(
        "--source",
        envvar="TICKSTREAM_SOURCE",
        metavar="NAME",
        help="yahoo, demo, or yahoo+http://HOST:PORT.  [default: yahoo]",
    ),
]
Demo = Annotated[
    bool, typer.Option("--demo", envvar="TICKSTREAM_DEMO", help="Simulated prices, without network.")
]
Color = Annotated[
    bool, typer.Option("--no-color", envvar="TICKSTREAM_NO_COLOR", help="No colours; NO_COLOR does the same.")
]
LogLevel = Annotated[
    str,
    typer.Option(
        "--log-level",
        envvar="TICKSTREAM_LOG_LEVEL",
        metavar="LEVEL",
        help="What the libraries say on stderr: debug, info, warning, error.",
    ),
]
Debug = Annotated[bool, typer.Option("--debug", envvar="TICKSTREAM_DEBUG", help="Tracebacks for errors.")]
