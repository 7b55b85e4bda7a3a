"""The config file that `tickstream config --init` writes: every key there is, commented out.

The options are asked of the commands, with what their help says. Whatever is
uncommented is valid as it stands. Tables keep their headers, so that what is
put above them, or added to them, is where it belongs.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from tickstream.cli.configured import SECTIONS, options_of
from tickstream.core.configtext import TABLES
from tickstream.core.keys import KEYS

__all__ = ["sample_text"]

_TOP = """\
# tickstream's config file, in TOML. All of it is commented out: a key shows its
# default, or an example where there is none. What is typed wins over the
# environment, and the environment over this file. A running table of `tickstream
# watch` takes up lists, aliases, columns, sort, colours, alerts and positions, and
# what belongs to them, as soon as they are saved.
# `tickstream config --check` says what is wrong.

# --- the table ---

# The columns, in this order; without it, those for which there is room. There are
{columns}
# columns = ["symbol", "last", "chg", "chg%", "age"]

# By which column it is sorted, as in "chg%", "symbol", "last:asc"; "given" is as typed.
# sort = "given"

# What rises and falls: {colors}.
# colors = "green-up"

# What is worth a signal, one text an alert, about symbols that are watched; where none
# are named, these are. As in
{alerts}
# alerts = ["AAPL>200"]

# --- defaults for the options of all commands, by the names they are typed with ---
"""
_LISTS = """
[lists]
# @tech stands for these symbols, wherever symbols are typed.
# tech = ["AAPL", "MSFT", "NVDA"]

[aliases]
# The name that is typed and shown, and the symbol that is meant.
# GOLD = "GC=F"

[keys]
# What is done, and by which key.
"""
_POSITIONS = """
# What you hold of symbols that are watched, or to watch where none are named: an entry a
# lot; a quantity below 0 was sold short, the cost is the price of one, as it is quoted.
# [[positions]]
# symbol = "AAPL"
# quantity = 10
# cost = 150.5
"""
_DEFAULT = re.compile(r"\s*\[default: (.*?)\]")


def sample_text(group: Any) -> str:
    """The text of a config file that changes nothing, for the commands of this program."""
    commands: dict[str, Any] = group.commands
    shared: dict[str, Any] = {}
    for name, command in commands.items():
        if name not in SECTIONS:
            shared |= {key: param for key, param in options_of(command).items() if key not in shared}
    pieces = [_top(), *_options(shared, TABLES), _LISTS]
    pieces += [f"# {action} = {json.dumps(key)}\n" for action, key in KEYS.items()]
    for name, table in SECTIONS.items():
        pieces.append(
            f"\n[{table}]\n# The options of `tickstream {name}`; those above all tables are for it too.\n"
        )
        pieces += _options(options_of(commands[name]), ())
    return "".join([*pieces, _POSITIONS])


def _top() -> str:
    from tickstream.core.alerts import KINDS
    from tickstream.core.colors import COLORS
    from tickstream.core.columns import COLUMNS

    return _TOP.format(
        columns=_comment(COLUMNS), colors=", ".join(COLORS), alerts=_comment(kind.example for kind in KINDS)
    )


def _comment(names: Iterable[str]) -> str:
    return textwrap.fill(", ".join(names), 88, initial_indent="# ", subsequent_indent="# ")


def _options(options: dict[str, Any], without: Collection[str]) -> Iterator[str]:
    for key, param in options.items():
        if key not in without:
            said, value = _explained(param)
            yield f"\n# {said}\n# {key} = {value}\n"


def _explained(param: Any) -> tuple[str, str]:
    """What an option does, and its default; an example where it has none."""
    said = " ".join((param.help or f"As --{param.name.replace('_', '-')}.").split())
    if in_words := _DEFAULT.search(said):
        text = in_words[1]
        return _DEFAULT.sub("", said), text if text.isdecimal() else json.dumps(text)
    if param.default is not None:
        return said, json.dumps(param.default)
    if param.multiple:
        return said, "[]"
    descriptor = param.type_descriptor
    if descriptor.parameter_info.parser is not None:
        return f"{said} No default; an example.", '"30s"'
    examples = {int: "10", float: "10.0"}
    if descriptor.annotation in examples:
        return f"{said} No default; an example.", examples[descriptor.annotation]
    return said, '""'
