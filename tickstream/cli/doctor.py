"""`tickstream doctor`: is there a way to the data, and if not, where does it end, and what helps?"""

from __future__ import annotations

from typing import Annotated

import typer

from tickstream.cli.arguments import check_stdout, key_for, typed_in
from tickstream.cli.looks import look_of
from tickstream.cli.options import (
    ApiKey,
    Ascii,
    Color,
    Colors,
    Debug,
    Demo,
    Json,
    LogLevel,
    SourceName,
    source_name,
)

__all__ = ["doctor"]


def doctor(
    context: typer.Context,
    json: Json = False,
    source: SourceName = None,
    demo: Demo = False,
    api_key: ApiKey = None,
    redis_url: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            envvar=["TICKSTREAM_REDIS_URL", "REDIS_URL"],
            show_envvar=False,
            help="The Redis of tickstream serve, if there is one.",
        ),
    ] = None,
    no_color: Color = False,
    colors: Colors = None,
    in_ascii: Ascii = False,
    log_level: LogLevel = "error",
    debug: Debug = False,
) -> None:
    """Check the way to the data, step by step, and say what to do."""
    check_stdout()
    from tickstream.cli.examining import run_doctor
    from tickstream.cli.run import run_async, set_log_level

    set_log_level(log_level)
    typed = typed_in(context)
    name = source_name(source, demo, typed)
    look = look_of(colors, no_color, in_ascii, typed)
    run_async(run_doctor(name, key_for(name, api_key, typed), redis_url or "", json=json, look=look))
