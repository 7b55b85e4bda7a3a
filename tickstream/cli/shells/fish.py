"""Completion in fish."""

from __future__ import annotations

from collections.abc import Sequence

from tickstream.cli.described import FILES, SYMBOLS, Command, Parameter
from tickstream.cli.shells.parts import LISTS, flat, short

__all__ = ["script"]


def script(commands: Sequence[Command]) -> str:
    program, *rest = commands
    lines = ["# fish completion of tickstream, written by `tickstream completion fish`.", _FISH]
    unsaid = "complete -c tickstream -n __fish_use_subcommand -a"
    lines += [f"{unsaid} {command.name} -d {_quote(command.summary)}" for command in rest]
    for command in commands:
        where = (
            "__fish_use_subcommand" if command is program else f"__fish_seen_subcommand_from {command.name}"
        )
        begin = f"complete -c tickstream -n '{where}'"
        lines += [
            f"{begin}{_names(option)}{_value(option)} -d {_quote(short(option.help))}"
            for option in command.options
        ]
        lines += [f"{begin}{_words(argument.words)}" for argument in command.arguments if argument.words]
    return "\n".join((*lines, ""))


def _names(option: Parameter) -> str:
    return "".join(f" -l {name[2:]}" if name.startswith("--") else f" -s {name[1:]}" for name in option.names)


def _value(option: Parameter) -> str:
    if not option.value:
        return ""
    if option.names[0] in LISTS:
        return f" -r -a {_quote(f'(__tickstream_list {flat(option.words)})')}"
    return f" -r{_words(option.words)}"


def _words(words: Sequence[str]) -> str:
    said = [word for word in words if word not in (FILES, SYMBOLS)]
    if SYMBOLS in words:
        said.append("(tickstream completion symbols (commandline -ct))")
    return (f" -a {_quote(' '.join(said))}" if said else "") + (" -F" if FILES in words else "")


_FISH = r"""
function __tickstream_list
    set -l before (commandline -ct | string replace -r '^--[^=]*=' '' | string match -r '^.*,')
    for word in $argv
        echo "$before$word"
    end
end

complete -c tickstream -f"""


def _quote(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
