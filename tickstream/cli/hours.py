"""`tickstream hours`: which markets are open, why, and until when."""

from __future__ import annotations

from typing import Annotated

import typer

from tickstream.cli.arguments import view_options
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

__all__ = ["hours"]


def hours(
    context: typer.Context,
    exchanges: Annotated[
        list[str] | None,
        typer.Argument(help="XLON, TSE, …; none is New York alone.", metavar="EXCHANGE"),
    ] = None,
    every: Annotated[bool, typer.Option("--all", envvar="TICKSTREAM_ALL", help="All exchanges.")] = False,
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
    """Which markets are open, why, and when that changes."""
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
    from tickstream.api.plans import hours_plan
    from tickstream.cli.run import run_async
    from tickstream.cli.viewing import run_view

    plan = hours_plan(exchanges or [], every=every)
    run_async(run_view(plan, options))
