"""What was changed by keys, written back into the config file.

Only what changed is written; comments, order and everything else stay as they
are, and the file is replaced as a whole: a crash leaves the old one or the new
one. A file that is broken is not written to.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import tomlkit

from tickstream.cli.configfile import read_text, why
from tickstream.core.config import BAD_LIST, is_list_name
from tickstream.core.text import clean
from tickstream.core.tomltext import error_line
from tickstream.errors import BadConfig, UsageError
from tickstream.files import OWNER_ALONE, write_whole

__all__ = ["save_columns", "save_list", "save_sort"]


def save_list(path: Path, name: str, symbols: Sequence[str]) -> None:
    """Make `symbols` the list `name`, in this order; an entry that stays is left as it is written.

    Raises:
        UsageError: no list can have this name.
        BadConfig: the file cannot be read or written, or is broken; then it is as it was.
    """
    if not is_list_name(name):
        raise UsageError(f"{clean(name, 40)!r}: {BAD_LIST}")

    def change(document: Any) -> None:
        lists = document.setdefault("lists", tomlkit.table())
        aliases = {alias.upper(): symbol for alias, symbol in document.get("aliases", {}).items()}
        _settle(lists.setdefault(name, tomlkit.array()), symbols, aliases)

    _change(path, change)


def save_columns(path: Path, names: Sequence[str]) -> None:
    """Make these the columns of the table; without any, those for which there is room.

    Raises:
        BadConfig: as `save_list`.
    """

    def change(document: Any) -> None:
        if names:
            _settle(document.setdefault("columns", tomlkit.array()), names, {})
        else:
            document.pop("columns", None)

    _change(path, change)


def save_sort(path: Path, order: str) -> None:
    """Make this the order of the table, as `--sort` takes it; the empty one is as the symbols are given.

    Raises:
        BadConfig: as `save_list`.
    """

    def change(document: Any) -> None:
        if order:
            document["sort"] = order
        else:
            document.pop("sort", None)

    _change(path, change)


def _settle(array: Any, wanted: Sequence[str], aliases: dict[str, str]) -> None:
    """Make the entries of `array` mean what is wanted, without touching those that do already."""

    def meant(entry: str) -> str:
        return aliases.get(entry.upper(), entry.upper())

    place = {meaning: number for number, meaning in enumerate(dict.fromkeys(map(meant, wanted)))}
    meanings = [meant(entry) for entry in array]
    first = {meaning: number for number, meaning in reversed(list(enumerate(meanings)))}
    for number, meaning in reversed(list(enumerate(meanings))):
        if meaning not in place or first[meaning] != number:
            del array[number]
    there = {meant(entry) for entry in array}
    for name in wanted:
        if meant(name) not in there:
            there.add(meant(name))
            array.append(name)
    ordered = sorted(array, key=lambda entry: place[meant(entry)])
    if ordered != list(array):
        # Comments within the list go with the order they were written in.
        several_lines = "\n" in array.as_string()
        array.clear()
        array.extend(ordered)
        array.multiline(several_lines)


def _change(path: Path, change: Callable[[Any], None]) -> None:
    """Read the file, change what it says, and put the new one in its place."""
    # A link stays one: what it points to is replaced.
    path = path.resolve()
    if path.exists() and not path.is_file():
        raise BadConfig(str(path), 0, "is no file that can be written")
    try:
        text, _, _ = read_text(path)
    except (FileNotFoundError, NotADirectoryError):
        text = ""
    try:
        tomllib.loads(text.removeprefix("\ufeff"))
        document = tomlkit.parse(text.removeprefix("\ufeff"))
        change(document)
        new = tomlkit.dumps(document)
        # What is written can be read again, whatever stood there.
        tomllib.loads(new)
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        line = error_line(error, text) if isinstance(error, ValueError) else 0
        raise BadConfig(str(path), line, f"is broken, and was not changed: {error}") from None
    if new != text:
        _replace(path, new)


def _replace(path: Path, text: str) -> None:
    try:
        mode = path.stat().st_mode & 0o7777 if path.exists() else OWNER_ALONE
        write_whole(path, text.encode(), mode=mode, durable=True)
    except OSError as error:
        raise BadConfig(str(path), 0, f"cannot be written: {why(error)}") from None
