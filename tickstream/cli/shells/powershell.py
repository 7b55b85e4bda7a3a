"""Completion in PowerShell."""

from __future__ import annotations

from collections.abc import Sequence

from tickstream.cli.described import Command
from tickstream.cli.shells.parts import arguments, by_words, flags

__all__ = ["script"]


def script(commands: Sequence[Command]) -> str:
    program, *rest = commands
    lines = [
        "# PowerShell completion of tickstream, written by `tickstream completion powershell`.",
        "",
        "$tickstreamCommands = @{",
    ]
    for command in commands:
        words = arguments(command) if command is not program else tuple(other.name for other in rest)
        key = "" if command is program else command.name
        lines.append(f"    '{key}' = @{{ options = {_list(flags(command))}; arguments = {_list(words)} }}")
    lines += ["}", "$tickstreamOptions = @{"]
    for words, names in by_words(commands).items():
        lines += [f"    '{name}' = {_list(words)}" for name in names]
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


def _list(words: Sequence[str]) -> str:
    return "@(" + ", ".join("'" + word.replace("'", "''") + "'" for word in words) + ")"
