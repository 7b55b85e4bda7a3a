"""Where in a TOML text a key stands.

tomllib says what a text means, and forgets where: this finds the lines again,
for errors. It takes texts that tomllib has read; of others it finds what it can.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["Key", "error_line", "key_lines", "line_of"]

Key = tuple[str | int, ...]
"""The way to a value: names of tables and keys, and numbers of entries."""

_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}'  # a text of several lines may end in quotes of its own
    r"|'''.*?'{3,5}"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
    r"|\#[^\n]*"
    r"|[^\s\"'\#\[\]{}]+"
    r"|.",
    re.DOTALL,
)
_NAMES = re.compile(r"""\s*((?:"(?:\\.|[^"\\])*"|'[^']*'|[A-Za-z0-9_.\s-])+?)\s*=""")
_AT = re.compile(r"\(at line (\d+)")


def error_line(error: ValueError, text: str) -> int:
    """The line on which tomllib stopped."""
    found = _AT.search(str(error))
    return int(found[1]) if found else text.count("\n") + 1


def line_of(key: Key, lines: Mapping[Key, int]) -> int:
    """The line of a key, or of what it stands in; 0 where neither has one."""
    ways = (key[:end] for end in range(len(key), 0, -1))
    return next((lines[way] for way in ways if way in lines), 0)


def key_lines(text: str) -> dict[Key, int]:
    """The line on which each table, entry and key of `text` begins."""
    lines: dict[Key, int] = {}
    entries: Counter[Key] = Counter()
    table: Key = ()
    for line, said in _statements(text):
        if said.startswith("["):
            table = _names(said)
            if said.startswith("[["):
                entries[table] += 1
                table = (*table, entries[table] - 1)
            way = table
        elif found := _NAMES.match(said):
            way = (*table, *_names(f"{found[1]}=0"))
        else:
            continue
        for end in range(1, len(way) + 1):
            lines.setdefault(way[:end], line)
    return lines


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Each header and each key with its value, without comments, and the line it begins on."""
    line = begins = 1
    depth = 0
    said: list[str] = []
    for token in _TOKEN.findall(text):
        if token == "\n" and depth <= 0:
            if statement := "".join(said).strip():
                yield begins, statement
            begins = line + 1
            said.clear()
        elif not token.startswith("#"):
            depth += (token in "[{") - (token in "]}")
            said.append(token)
        line += token.count("\n")
    if statement := "".join(said).strip():
        yield begins, statement


def _names(statement: str) -> Key:
    """The names that a header, or a key, is made of; none where it is broken."""
    names: list[str] = []
    try:
        value: Any = tomllib.loads(statement)
    except ValueError:
        return ()
    while value and isinstance(value, (dict, list)):
        if isinstance(value, dict):
            name, value = next(iter(value.items()))
            names.append(name)
        else:
            value = value[0]
    return tuple(names)
