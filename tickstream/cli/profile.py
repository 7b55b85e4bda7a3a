"""`tickstream profile`: one symbol and what is around it, every few seconds."""

from __future__ import annotations

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
)

__all__ = ["profile"]


def profile(
    context: typer.Context,
    symbol: Annotated[str, typer.Argument(help="AAPL, BTC-USD, …", metavar="SYMBOL")],
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
    """One symbol, every 5 s: quote, peers, sector and news."""
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
    from tickstream.api.plans import profile_plan
    from tickstream.cli.run import run_async
    from tickstream.cli.viewing import run_view

    screen = options.form != "json"
    plan = profile_plan(" ".join(words_of(context, [symbol])), screen=screen)
    run_async(run_view(plan, options))
