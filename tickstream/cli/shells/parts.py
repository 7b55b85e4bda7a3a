"""What the scripts of several shells are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from tickstream.cli.described import Command

__all__ = ["LISTS", "arguments", "by_words", "flags", "flat", "of_option", "short"]

LISTS = ("--columns", "--notify")
"""Options whose value is a list with commas."""


def flags(command: Command) -> tuple[str, ...]:
    return tuple(name for option in command.options for name in option.names)


def arguments(command: Command) -> tuple[str, ...]:
    """What its arguments can be, of all that it has: which of them it is shells do not find out easily."""
    return tuple(dict.fromkeys(word for argument in command.arguments for word in argument.words))


def of_option(commands: Sequence[Command], assign: Callable[[Sequence[str]], str]) -> list[str]:
    """A function of bash and zsh that knows what may follow an option, where that is one of a few words."""
    cases = [f"    {'|'.join(names)}) {assign(words)} ;;" for words, names in by_words(commands).items()]
    return ["_tickstream_of_option() {", '    case "$1" in', *cases, "    *) return 1 ;;", "    esac", "}"]


def by_words(commands: Sequence[Command]) -> Mapping[tuple[str, ...], list[str]]:
    """The options that take a value, by what that can be; an option means the same in all commands."""
    taking: dict[str, tuple[str, ...]] = {}
    for option in (option for command in commands for option in command.options if option.value):
        taking |= dict.fromkeys(option.names, option.words)
    found: dict[tuple[str, ...], list[str]] = {}
    for name, words in taking.items():
        found.setdefault(words, []).append(name)
    return found


def short(text: str) -> str:
    """The first part of a help text, for one line of a list."""
    first = text.split("; ")[0].split(": ")[0]
    return first.rstrip(".")


def flat(words: Sequence[str] | Iterator[str]) -> str:
    return " ".join(words)
