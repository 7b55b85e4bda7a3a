"""The commands and their options as plain data: what completions and the man page are written from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from tickstream.core.bars import BARS
from tickstream.core.colors import COLORS
from tickstream.core.columns import COLUMNS
from tickstream.core.exchanges import EXCHANGES
from tickstream.core.order import NAMES

__all__ = ["FILES", "SYMBOLS", "Command", "Parameter", "described"]

FILES = "<files>"
"""What only the shell knows."""
SYMBOLS = "<symbols>"
"""What only the config file and the symbols seen lately do."""

_WORDS: Mapping[str, tuple[str, ...]] = {
    "--alert": (SYMBOLS,),
    "--colors": COLORS,
    "--columns": tuple(COLUMNS),
    "--format": tuple(BARS),
    "--log-level": ("debug", "info", "warning", "error"),
    "--notify": ("bell", "terminal", "desktop", "none"),
    "--position": (SYMBOLS,),
    "--session": ("real", "pre", "regular", "post", "overnight", "closed"),
    "--sort": tuple(NAMES),
    "--source": ("yahoo", "demo", FILES),
    "--speed": ("max",),
    "--until": (SYMBOLS,),
    "EXCHANGE": tuple(EXCHANGES),
    "SHELL": ("bash", "zsh", "fish", "powershell"),
    "FILE": (FILES,),
    "SYMBOL": (SYMBOLS,),
}
"""What can stand as the value of an option, or of any parameter whose value is called so."""


class Parameter(NamedTuple):
    """An option (`names` begin with -) or an argument, which has no name and is called by its `value`."""

    names: tuple[str, ...]
    value: str
    """What its value is called in the help, empty for a flag."""
    help: str
    words: tuple[str, ...]
    many: bool = False
    """Whether it can be given several times."""
    environment: str = ""
    default: str = ""


class Command(NamedTuple):
    """A command of the program, or the program itself."""

    name: str
    summary: str
    help: str
    options: tuple[Parameter, ...]
    arguments: tuple[Parameter, ...]


def described(group: Any) -> tuple[Command, ...]:
    """All commands of `context.find_root().command`, in the order of the help; the program is the first."""
    whole = _command("tickstream", group)
    return (
        whole,
        *(_command(name, command) for name, command in group.commands.items() if not command.hidden),
    )


def _command(name: str, command: Any) -> Command:
    parameters = [_parameter(parameter, command) for parameter in command.params if not _hidden(parameter)]
    parameters.append(Parameter(("-h", "--help"), "", "Show this message and exit.", ()))
    return Command(
        name,
        command.get_short_help_str(200),
        command.help or "",
        tuple(parameter for parameter in parameters if parameter.names),
        tuple(parameter for parameter in parameters if not parameter.names),
    )


def _hidden(parameter: Any) -> bool:
    return bool(getattr(parameter, "hidden", False))


def _parameter(parameter: Any, command: Any) -> Parameter:
    is_option = any(name.startswith("-") for name in parameter.opts)
    names = (*parameter.opts, *parameter.secondary_opts) if is_option else ()
    value = (
        ""
        if getattr(parameter, "is_flag", False)
        else str(parameter.metavar or parameter.name.upper()).strip("[].")
    )
    default = parameter.default
    return Parameter(
        tuple(names),
        value if is_option else value.upper(),
        parameter.help or "",
        next((_WORDS[key] for key in (*names, value.upper()) if key in _WORDS), ()),
        many=parameter.multiple or parameter.nargs == -1,
        environment=parameter.envvar if isinstance(parameter.envvar, str) else "",
        default=""
        if default is None or callable(default) or isinstance(default, (bool, list))
        else str(default),
    )
