"""Options that several commands share, each a named type, and how their texts are read.

Every option can also come from the environment, as TICKSTREAM_<OPTION>, the
same for every command, and from the config file (cli/configured); what is typed
wins, then the environment. Nothing here imports what only a running command needs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tickstream.cli.looks import Look
from tickstream.core.keys import KEYS
from tickstream.core.text import duration
from tickstream.errors import UsageError
from tickstream.sources import HOW

if TYPE_CHECKING:
    from tickstream.core.config import Config
    from tickstream.core.playback import Playback
    from tickstream.core.positions import Positions
    from tickstream.sinks.tapefile import Rotation

__all__ = [
    "AlertOptions",
    "ApiKey",
    "Ascii",
    "Color",
    "Colors",
    "Count",
    "Debug",
    "Demo",
    "For",
    "Force",
    "From",
    "Interval",
    "Json",
    "LogLevel",
    "Loop",
    "Once",
    "RecordOptions",
    "Rotate",
    "SourceName",
    "Speed",
    "Taping",
    "Timeout",
    "ViewOptions",
    "WatchOptions",
    "a_port",
    "at_least_a_second",
    "checked",
    "duration",
    "frames_a_second",
    "source_name",
]


@dataclass(frozen=True, slots=True)
class Taping:
    """A tape that is to be written."""

    path: str
    rotation: Rotation
    force: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordOptions:
    """All that `record` can be asked for. Times are seconds; None is "not asked for"."""

    symbols: tuple[str, ...]
    source: str
    taping: Taping
    key: str = field(default="", repr=False)
    """For a tickstream server."""
    playback: Playback | None = None
    """How a tape is played."""
    count: int | None = None
    seconds: float | None = None
    timeout: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertOptions:
    """What is to be told, and how; all checked."""

    alerts: tuple[str, ...] = ()
    until: str = ""
    """The alert that ends it; empty without."""
    command: tuple[str, ...] = ()
    notify: frozenset[str] = frozenset()
    symbols: tuple[str, ...] = ()
    """Those that alerts are about."""
    asked: tuple[str, ...] = ()
    """Those of them whose range of the day has to be known."""
    names: Mapping[str, str] = field(default_factory=dict)
    """What symbols are called where people read of them."""

    def called(self, text: str, symbol: str) -> str:
        """`text`, which begins with `symbol`, with what that is called."""
        return self.names.get(symbol, symbol) + text.removeprefix(symbol)


def _no_config() -> Config:
    from tickstream.core.config import Config

    return Config()


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchOptions:
    """All that `watch` can be asked for. Times are seconds; None is "not asked for"."""

    symbols: tuple[str, ...]
    source: str
    form: str
    """`table`, `json`, `csv`, `plain`, `words`, `template` or `bar`."""
    format: str = ""
    """The text of the template, or what the bar's name is."""
    alerting: AlertOptions = AlertOptions()
    columns: tuple[str, ...] = ()
    sort: str | None = None
    positions: Positions = field(default_factory=dict)
    currency: str = ""
    """What sums of positions are in; empty for the one that all share, or dollars."""
    fps: float = 10.0
    events: bool = False
    count: int | None = None
    seconds: float | None = None
    timeout: float | None = None
    once: bool = False
    look: Look = field(default_factory=Look)
    names: Mapping[str, str] = field(default_factory=dict)
    """What is shown for a symbol in its place."""
    keys: Mapping[str, str] = field(default_factory=lambda: KEYS)
    """The key of each action."""
    list: str = ""
    """The name of the list that the symbols are, and nothing else."""
    config: Config = field(default_factory=_no_config)
    config_path: str = ""
    """Where what keys change can be written."""
    most: int = 1000
    """How many symbols there may be."""
    key: str = field(default="", repr=False)
    """For a tickstream server."""
    playback: Playback | None = None
    """How a tape is played."""
    taping: Taping | None = None


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
    look: Look = field(default_factory=Look)
    names: Mapping[str, str] = field(default_factory=dict)
    """What is shown for a symbol in its place."""
    keys: Mapping[str, str] = field(default_factory=lambda: KEYS)
    """The key of each action."""
    key: str = field(default="", repr=False)
    """For a tickstream server."""


def frames_a_second(text: str) -> float:
    """What `--fps` asks for."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        raise UsageError(f"bad number {text!r} of frames a second (fps): it has to be above 0")
    return number


def source_name(source: str | None, demo: bool, typed: frozenset[str] = frozenset()) -> str:
    """The source that is meant by `--source` and `--demo`; what is typed wins over the environment."""
    if demo and source not in (None, "demo"):
        if ("demo" in typed) == ("source" in typed):
            raise UsageError(f"--demo and --source {source} are two sources: give one of them")
        demo = "demo" in typed
    return "demo" if demo else "yahoo" if source is None else source


def checked(check: Callable[[Any], object], *, may_be_empty: bool = False) -> Callable[[Any], Any]:
    """A callback of an option: wherever its value is from, it is refused where `check` raises UsageError.

    None is "not asked for", and with `may_be_empty` the empty text is, too.
    """

    def callback(value: Any) -> Any:
        if value is not None and not (may_be_empty and value == ""):
            check(value)
        return value

    return callback


def at_least_a_second(interval: float) -> None:
    if interval < 1:
        raise UsageError(f"bad --interval {interval:g}s: use at least 1s")


def a_port(number: int) -> None:
    if not 0 <= number <= 65_535:
        raise UsageError(f"--port {number} is not from 0 to 65535")


def _level(name: str) -> None:
    import logging

    if name.upper() not in logging.getLevelNamesMapping():
        raise UsageError(f"unknown log level {name!r}: use debug, info, warning or error")


def _speed(text: str) -> None:
    from tickstream.core.playback import parse_speed

    parse_speed(text)


def _start(text: str) -> None:
    from tickstream.core.playback import parse_start

    parse_start(text)


def _rotation(text: str) -> None:
    from tickstream.sinks.tapefile import parse_rotation

    parse_rotation(text)


Json = Annotated[
    bool, typer.Option("--json", envvar="TICKSTREAM_JSON", help="One JSON object a line, for jq.")
]
Interval = Annotated[
    float | None,
    typer.Option(
        "--interval",
        parser=duration,
        callback=checked(at_least_a_second),
        envvar="TICKSTREAM_INTERVAL",
        metavar="TIME",
        help="How often, at least 1s; a tickstream server sends no more often than its own.  [default: 5s]",
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
        help=f"{HOW}.  [default: yahoo]",
    ),
]
ApiKey = Annotated[
    str | None,
    typer.Option(
        "--api-key",
        envvar="TICKSTREAM_API_KEY",
        metavar="KEY",
        help="For a tickstream server; better in the environment, as others see what is typed.",
    ),
]
Demo = Annotated[
    bool, typer.Option("--demo", envvar="TICKSTREAM_DEMO", help="Simulated prices, without network.")
]
Speed = Annotated[
    str | None,
    typer.Option(
        "--speed",
        callback=checked(_speed, may_be_empty=True),
        envvar="TICKSTREAM_SPEED",
        metavar="N",
        help="Play a tape so many times as fast, or max.",
    ),
]
Loop = Annotated[bool, typer.Option("--loop", envvar="TICKSTREAM_LOOP", help="Play a tape again and again.")]
From = Annotated[
    str | None,
    typer.Option(
        "--from",
        callback=checked(_start, may_be_empty=True),
        envvar="TICKSTREAM_FROM",
        metavar="TIME",
        help="Play a tape from 10:30 on, in UTC.",
    ),
]
Rotate = Annotated[
    str | None,
    typer.Option(
        "--rotate",
        callback=checked(_rotation, may_be_empty=True),
        envvar="TICKSTREAM_ROTATE",
        metavar="WHEN",
        help="Begin another tape: day (UTC), at a size, or both: day,100MB.",
    ),
]
Force = Annotated[
    bool,
    typer.Option("--force", envvar="TICKSTREAM_FORCE", help="Overwrite what is there, and is no tape too."),
]
Color = Annotated[
    bool, typer.Option("--no-color", envvar="TICKSTREAM_NO_COLOR", help="No colours; NO_COLOR does the same.")
]
Colors = Annotated[
    str | None,
    typer.Option(
        "--colors",
        envvar="TICKSTREAM_COLORS",
        metavar="NAME",
        help="Of what rises and falls: green-up, red-up, blue-orange, none.  [default: green-up]",
    ),
]
Ascii = Annotated[
    bool,
    typer.Option(
        "--ascii", envvar="TICKSTREAM_ASCII", help="ASCII alone; by itself where the locale has no more."
    ),
]
LogLevel = Annotated[
    str,
    typer.Option(
        "--log-level",
        callback=checked(_level),
        envvar="TICKSTREAM_LOG_LEVEL",
        metavar="LEVEL",
        help="What the libraries say on stderr: debug, info, warning, error.",
    ),
]
Debug = Annotated[bool, typer.Option("--debug", envvar="TICKSTREAM_DEBUG", help="Tracebacks for errors.")]
