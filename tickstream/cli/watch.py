"""`tickstream watch`: what was typed, checked and made an object before anything is touched."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from tickstream.cli.arguments import check_stdout, left_to_config, on_a_terminal, typed_in, typed_words
from tickstream.cli.configured import file_of, reread
from tickstream.cli.options import (
    Color,
    Count,
    Debug,
    Demo,
    For,
    Json,
    LogLevel,
    Once,
    SourceName,
    Timeout,
    WatchOptions,
    positive,
    source_name,
)
from tickstream.errors import BadConfig, UsageError

if TYPE_CHECKING:
    from tickstream.cli.watching import News
    from tickstream.core.config import Config

__all__ = ["watch"]


def watch(
    context: typer.Context,
    symbols: Annotated[
        list[str] | None,
        typer.Argument(help="AAPL BTC-USD …, @list; - reads them from stdin.", metavar="SYMBOL..."),
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
        int,
        typer.Option(
            "--max-symbols",
            min=1,
            max=10_000,
            envvar="TICKSTREAM_MAX_SYMBOLS",
            help="More are refused, up to 10,000.",
            metavar="N",
        ),
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

    from tickstream.cli.run import run_async, set_log_level
    from tickstream.cli.watching import run_watch

    set_log_level(log_level)
    config, words = file_of(context).config, typed_words(symbols or [])
    options = WatchOptions(
        symbols=_symbols(words, config, max_symbols),
        source=source_name(source, demo, typed),
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
        names=config.names,
        keys=config.keys,
    )
    free = left_to_config(context)

    def again(config: Config) -> WatchOptions:
        return _again(options, config, free, _symbols(words, config, max_symbols))

    live = form == "table" and not once
    run_async(run_watch(options, _news(context, again) if live else None))


def _symbols(words: list[str], config: Config, most: int) -> tuple[str, ...]:
    from tickstream.core.config import expand
    from tickstream.core.symbols import parse_symbols

    return parse_symbols(expand(words, config), most=most)


def _again(
    options: WatchOptions, config: Config, free: frozenset[str], symbols: tuple[str, ...]
) -> WatchOptions:
    """What is asked for now that the config file says this; what is typed, or in the environment, stays."""
    return replace(
        options,
        symbols=symbols,
        columns=config.columns if "columns" in free else options.columns,
        sort=(config.sort or None) if "sort" in free else options.sort,
        names=config.names,
    )


async def _news(context: typer.Context, again: Callable[[Config], WatchOptions]) -> News:
    """What is asked for after each change of the config file; where it is broken, nothing new, and why."""
    from tickstream.cli.configfile import changes

    async for file in changes(file_of(context), partial(reread, context)):
        asked, note = None, ""
        if isinstance(file, BadConfig):
            note = file.brief
        else:
            note = next((warning.brief for warning in file.warnings), "")
            try:
                asked = again(file.config)
            except UsageError as error:
                note = f"{file.path.name}: {error}"
        yield asked, note


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
