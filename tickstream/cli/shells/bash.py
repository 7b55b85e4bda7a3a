"""Completion in bash."""

from __future__ import annotations

from collections.abc import Sequence

from tickstream.cli.described import Command
from tickstream.cli.shells.parts import LISTS, arguments, flags, flat, of_option

__all__ = ["script"]


def script(commands: Sequence[Command]) -> str:
    program, *rest = commands
    lines = [
        "# bash completion of tickstream, written by `tickstream completion bash`.",
        "",
        "_tickstream_of_command() {",
        '    case "$1" in',
    ]
    for command in rest:
        words = f"options='{flat(flags(command))}' arguments='{flat(arguments(command))}'"
        lines.append(f"    {command.name}) {words} ;;")
    lines += [
        f"    *) options='{flat(flags(program))}' arguments='{flat(command.name for command in rest)}' ;;",
        "    esac",
        "}",
        "",
        *of_option(commands, lambda words: f"words='{flat(words)}'"),
        _BASH,
    ]
    return "\n".join(lines)


_BASH = r"""
_tickstream() {
    local line="${COMP_LINE:0:COMP_POINT}" word before i option='' command='' options='' arguments='' words=''
    local -a typed=()
    read -r -a typed <<<"$line"
    case "$line" in *[[:space:]]) typed+=('') ;; esac
    word="${typed[${#typed[@]} - 1]}"
    # The command is the first word that is neither an option nor the value of one.
    for ((i = 1; i < ${#typed[@]} - 1; i++)); do
        case "${typed[i]}" in
        -*) _tickstream_of_option "${typed[i]}" && ((i++)) ;;
        *) command="${typed[i]}" && break ;;
        esac
    done
    words=''
    before=''
    if [[ $word == --*=* ]]; then
        before="${word%%=*}="
        option="${word%%=*}"
    elif ((${#typed[@]} > 2)); then
        option="${typed[${#typed[@]} - 2]}"
    fi
    _tickstream_of_command "$command"
    if [[ -n $option ]] && _tickstream_of_option "$option"; then
        word="${word#"$before"}"
        case "$option" in _LISTS__)
            case "$word" in *,*) before="$before${word%,*}," word="${word##*,}" ;; esac ;;
        esac
    elif [[ $word == -* ]]; then
        before='' words="$options"
    else
        before='' words="$arguments"
    fi
    _tickstream_reply "$word" "$before" "$words"
}

_tickstream_reply() {
    local word="$1" before="$2" one found head=''
    COMPREPLY=()
    for one in $3; do
        case "$one" in
        '<files>')
            compopt -o filenames 2>/dev/null
            while IFS= read -r found; do COMPREPLY+=("$before$found"); done < <(compgen -f -- "$word") ;;
        '<symbols>')
            while IFS=$'\t' read -r found _; do COMPREPLY+=("$before$found"); done \
                < <(tickstream completion symbols "$word" 2>/dev/null) ;;
        "$word"*) COMPREPLY+=("$before$one") ;;
        esac
    done
    # readline replaces only what stands behind the last of its word breaks, as =; one @ it takes with it.
    local breaks="${COMP_WORDBREAKS//@/}" i
    word="$before$word"
    for ((i = ${#word}; i > 0; i--)); do
        case "$breaks" in *"${word:i-1:1}"*) head="${word:0:i}" && break ;; esac
    done
    [[ -z $head ]] || COMPREPLY=("${COMPREPLY[@]#"$head"}")
}

complete -F _tickstream tickstream
""".replace("_LISTS__", "|".join(LISTS))
