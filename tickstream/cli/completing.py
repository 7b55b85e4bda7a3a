"""The completion scripts of the shells, written from the commands as data (cli/described).

All that is known beforehand stands in the script, so that nothing is started
to complete it. Symbols alone are asked for: `tickstream completion symbols AA`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from tickstream.cli.described import FILES, SYMBOLS, Command, Parameter, described

__all__ = ["SHELLS", "script"]

_LISTS = ("--columns", "--notify")
"""Options whose value is a list with commas."""


def script(shell: str, group: Any) -> str:
    """The completion script for a shell, one of `SHELLS`, of the program that `group` is for typer."""
    return SHELLS[shell](described(group))


def _bash(commands: Sequence[Command]) -> str:
    program, *rest = commands
    lines = [
        "# bash completion of tickstream, written by `tickstream completion bash`.",
        "",
        "_tickstream_of_command() {",
        '    case "$1" in',
    ]
    for command in rest:
        options, arguments = _flat(_flags(command)), _flat(_arguments(command))
        lines.append(f"    {command.name}) options='{options}' arguments='{arguments}' ;;")
    lines += [
        f"    *) options='{_flat(_flags(program))}' arguments='{_flat(command.name for command in rest)}' ;;",
        "    esac",
        "}",
        "",
        *_of_option(commands, lambda words: f"words='{_flat(words)}'"),
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
        case "$option" in __LISTS__)
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
""".replace("__LISTS__", "|".join(_LISTS))


def _zsh(commands: Sequence[Command]) -> str:
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
            f"        arguments=({_flat(_quoted(_arguments(command)))}) ;;",
        ]
    lines += [
        "    esac",
        "}",
        "",
        "_tickstream_commands=(",
        *(f"    {_quote(f'{command.name}:{command.summary}')}" for command in rest),
        ")",
        "",
        *_of_option(commands, lambda words: f"values=({_flat(_quoted(words))})"),
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
        case "$option" in __LISTS__) compset -P '*,' ;; esac
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
""".replace("__LISTS__", "|".join(_LISTS))


def _zsh_array(name: str, pairs: Iterator[tuple[str, str]]) -> Iterator[str]:
    yield f"        {name}=("
    for word, says in pairs:
        yield f"            {_quote(f'{word}:{_short(says)}')}"
    yield "        )"


def _fish(commands: Sequence[Command]) -> str:
    program, *rest = commands
    lines = ["# fish completion of tickstream, written by `tickstream completion fish`.", _FISH]
    unsaid = "complete -c tickstream -n __fish_use_subcommand -a"
    lines += [f"{unsaid} {command.name} -d {_fish_quote(command.summary)}" for command in rest]
    for command in commands:
        where = (
            "__fish_use_subcommand" if command is program else f"__fish_seen_subcommand_from {command.name}"
        )
        begin = f"complete -c tickstream -n '{where}'"
        lines += [
            f"{begin}{_fish_names(option)}{_fish_value(option)} -d {_fish_quote(_short(option.help))}"
            for option in command.options
        ]
        lines += [f"{begin}{_fish_words(argument.words)}" for argument in command.arguments if argument.words]
    return "\n".join((*lines, ""))


def _fish_names(option: Parameter) -> str:
    return "".join(f" -l {name[2:]}" if name.startswith("--") else f" -s {name[1:]}" for name in option.names)


def _fish_value(option: Parameter) -> str:
    if not option.value:
        return ""
    if option.names[0] in _LISTS:
        return f" -r -a {_fish_quote(f'(__tickstream_list {_flat(option.words)})')}"
    return f" -r{_fish_words(option.words)}"


def _fish_words(words: Sequence[str]) -> str:
    said = [word for word in words if word not in (FILES, SYMBOLS)]
    if SYMBOLS in words:
        said.append("(tickstream completion symbols (commandline -ct))")
    return (f" -a {_fish_quote(' '.join(said))}" if said else "") + (" -F" if FILES in words else "")


_FISH = r"""
function __tickstream_list
    set -l before (commandline -ct | string replace -r '^--[^=]*=' '' | string match -r '^.*,')
    for word in $argv
        echo "$before$word"
    end
end

complete -c tickstream -f"""


def _powershell(commands: Sequence[Command]) -> str:
    program, *rest = commands
    lines = [
        "# PowerShell completion of tickstream, written by `tickstream completion powershell`.",
        "",
        "$tickstreamCommands = @{",
    ]
    for command in commands:
        words = _arguments(command) if command is not program else tuple(other.name for other in rest)
        key = "" if command is program else command.name
        lines.append(
            f"    '{key}' = @{{ options = {_ps_list(_flags(command))}; arguments = {_ps_list(words)} }}"
        )
    lines += ["}", "$tickstreamOptions = @{"]
    for words, names in _by_words(commands).items():
        lines += [f"    '{name}' = {_ps_list(words)}" for name in names]
    lines += ["}", _POWERSHELL]
    return "\n".join(lines)


_POWERSHELL = r"""
Register-ArgumentCompleter -Native -CommandName tickstream -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $typed = @($commandAst.CommandElements | Select-Object -Skip 1 |
        Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object { "$_" })
    $command = ''
    for ($i = 0; $i -lt $typed.Count; $i++) {
        if ($tickstreamOptions.ContainsKey($typed[$i])) { $i++ }
        elseif (-not $typed[$i].StartsWith('-')) { $command = $typed[$i]; break }
    }
    if (-not $tickstreamCommands.ContainsKey($command)) { return }
    if ($typed.Count -and $tickstreamOptions.ContainsKey($typed[-1])) {
        $words = $tickstreamOptions[$typed[-1]]
    }
    elseif ($wordToComplete.StartsWith('-')) { $words = $tickstreamCommands[$command].options }
    else { $words = $tickstreamCommands[$command].arguments }
    foreach ($word in $words) {
        if ($word -eq '<symbols>') {
            tickstream completion symbols "$wordToComplete" 2>$null | ForEach-Object {
                $name, $says = $_ -split "`t", 2
                # @ begins something else in PowerShell, unless it is quoted.
                $text = if ($name.StartsWith('@')) { "'$name'" } else { $name }
                $says = "$name $says"
                [System.Management.Automation.CompletionResult]::new($text, $name, 'ParameterValue', $says)
            }
        }
        elseif ($word -eq '<files>') {
            [System.Management.Automation.CompletionCompleters]::CompleteFilename($wordToComplete)
        }
        elseif ($word -like "$wordToComplete*") {
            [System.Management.Automation.CompletionResult]::new($word, $word, 'ParameterValue', $word)
        }
    }
}
"""


def _flags(command: Command) -> tuple[str, ...]:
    return tuple(name for option in command.options for name in option.names)


def _arguments(command: Command) -> tuple[str, ...]:
    """What its arguments can be, of all that it has: which of them it is shells do not find out easily."""
    return tuple(dict.fromkeys(word for argument in command.arguments for word in argument.words))


def _of_option(commands: Sequence[Command], assign: Callable[[Sequence[str]], str]) -> list[str]:
    """A function of bash and zsh that knows what may follow an option, where that is one of a few words."""
    cases = [f"    {'|'.join(names)}) {assign(words)} ;;" for words, names in _by_words(commands).items()]
    return ["_tickstream_of_option() {", '    case "$1" in', *cases, "    *) return 1 ;;", "    esac", "}"]


def _by_words(commands: Sequence[Command]) -> Mapping[tuple[str, ...], list[str]]:
    """The options that take a value, by what that can be; an option means the same in all commands."""
    taking: dict[str, tuple[str, ...]] = {}
    for option in (option for command in commands for option in command.options if option.value):
        taking |= dict.fromkeys(option.names, option.words)
    found: dict[tuple[str, ...], list[str]] = {}
    for name, words in taking.items():
        found.setdefault(words, []).append(name)
    return found


def _short(text: str) -> str:
    """The first part of a help text, for one line of a list."""
    first = text.split("; ")[0].split(": ")[0]
    return first.rstrip(".")


def _flat(words: Sequence[str] | Iterator[str]) -> str:
    return " ".join(words)


def _quote(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _quoted(words: Sequence[str]) -> Iterator[str]:
    return map(_quote, words)


def _fish_quote(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _ps_list(words: Sequence[str]) -> str:
    return "@(" + ", ".join("'" + word.replace("'", "''") + "'" for word in words) + ")"


SHELLS: Mapping[str, Callable[[Sequence[Command]], str]] = {
    "bash": _bash,
    "zsh": _zsh,
    "fish": _fish,
    "powershell": _powershell,
}
