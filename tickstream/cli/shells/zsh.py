"""Completion in zsh."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tickstream.cli.described import Command
from tickstream.cli.shells.parts import LISTS, arguments, flat, of_option, short

__all__ = ["script"]


def script(commands: Sequence[Command]) -> str:
    program, *rest = commands
    lines = [
        "#compdef tickstream",
        "# zsh completion of tickstream, written by `tickstream completion zsh`.",
        "",
        "_tickstream_of_command() {",
        '    case "$1" in',
    ]
    for command in (*rest, program):
        name = "*" if command is program else command.name
        lines += [
            f"    {name})",
            *_zsh_array(
                "options", ((name, option.help) for option in command.options for name in option.names)
            ),
            f"        arguments=({flat(_quoted(arguments(command)))}) ;;",
        ]
    lines += [
        "    esac",
        "}",
        "",
        "_tickstream_commands=(",
        *(f"    {_quote(f'{command.name}:{command.summary}')}" for command in rest),
        ")",
        "",
        *of_option(commands, lambda words: f"values=({flat(_quoted(words))})"),
        _ZSH,
    ]
    return "\n".join(lines)


_ZSH = r"""
_tickstream_values() {
    local one
    for one in "$@"; do
        case "$one" in
        '<files>') _files ;;
        '<symbols>') _tickstream_symbols ;;
        *) compadd -- "$one" ;;
        esac
    done
}

_tickstream_symbols() {
    local name says
    local -a names lines
    while IFS=$'\t' read -r name says; do
        names+=("$name") lines+=("$name  $says")
    done < <(tickstream completion symbols "${(Q)PREFIX}" 2>/dev/null)
    # In either case: what is typed need not be how it is written.
    compadd -U -l -d lines -- "${names[@]}"
}

_tickstream() {
    local command='' option='' i
    local -a options arguments values
    for ((i = 2; i < CURRENT; i++)); do
        case "${words[i]}" in
        -*) _tickstream_of_option "${words[i]}" && ((i++)) ;;
        *) command="${words[i]}" && break ;;
        esac
    done
    _tickstream_of_command "$command"
    if [[ $PREFIX == --*=* ]]; then
        option="${PREFIX%%=*}"
        compset -P '*='
    elif ((CURRENT > 2)); then
        option="${words[CURRENT-1]}"
    fi
    if [[ -n $option ]] && _tickstream_of_option "$option"; then
        case "$option" in _LISTS__) compset -P '*,' ;; esac
        _tickstream_values "${values[@]}"
    elif [[ $PREFIX == -* ]]; then
        _describe option options
    elif [[ -z $command ]]; then
        _describe command _tickstream_commands
    else
        _tickstream_values "${arguments[@]}"
    fi
}

if [[ $funcstack[1] == _tickstream ]]; then
    _tickstream "$@"
else
    compdef _tickstream tickstream
fi
""".replace("_LISTS__", "|".join(LISTS))


def _zsh_array(name: str, pairs: Iterator[tuple[str, str]]) -> Iterator[str]:
    yield f"        {name}=("
    for word, says in pairs:
        yield f"            {_quote(f'{word}:{short(says)}')}"
    yield "        )"


def _quote(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _quoted(words: Sequence[str]) -> Iterator[str]:
    return map(_quote, words)
