"""What was typed wrong, and what may have been meant: the errors of the parser in our words.

Typer's own are told apart by what they carry; what is none of these keeps its
text, and the way to the help of its command is added.
"""

from __future__ import annotations

import re
from typing import Any

from tickstream.core.symbols import is_symbol
from tickstream.core.text import clean, meant
from tickstream.errors import NoData, Refused, SourceError

__all__ = ["LOST", "START", "advice_for", "explained", "no_command", "no_topic"]

LOST = "`tickstream doctor` says where the way to the data ends; --demo shows simulated prices meanwhile"
"""What to do where no data comes."""

START = """\
tickstream: live prices in the terminal.

Try it without network, with simulated prices:
  tickstream watch AAPL BTC-USD --demo   q quits, ? shows the keys

Then with Yahoo's:
  tickstream watch AAPL BTC-USD          a live table
  tickstream quotes AAPL ^GSPC VOD.L     prices, ranges and volumes
  tickstream market                      what moves today
  tickstream search vodafone             what is its symbol?
  tickstream doctor                      no data? where the way to it ends

`tickstream --help` names all commands, `tickstream help` all else there is to read.
"""
"""What `tickstream` alone says: what to type next."""


_OF_NUMBERS = (
    (r"Input should be a valid integer,.*", "it has to be a whole number"),
    (r"Input should be a valid boolean,.*", "it has to be 1 or 0"),
    (r"Input should be a valid number,.*", "it has to be a number"),
    (r"Input should be greater than or equal to", "it has to be at least"),
    (r"Input should be less than or equal to", "it has to be at most"),
)


def no_command(word: str, known: list[str]) -> str:
    """What to say of a command that there is not; a symbol in its place is one to watch."""
    said = f"no command {clean(word, 40)!r}: "
    if near := meant(word, known):
        return f"{said}{near}`tickstream --help` names all"
    if word == word.upper() and is_symbol(word):
        return f"{said}to watch a symbol, type: tickstream watch {word}"
    return f"{said}`tickstream --help` names all"


def no_topic(word: str, known: list[str]) -> str:
    """What to say of a topic that there is not."""
    return f"no topic {clean(word, 40)!r}: {meant(word, known)}`tickstream help` names all"


def explained(error: Any) -> str:
    """An error of the parser, as one line that says what to do."""
    context = getattr(error, "ctx", None)
    help_ = f"`{context.command_path} --help`" if context else "--help"
    if hasattr(error, "possibilities"):
        word = str(error.option_name)
        return f"no option {clean(word, 40)}: {meant(word, _options(context))}{help_} names all"
    text = str(error.format_message()).rstrip(".")
    if found := re.fullmatch(r"Got unexpected extra arguments?(?:\(s\))? \((.*)\)", text, re.DOTALL):
        return f"no more is named here: leave out {clean(found[1], 60)!r}; {help_} says what it takes"
    if found := re.match(r"Missing argument '(.*?)'", text):
        return f"no {found[1].strip('[].')}: name one, as {help_} shows"
    if found := re.fullmatch(r"Option '(.*?)' requires an argument", text):
        return f"no value after {found[1]}: {help_} says what it takes"
    # What checks numbers says it in its own terms.
    for theirs, ours in _OF_NUMBERS:
        text = re.sub(theirs, ours, text)
    return f"{text[:1].lower()}{text[1:]}: {help_} says what it takes"


def _options(context: Any) -> list[str]:
    params = context.command.params if context else ()
    return [
        name for param in params for name in (*param.opts, *param.secondary_opts) if name.startswith("--")
    ]


def advice_for(error: BaseException, *, elsewhere: bool) -> str:
    """What helps where Yahoo cannot be reached; nothing where it was not asked, or said what is wrong."""
    lost = isinstance(error, (NoData, Refused)) or type(error) is SourceError
    return "" if elsewhere or not lost or "--demo" in str(error) else LOST
