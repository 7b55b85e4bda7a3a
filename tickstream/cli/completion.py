"""`tickstream completion`: the script that makes a shell complete what is typed."""

from __future__ import annotations

from typing import Annotated

import typer

from tickstream.cli.arguments import check_stdout
from tickstream.cli.options import Debug
from tickstream.core.text import meant
from tickstream.errors import UsageError

__all__ = ["completion"]

_ALSO = {"ps1": "powershell", "pwsh": "powershell"}


def completion(
    context: typer.Context,
    shell: Annotated[str, typer.Argument(metavar="SHELL", help="bash, zsh, fish or powershell.")],
    debug: Debug = False,
) -> None:
    """Print the script that completes what is typed in a shell.

    bash:        tickstream completion bash > ~/.local/share/bash-completion/completions/tickstream

    zsh:         tickstream completion zsh > a directory of $fpath, as _tickstream

    fish:        tickstream completion fish > ~/.config/fish/completions/tickstream.fish

    PowerShell:  tickstream completion powershell >> $PROFILE
    """
    check_stdout()
    from tickstream.cli.described import described
    from tickstream.cli.shells.scripts import SHELLS

    name = _ALSO.get(shell.lower(), shell.lower())
    if name not in SHELLS:
        raise UsageError(f"no completion for {shell!r}: {meant(name, SHELLS)}there is {', '.join(SHELLS)}")
    typer.echo(SHELLS[name](described(context.find_root().command)), nl=False)
