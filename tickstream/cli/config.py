"""`tickstream config`: where the config file is, whether it is valid, and a way to begin and to change it."""

from __future__ import annotations

from typing import Annotated

import typer

from tickstream.cli.arguments import check_stdout
from tickstream.cli.options import Debug
from tickstream.errors import UsageError

__all__ = ["config"]


def config(
    context: typer.Context,
    file: Annotated[
        str | None,
        typer.Option("--config", metavar="FILE", envvar="TICKSTREAM_CONFIG", help="Another file."),
    ] = None,
    init: Annotated[
        bool, typer.Option("--init", help="Write one with every key there is, commented out.")
    ] = False,
    edit: Annotated[
        bool, typer.Option("--edit", help="Open it in $VISUAL or $EDITOR, then check it.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Say all that is wrong with it; 2 if it cannot be used.")
    ] = False,
    debug: Debug = False,
) -> None:
    """Print where the config file is, and whether it is valid."""
    check_stdout()
    if init + edit + check > 1:
        raise UsageError("--init, --edit and --check are three things to do: give one of them")
    from tickstream.cli.configuring import begin_config, check_file, edit_config, show_config

    if init:
        begin_config(context, file)
    elif edit:
        edit_config(context, file)
    elif check:
        check_file(context, file)
    else:
        show_config(context, file)
