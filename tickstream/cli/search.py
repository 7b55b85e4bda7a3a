"""`tickstream search`: find the symbol of what one knows by name, ISIN or a part of either."""

from __future__ import annotations

from typing import Annotated

import typer

from tickstream.cli.arguments import check_stdout, typed_in
from tickstream.cli.options import Debug, Demo, Json, LogLevel, SourceName, Timeout, source_name
from tickstream.core.text import clean
from tickstream.errors import UsageError

__all__ = ["search"]


def search(
    context: typer.Context,
    text: Annotated[list[str], typer.Argument(help="A name, a part of it, or an ISIN.", metavar="TEXT")],
    json: Json = False,
    timeout: Timeout = None,
    source: SourceName = None,
    demo: Demo = False,
    log_level: LogLevel = "warning",
    debug: Debug = False,
) -> None:
    """Find a symbol."""
    wanted = clean(" ".join(text)).strip()
    if not wanted:
        raise UsageError("nothing to search for: give a name, a part of it, or an ISIN")
    check_stdout()
    from tickstream.cli.run import run_async, set_log_level
    from tickstream.cli.searching import run_search

    set_log_level(log_level)
    name = source_name(source, demo, typed_in(context))
    run_async(run_search(wanted, name, json=json, seconds=timeout or 10.0))
