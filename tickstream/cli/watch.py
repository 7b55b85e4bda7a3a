"""`tickstream watch`: what was typed, checked and made an object before anything is touched."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from tickstream.cli.arguments import (
    check_stdout,
    key_for,
    left_to_config,
    playback_of,
    taping_of,
    typed_in,
    typed_words,
)
from tickstream.cli.configured import file_of, free_values, located, reread
from tickstream.cli.forms import check_form, printed_form, template_of
from tickstream.cli.options import (
    ApiKey,
    Ascii,
    Color,
    Colors,
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
    checked,
    frames_a_second,
    source_name,
)
from tickstream.errors import BadConfig, UsageError

if TYPE_CHECKING:
    from tickstream.cli.tabling import News
    from tickstream.core.config import Config

__all__ = ["watch"]


def _frames(number: float) -> None:
    if not 0.5 <= number <= 60:
        raise UsageError(f"bad --fps {number:g}: use 0.5 to 60")


def _alert(text: str) -> None:
    from tickstream.core.alerts import parse_alert

    parse_alert(text)


def _ways(text: str) -> None:
    from tickstream.cli.alerting import ways_of

    ways_of(text)


def _currency(text: str) -> None:
    from tickstream.core.money import parse_currency

    parse_currency(text)


def watch(
    context: typer.Context,
    symbols: Annotated[
        list[str] | None,
        typer.Argument(help="AAPL BTC-USD …, @list; - reads them from stdin.", metavar="SYMBOL"),
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
    api_key: ApiKey = None,
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
    format_: Annotated[
        str | None,
        typer.Option(
            "--format",
            callback=checked(template_of, may_be_empty=True),
            envvar="TICKSTREAM_FORMAT",
            help="A line a push, as in '{id} {price}'; or one for a bar: line, tmux, waybar, polybar, "
            "i3blocks, i3bar; a bar's item follows a colon.",
            metavar="TEMPLATE",
        ),
    ] = None,
    alert: Annotated[
        list[str] | None,
        typer.Option(
            "--alert",
            help="'AAPL>200', 'TSLA±3%', 'NVDA 2% in 5m', 'AAPL day-high', 'AAPL stale 60s'; may be "
            "repeated.  [env var: TICKSTREAM_ALERT, separated by ;]",
            metavar="ALERT",
        ),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(
            "--until",
            callback=checked(_alert, may_be_empty=True),
            envvar="TICKSTREAM_UNTIL",
            help="End with 0 when this alert comes true.",
            metavar="ALERT",
        ),
    ] = None,
    on_alert: Annotated[
        str | None,
        typer.Option(
            "--on-alert",
            envvar="TICKSTREAM_ON_ALERT",
            help="Run this for each alert, without a shell: the tick is JSON on its stdin, and "
            "TICKSTREAM_ALERT, TICKSTREAM_ID, TICKSTREAM_PRICE, … in its environment.",
            metavar="COMMAND",
        ),
    ] = None,
    notify: Annotated[
        str | None,
        typer.Option(
            "--notify",
            callback=checked(_ways, may_be_empty=True),
            envvar="TICKSTREAM_NOTIFY",
            help="How a person is told: bell, terminal, desktop, none.  [default: bell,terminal]",
            metavar="WAYS",
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
            parser=frames_a_second,
            callback=checked(_frames),
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
    position: Annotated[
        list[str] | None,
        typer.Option(
            "--position",
            envvar="TICKSTREAM_POSITION",
            help="What you hold: SYMBOL=QUANTITY@COST; once for each lot, below 0 for what is short.",
            metavar="LOT",
        ),
    ] = None,
    currency: Annotated[
        str | None,
        typer.Option(
            "--currency",
            callback=checked(_currency, may_be_empty=True),
            envvar="TICKSTREAM_CURRENCY",
            help="Of the sums of positions; without it the one that all share, else USD.",
            metavar="CODE",
        ),
    ] = None,
    screen_reader: Annotated[
        bool,
        typer.Option(
            "--screen-reader",
            envvar="TICKSTREAM_SCREEN_READER",
            help="A line of words for a change, now and then; nothing on the screen moves.",
        ),
    ] = False,
    no_color: Color = False,
    colors: Colors = None,
    in_ascii: Ascii = False,
    log_level: LogLevel = "warning",
    debug: Debug = False,
) -> None:
    """Watch live prices: a table, or lines down a pipe."""
    check_stdout()
    typed = typed_in(context)
    once = once and ("once" in typed or "count" not in typed)
    words = screen_reader and (not once or "screen_reader" in typed)
    form = printed_form({"json": json, "csv": csv, "format": bool(format_), "screen_reader": words}, typed)
    check_form(form, typed, once=once)
    if record is None and (named := typed & {"rotate", "force"}):
        raise UsageError(f"--{sorted(named)[0]} goes with --record FILE")

    from tickstream.cli.asked import Asked, Typed
    from tickstream.cli.run import run_async, set_log_level
    from tickstream.cli.watching import run_watch

    set_log_level(log_level)
    name, config = source_name(source, demo, typed), file_of(context).config
    form, text = (form, "") if form != "format" else template_of(format_ or "")
    fixed = WatchOptions(
        symbols=(),
        source=name,
        key=key_for(name, api_key, typed),
        playback=playback_of(name, speed, loop, from_, typed),
        taping=None if record is None else taping_of(record, rotate, force=force),
        form=form,
        format=text,
        fps=fps or 10.0,
        events=events and form == "json",
        count=count,
        seconds=for_,
        timeout=timeout or (10.0 if once else None),
        once=once,
        config_path=str(file_of(context).path),
    )
    asked = Asked(
        columns=columns,
        sort=sort,
        colors=colors,
        no_color=no_color,
        in_ascii=in_ascii,
        alert=alert,
        until=None if once else until,  # one of the environment or the file: a snapshot ends by itself
        on_alert=on_alert,
        notify=notify,
        position=position,
        currency=currency,
    )
    stays = Typed(
        words=typed_words(symbols or []), most=max_symbols, options=typed, free=left_to_config(context)
    )
    options = asked.laid_over(fixed, stays, config)
    if not options.alerting.alerts and (unused := typed & {"on_alert", "notify"}):
        raise UsageError(
            f"--{min(unused).replace('_', '-')} tells of alerts: add --alert 'AAPL>200' or the like"
        )

    def again(config: Config) -> WatchOptions:
        return asked.but(free_values(context, config)).laid_over(fixed, stays, config)

    live = form == "table" and not once
    run_async(run_watch(options, _news(context, again) if live else None))


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
                error = located(context, error, file)
                note = error.brief if isinstance(error, BadConfig) else f"{file.path.name}: {error}"
        yield asked, note
