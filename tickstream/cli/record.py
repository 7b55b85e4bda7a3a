"""`tickstream record`: what was typed, checked and made an object before anything is touched.

stdout stays empty; what is recorded, and where, is said on stderr.
"""

from __future__ import annotations

import os
from typing import Annotated

import typer

from tickstream.cli.arguments import key_for, playback_of, taping_of, typed_in, words_of
from tickstream.cli.options import (
    ApiKey,
    Count,
    Debug,
    Demo,
    For,
    Force,
    From,
    LogLevel,
    Loop,
    RecordOptions,
    Rotate,
    SourceName,
    Speed,
    Timeout,
    source_name,
)

__all__ = ["record"]


def record(
    context: typer.Context,
    file: Annotated[str, typer.Argument(help="The tape; .gz and .zst are packed.", metavar="FILE")],
    symbols: Annotated[
        list[str] | None, typer.Argument(help="AAPL BTC-USD …; - reads them from stdin.", metavar="SYMBOL")
    ] = None,
    rotate: Rotate = None,
    force: Force = False,
    count: Count = None,
    for_: For = None,
    timeout: Timeout = None,
    source: SourceName = None,
    demo: Demo = False,
    api_key: ApiKey = None,
    speed: Speed = None,
    loop: Loop = False,
    from_: From = None,
    max_symbols: Annotated[
        int, typer.Option("--max-symbols", min=1, max=10_000, envvar="TICKSTREAM_MAX_SYMBOLS", metavar="N")
    ] = 1000,
    log_level: LogLevel = "warning",
    debug: Debug = False,
) -> None:
    """Record pushes to a tape, for watch and serve --source FILE."""
    from tickstream.cli.recording import run_record
    from tickstream.cli.run import run_async, set_log_level
    from tickstream.core.symbols import is_symbol, parse_symbols
    from tickstream.errors import UsageError

    set_log_level(log_level)
    if is_symbol(file) and not file.isdigit() and "." not in file and not os.path.lexists(file):
        raise UsageError(
            f"{file} looks like a symbol, and the tape comes first, as in aapl.ndjson; ./{file} is a file"
        )
    typed = typed_in(context)
    name = source_name(source, demo, typed)
    options = RecordOptions(
        symbols=parse_symbols(words_of(context, symbols or []), most=max_symbols),
        source=name,
        key=key_for(name, api_key, typed),
        taping=taping_of(file, rotate, force=force),
        playback=playback_of(name, speed, loop, from_, typed),
        count=count,
        seconds=for_,
        timeout=timeout,
    )
    run_async(run_record(options))
