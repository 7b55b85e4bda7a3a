"""What was typed, and where it goes: asked for by every command, before anything is touched."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import typer

from tickstream.cli.configured import file_of
from tickstream.cli.looks import look_of
from tickstream.cli.options import Taping, ViewOptions, source_name
from tickstream.errors import OutputError, UsageError

if TYPE_CHECKING:
    from tickstream.core.playback import Playback

__all__ = [
    "check_stdout",
    "key_for",
    "left_to_config",
    "on_a_terminal",
    "playback_of",
    "taping_of",
    "typed_in",
    "typed_words",
    "view_options",
    "words_of",
]

_MOST_BYTES = 1 << 20


def check_stdout() -> None:
    """Raise OutputError where stdout is closed: found out before a socket gets its number."""
    if sys.stdout is None:
        raise OutputError("cannot write: stdout is closed")


def on_a_terminal() -> bool:
    """Whether stdout is a terminal that can be drawn on."""
    return sys.stdout.isatty() and os.environ.get("TERM", "") not in ("", "dumb")


def typed_in(context: typer.Context) -> frozenset[str]:
    """The options that were typed, rather than set for all commands by the environment or the file."""
    return _from(context, "COMMANDLINE")


def left_to_config(context: typer.Context) -> frozenset[str]:
    """The options that the config file gives, or would if it said something else."""
    return _from(context, "DEFAULT_MAP", "DEFAULT")


def _from(context: typer.Context, *places: str) -> frozenset[str]:
    sources = {name: context.get_parameter_source(name) for name in context.params}
    return frozenset(name for name, source in sources.items() if source and source.name in places)


def key_for(source: str, key: str | None, typed: frozenset[str]) -> str:
    """The key for `source`; what is in the environment is for tickstream servers alone."""
    from tickstream.sources import check_key, kind_of
    from tickstream.sources.remote import server_of

    given = "api_key" in typed
    if not key or (not given and not kind_of(source).has_keys):
        return ""
    check_key(source, key)
    address = server_of(source, key)
    if given:
        _warn("--api-key can be seen by others in the list of processes: set TICKSTREAM_API_KEY instead")
    if address is not None and not address.is_private:
        _warn(f"the key goes to {source} where others can read it: use wss://")
    return key


def _warn(text: str) -> None:
    typer.echo(f"tickstream: {text}", err=True)


def words_of(context: typer.Context, symbols: list[str]) -> list[str]:
    """The symbols that were named, with the lists and aliases of the config file; for `-` those on stdin."""
    from tickstream.core.config import expand

    return expand(typed_words(symbols), file_of(context).config)


def typed_words(symbols: list[str]) -> list[str]:
    """What was named as it was typed, `@list` and all; for `-` what stands on stdin, but for # and after."""
    if "-" not in symbols:
        return symbols
    if sys.stdin is None:
        raise UsageError("cannot read symbols from stdin: it is closed")
    data = sys.stdin.buffer.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise UsageError(f"more than {_MOST_BYTES:,} bytes of symbols on stdin: name fewer")
    lines = data.decode("utf-8", "replace").splitlines()
    read = [word for line in lines for word in line.partition("#")[0].split()]
    return [word for symbol in symbols for word in (read if symbol == "-" else [symbol])]


def playback_of(
    source: str, speed: str | None, loop: bool, begin: str | None, typed: frozenset[str]
) -> Playback | None:
    """How a tape is played; None where the source is none, and then none of this may have been typed."""
    from tickstream.core.playback import Playback, parse_speed, parse_start
    from tickstream.sources import kind_of

    if not kind_of(source).is_played:
        if named := typed & {"speed", "loop", "from_"}:
            name = sorted(named)[0].rstrip("_")
            raise UsageError(f"--{name} is for a tape: name one with --source FILE, or leave it out")
        return None
    return Playback(parse_speed(speed or "1"), loop, parse_start(begin) if begin else None)


def taping_of(path: str, rotate: str | None, *, force: bool) -> Taping:
    """The tape that is to be written."""
    from tickstream.sinks.tapefile import Rotation, parse_rotation

    if not path:
        raise UsageError("no file to record to: name one, as in aapl.ndjson, or aapl.ndjson.gz")
    return Taping(path, parse_rotation(rotate) if rotate else Rotation(), force)


def view_options(
    context: typer.Context,
    *,
    json: bool = False,
    once: bool = False,
    interval: float | None = None,
    count: int | None = None,
    for_: float | None = None,
    timeout: float | None = None,
    source: str | None = None,
    demo: bool = False,
    api_key: str | None = None,
    no_color: bool = False,
    colors: str | None = None,
    in_ascii: bool = False,
    log_level: str = "warning",
) -> ViewOptions:
    """What the options that all polled views share ask for, checked."""
    check_stdout()
    typed = typed_in(context)
    once = once and ("once" in typed or "count" not in typed)
    if once and "count" in typed:
        raise UsageError("--once prints one document, --count so many: give one of them")
    from tickstream.cli.run import set_log_level

    set_log_level(log_level)
    name = source_name(source, demo, typed)
    config = file_of(context).config
    return ViewOptions(
        source=name,
        key=key_for(name, api_key, typed),
        form="json" if json else "table" if on_a_terminal() else "plain",
        interval=interval or 5.0,
        count=count,
        seconds=for_,
        timeout=timeout or (10.0 if once else None),
        once=once,
        look=look_of(colors, no_color, in_ascii, typed),
        names=config.names,
        keys=config.keys,
    )
