"""What somebody who begins to type a symbol may mean; started at each TAB, so it loads next to nothing.

In this order: the lists, aliases and symbols of the config file, the symbols that
were watched lately, and those that many look at.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from tickstream.files import write_whole

__all__ = ["print_symbols", "remember", "suggestions"]

MOST = 200
"""Symbols that are remembered, the newest first."""


def print_symbols(beginning: str) -> None:
    """A line each: the word, a tab, what it is."""
    print("".join(f"{word}\t{says}\n" for word, says in suggestions(beginning)), end="")  # noqa: T201


def suggestions(beginning: str) -> Iterator[tuple[str, str]]:
    """The words that begin so, in either case, each with what it is."""
    wanted, seen = beginning.upper(), set[str]()
    for word, says in _words():
        # What a shell would take for two words, or worse, is not offered.
        if not word.isprintable() or " " in word:
            continue
        if word.upper().startswith(wanted) and word.upper() not in seen:
            seen.add(word.upper())
            yield word, says


def remember(symbols: Iterable[str]) -> None:
    """Keep symbols that there were prices of, for the next time; where they cannot be written, not."""
    path = _recent_path()
    known = dict.fromkeys([*symbols, *_recent()])
    text = "".join(f"{symbol}\n" for symbol in list(known)[:MOST])
    with suppress(OSError):
        write_whole(path, text.encode())


def _words() -> Iterator[tuple[str, str]]:
    config = _config()
    lists, aliases = _table(config, "lists"), _table(config, "aliases")
    for name, symbols in lists.items():
        count = len(symbols) if isinstance(symbols, list) else 0
        yield f"@{name}", f"{count} symbol{'s' if count != 1 else ''}"
    for name, symbol in aliases.items():
        yield name, str(symbol)
    # Not before it is needed: the most of what there is to load.
    from tickstream.core.wellknown import WELL_KNOWN

    in_lists = (symbol for symbols in lists.values() if isinstance(symbols, list) for symbol in symbols)
    positions = config.get("positions")
    held = (
        (lot.get("symbol") for lot in positions if isinstance(lot, dict))
        if isinstance(positions, list)
        else ()
    )
    for symbol in (*in_lists, *aliases.values(), *held, *_recent()):
        if isinstance(symbol, str):
            yield symbol, WELL_KNOWN.get(symbol, "")
    yield from WELL_KNOWN.items()


def _config() -> Mapping[str, Any]:
    import tomllib

    path = os.environ.get("TICKSTREAM_CONFIG")
    with suppress(OSError, ValueError):
        # One that is broken is told of by the command itself.
        return tomllib.loads((Path(path) if path else _config_path()).read_text("utf-8"))
    return {}


def _table(config: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    table = config.get(name)
    return table if isinstance(table, dict) else {}


def _recent() -> list[str]:
    with suppress(OSError, ValueError):
        return [line for line in _recent_path().read_text("utf-8").splitlines()[:MOST] if line.isprintable()]
    return []


def _config_path() -> Path:
    from platformdirs import user_config_dir

    return Path(user_config_dir("tickstream", appauthor=False)) / "config.toml"


def _recent_path() -> Path:
    from platformdirs import user_state_dir

    return Path(user_state_dir("tickstream", appauthor=False)) / "recent"
