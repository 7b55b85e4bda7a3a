"""`tickstream quotes`: the quotes of some symbols, every few seconds."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from tickstream.cli.arguments import view_options, words_of
from tickstream.cli.options import (
    ApiKey,
    Ascii,
    Color,
    Colors,
    Count,
    Debug,
    Demo,
    For,
    Interval,
    Json,
    LogLevel,
    Once,
    SourceName,
    Timeout,
    ViewOptions,
)
from tickstream.errors import UsageError

__all__ = ["quotes"]


def quotes(
    context: typer.Context,
    symbols: Annotated[
        list[str] | None,
        typer.Argument(help="AAPL BTC-USD …, @list; - reads them from stdin.", metavar="SYMBOL"),
    ] = None,
    json: Json = False,
    once: Once = False,
    interval: Interval = None,
    count: Count = None,
    for_: For = None,
    timeout: Timeout = None,
    source: SourceName = None,
    demo: Demo = False,
    api_key: ApiKey = None,
    no_color: Color = False,
    colors: Colors = None,
    in_ascii: Ascii = False,
    log_level: LogLevel = "warning",
    debug: Debug = False,
) -> None:
    """Quotes of symbols, every 5 s: a table, or JSON."""
    options = view_options(
        context,
        json=json,
        once=once,
        interval=interval,
        count=count,
        for_=for_,
        timeout=timeout,
        source=source,
        demo=demo,
        api_key=api_key,
        no_color=no_color,
        colors=colors,
        in_ascii=in_ascii,
        log_level=log_level,
    )
    from tickstream.api.plans import quotes_plan
    from tickstream.cli.run import run_async
    from tickstream.cli.viewing import run_view
    from tickstream.sources.tape import is_tape

    if is_tape(options.source):
        options = _of_a_tape(options)
    screen = options.form != "json"
    plan = quotes_plan(words_of(context, symbols or []), screen=screen)
    run_async(run_view(plan, options))


def _of_a_tape(options: ViewOptions) -> ViewOptions:
    """What a tape says last is one document, however long it takes to find."""
    if options.count is not None and options.count > 1:
        raise UsageError("of a tape there is one document: leave out --count")
    return replace(options, once=True, timeout=options.timeout or 3600.0)
