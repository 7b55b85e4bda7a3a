"""Every shell that has a completion script, which is written from the commands as data (cli/described).

All that is known beforehand stands in the script, so that nothing is started
to complete it. Symbols alone are asked for: `tickstream completion symbols AA`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from tickstream.cli.described import Command
from tickstream.cli.shells import bash, fish, powershell, zsh

__all__ = ["SHELLS"]

SHELLS: Mapping[str, Callable[[Sequence[Command]], str]] = {
    "bash": bash.script,
    "zsh": zsh.script,
    "fish": fish.script,
    "powershell": powershell.script,
}
"""What writes the script of a shell."""
