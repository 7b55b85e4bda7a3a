"""`tickstream watch`: what was typed, checked and made an object before anything is touched."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from tickstream.cli.arguments import (
    check_stdout,
    on_a_terminal,
    playback_of,
    taping_of,
    typed_in,
    words_of,
)
from tickstream.cli.options import (
    Color,
    Count,
    Debug,
    Demo,
    For,
    Force,
    From,
    Json,
    LogLevel,
    Loop,
    Once,
    Rotate,
    SourceName,
    Speed,
    Timeout,
    WatchOptions,
    positive,
    source_name,
)
from tickstream.errors import UsageError

__all__ = ["watch"]


def watch(
    context: typer.Context,
    symbols: Annotated[
        list[str] | None, typer.Argument(help="AAPL BTC-USD …; - reads them from stdin.", metavar="SYMBOL...")
    ] = None,
    json: Json = False,
    csv: Annotated[bool, typer.Option("--csv", envvar="TICKSTREAM_CSV", help="CSV, with a header.")] = False,
    events: Annotated[
        bool,
        typer.Option("--events", envvar="TICKSTREAM_EVENTS", help="With --json: gaps, drops and states too."),
    ] = False,
    once: Once = False,
    count: Count = None,
    for_: For = None,
    timeout: Timeout = None,
    source: SourceName = None,
    demo: Demo = False,
    speed: Speed = None,
    loop: Loop = False,
    from_: From = None,
    record: Annotated[
        str | None,
        typer.Option(
            "--record",
            envvar="TICKSTREAM_RECORD",
            metavar="FILE",
            help="Write a tape of it too; .gz and .zst are packed.",
        ),
    ] = None,
    rotate: Rotate = None,
    force: Force = False,
    columns: Annotated[
        str | None,
        typer.Option(
            "--columns",
            envvar="TICKSTREAM_COLUMNS",
            help="Columns of the table or of --csv: last,chg%,…",
            metavar="NAMES",
        ),
    ] = None,
    sort: Annotated[
        str | None,
        typer.Option(
            "--sort",
            envvar="TICKSTREAM_SORT",
            help="Sort the table: chg%, symbol, last:asc, …",
            metavar="COLUMN",
        ),
    ] = None,
    fps: Annotated[
        float | None,
        typer.Option(
            "--fps",
            parser=positive,
            envvar="TICKSTREAM_FPS",
            help="Frames a second, at most 60.  [default: 10]",
            metavar="N",
        ),
    ] = None,
    max_symbols: Annotated[
        int, typer.Option("--max-symbols", min=1, max=10_000, envvar="TICKSTREAM_MAX_SYMBOLS", metavar="N")
    ] = 1000,
    no_color: Color = False,
    log_level: LogLevel = "warning",
    debug: Debug = False,
) -> None:
    """Watch live prices: a table, or lines when stdout is not a terminal."""
    check_stdout()
    typed = typed_in(context)
    once = once and ("once" in typed or "count" not in typed)
    form = _form(json, csv, typed)
    _check_options(form, typed, fps, once=once)
    if record is None and (named := typed & {"rotate", "force"}):
        raise UsageError(f"--{sorted(named)[0]} goes with --record FILE")

    from tickstream.cli.run import run_async, set_log_level
    from tickstream.cli.watching import run_watch
    from tickstream.core.symbols import parse_symbols

    set_log_level(log_level)
    name = source_name(source, demo, typed)
    options = WatchOptions(
        symbols=parse_symbols(words_of(symbols or []), most=max_symbols),
        source=name,
        playback=playback_of(name, speed, loop, from_, typed),
        taping=None if record is None else taping_of(record, rotate, force=force),
        form=form,
        columns=_columns(columns, form, "columns" in typed),
        sort=sort,
        fps=fps or 10.0,
        events=events and form == "json",
        count=count,
        seconds=for_,
        timeout=timeout or (10.0 if once else None),
        once=once,
        color=not no_color and not os.environ.get("NO_COLOR"),
    )
    run_async(run_watch(options))


def _form(json: bool, csv: bool, typed: frozenset[str]) -> str:
    """What is printed; what is typed wins over the environment."""
    if json and csv and ("json" in typed) == ("csv" in typed):
        raise UsageError("--json and --csv are two formats: give one of them")
    if json or csv:
        return "json" if json and not (csv and "csv" in typed) else "csv"
    return "table" if on_a_terminal() else "plain"


def _check_options(form: str, typed: frozenset[str], fps: float | None, *, once: bool) -> None:
    """Refuse what was typed and would be ignored; the environment is for other commands too."""
    for name in ("sort", "fps"):
        if form != "table" and name in typed:
            raise UsageError(f"--{name} is for the table, and this prints lines: leave it out")
    if form in ("json", "plain") and "columns" in typed:
        raise UsageError("--columns is for the table and for --csv: leave it out, or add --csv")
    if form != "json" and "events" in typed:
        raise UsageError("--events goes with --json: events are objects among the ticks")
    if once and "count" in typed:
        raise UsageError("--once prints a row a symbol, --count so many pushes: give one of them")
    if fps is not None and not 0.5 <= fps <= 60:
        raise UsageError(f"bad --fps {fps:g}: use 0.5 to 60")


def _columns(text: str | None, form: str, typed: bool) -> tuple[str, ...]:
    """The names of columns, each once; from the environment only those that the format has."""
    names = dict.fromkeys(name.strip() for name in (text or "").split(",") if name.strip())
    if text and not names:
        raise UsageError("--columns names none: use symbol,last,chg% or the like")
    if form == "csv":
        from tickstream.core.columns import COLUMNS, csv_fields

        if not typed:
            names = {name: None for name in names if name not in COLUMNS or COLUMNS[name].field}
        return tuple(dict.fromkeys(csv_fields(tuple(names))))
    return tuple(names) if form == "table" else ()
