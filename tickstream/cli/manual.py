"""The manual page, made of the commands and the topics: tickstream/manual/tickstream.1 is what this prints.

tickstream help --man > tickstream/manual/tickstream.1
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from tickstream import __version__
from tickstream.cli.described import Command, Parameter, described
from tickstream.cli.topics import TOPICS, Block, Terms, Verbatim

__all__ = ["manual"]

_SHARED = 3
"""An option that so many commands have is explained once for all of them."""
_EXAMPLES = (
    ("A live table of simulated prices", "tickstream watch AAPL BTC-USD --demo"),
    ("The price of each push", "tickstream watch AAPL --json | jq -r .price"),
    ("One row a symbol, then the end", "tickstream watch AAPL MSFT --once"),
    ("Wait until a price is passed", "tickstream watch --until 'AAPL<=190' > /dev/null && echo now"),
    ("Serve simulated prices, with a page in the browser", "tickstream serve --demo"),
)


def manual(group: Any) -> str:
    """The whole page, in roff."""
    program, *commands = described(group)
    return "\n".join(_page(group, program, commands)) + "\n"


def _page(group: Any, program: Command, commands: list[Command]) -> Iterator[str]:
    yield f'.TH TICKSTREAM 1 "" "tickstream {__version__}" "User Commands"'
    # Names of options and variables are not taken apart.
    yield from (".nh", ".ad l")
    yield from (".SH NAME", r"tickstream \- live prices in the terminal")
    yield from (".SH SYNOPSIS", ".B tickstream", r".I COMMAND", r"[\fIOPTION\fR]... [\fIARGUMENT\fR]...")
    yield ".SH DESCRIPTION"
    yield from _blocks((
        "Shows prices as Yahoo Finance's streamer pushes them, as a live table, as NDJSON, CSV or lines; "
        "fetches quotes, the market, its hours and profiles every 5 seconds; and serves all that to many.",
        "Yahoo's data can be delayed, and is for personal use by its terms.",
    ))  # fmt: skip
    shared = _shared(commands)
    yield ".SH COMMANDS"
    for command in commands:
        yield from _command(command, shared)
    yield ".SH OPTIONS OF SEVERAL COMMANDS"
    yield from _options(shared.values())
    yield ".SH OPTIONS OF THE PROGRAM"
    yield from _options(program.options)
    for name, topic in TOPICS.items():
        yield f".SH {_escaped(_title(name))}"
        yield from _blocks(topic.blocks(group))
    yield ".SH EXAMPLES"
    for says, typed in _EXAMPLES:
        yield from _blocks((f"{says}:", Verbatim(typed)))


def _title(topic: str) -> str:
    return "EXIT STATUS" if topic == "exit-codes" else topic.upper()


def _shared(commands: list[Command]) -> dict[tuple[str, ...], Parameter]:
    """The options that several commands have alike."""
    options = [option for command in commands for option in command.options]
    times = Counter((option.names, option.help) for option in options)
    return {option.names: option for option in options if times[option.names, option.help] >= _SHARED}


def _is_shared(option: Parameter, shared: dict[tuple[str, ...], Parameter]) -> bool:
    return option.names in shared and shared[option.names].help == option.help


def _command(command: Command, shared: dict[tuple[str, ...], Parameter]) -> Iterator[str]:
    arguments = (f"{argument.value}{'...' * argument.many}" for argument in command.arguments)
    typed = " ".join(["tickstream", command.name, "[OPTION]...", *arguments])
    yield f".SS {_escaped(typed)}"
    yield from _blocks((" ".join(command.help.split()),))
    yield from _options(command.arguments)
    yield from _options(option for option in command.options if not _is_shared(option, shared))
    also = [option.names[0] for option in command.options if _is_shared(option, shared)]
    yield from _blocks((f"And {', '.join(also)}, as below.",))


def _options(options: Iterable[Parameter]) -> Iterator[str]:
    for option in options:
        names = ", ".join(option.names)
        value = f" \\fI{_escaped(option.value)}\\fR" if option.value else ""
        head = f"\\fB{_escaped(names)}\\fR{value}" if names else value.strip()
        yield from (".TP", head, _text(option.help or "As the option of its name elsewhere."))


def _blocks(blocks: Iterable[Block]) -> Iterator[str]:
    for block in blocks:
        if isinstance(block, Terms):
            for word, meaning in block.pairs:
                yield from (".TP", f"\\fB{_escaped(word)}\\fR", _text(meaning) or r"\&")
        elif isinstance(block, Verbatim):
            yield from (
                ".PP",
                ".RS 2",
                ".nf",
                *(_text(line) for line in block.text.splitlines()),
                ".fi",
                ".RE",
            )
        else:
            yield from (".PP", _text(block))


def _text(text: str) -> str:
    """A line of text; what it begins with is no request."""
    escaped = _escaped(text)
    return rf"\&{escaped}" if escaped.startswith((".", "'")) else escaped


def _escaped(text: str) -> str:
    text = text.replace("\\", r"\e")
    return re.sub("[-^~'`]", lambda found: _SIGNS[found[0]], text)


_SIGNS = {"-": r"\-", "^": r"\(ha", "~": r"\(ti", "'": r"\(aq", "`": r"\(ga"}
"""What roff would print as something that cannot be typed."""
