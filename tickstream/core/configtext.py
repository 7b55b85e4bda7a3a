"""The text of a config file becomes a `Config`, and what is wrong with it a list of problems.

Nothing is read here, and nothing is raised: a problem says where it is, what it
is, and whether the file can be used in spite of it. What is unknown is skipped
and warned of, so that a file can serve an older tickstream too; what is known
and says what cannot be is an error, and the file counts as a whole.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import Enum
from math import isfinite
from typing import Any, NamedTuple

from tickstream.core.colors import COLORS, parse_colors
from tickstream.core.config import BAD_LIST, Config, Setting, is_list_name
from tickstream.core.keys import KEYS
from tickstream.core.positions import Lot
from tickstream.core.symbols import is_symbol
from tickstream.core.text import clean, meant
from tickstream.core.tomltext import Key, error_line, key_lines, line_of
from tickstream.errors import UsageError

__all__ = ["TABLES", "Kind", "Problem", "Schema", "parse_config"]


class Kind(Enum):
    """What an option takes, in words."""

    SWITCH = "true or false"
    WHOLE = "a whole number"
    NUMBER = "a number"
    MEASURE = 'a number, or a text as in "30s"'
    TEXT = "a text in quotes"
    TEXTS = "a list of texts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """The options that the commands have, by the names they are typed with, and what each takes."""

    options: Mapping[str, Kind] = field(default_factory=dict)
    server: Mapping[str, Kind] = field(default_factory=dict)
    simulator: Mapping[str, Kind] = field(default_factory=dict)


class Problem(NamedTuple):
    """Something that is wrong with a file; where it is not `fatal` the rest of the file can be used."""

    line: int
    text: str
    fatal: bool = True


def parse_config(text: str, schema: Schema) -> tuple[Config, tuple[Problem, ...]]:
    """What `text` says, and what is wrong with it, in the order of its lines."""
    text = text.removeprefix("\ufeff")
    try:
        data = tomllib.loads(text)
    except RecursionError:
        return Config(), (Problem(0, "it is nested too deeply"),)
    except ValueError as error:
        reason = clean(str(error)).partition(" (at ")[0]
        reason += next((more for begin, more in _HINTS.items() if reason.startswith(begin)), "")
        return Config(), (Problem(error_line(error, text), f"not TOML: {reason}"),)
    found: list[_Found] = []
    config = _Reader(schema, found).config(data)
    lines = key_lines(text) if found else {}
    problems = [Problem(line_of(key, lines), said, fatal) for key, said, fatal in found]
    return config, tuple(sorted(problems, key=lambda problem: problem.line))


class _Found(NamedTuple):
    key: Key
    text: str
    fatal: bool


class _Reader:
    """Reads the values of a file one by one, and notes what is wrong; what is wrong is left out."""

    def __init__(self, schema: Schema, found: list[_Found]) -> None:
        self._schema, self._found = schema, found
        self._meant: dict[str, str] = {}
        """The symbol of each alias, in capitals."""

    def config(self, data: Mapping[str, Any]) -> Config:
        named = {name: data[name] for name in TABLES if name in data}
        rest = {name: value for name, value in data.items() if name not in named}
        return Config(
            options=self._settings(rest, self._schema.options, (), [*TABLES, *self._schema.options]),
            **{name: getattr(self, f"_{name}")(value) for name, value in named.items()},
        )

    def _bad(self, key: Key, text: str) -> None:
        self._found.append(_Found(key, f"{_shown(key)}: {text}", True))

    def _unknown(self, key: Key, known: Collection[str]) -> None:
        """Warn of a key that nothing reads, and say what was perhaps meant."""
        name, hint = str(key[-1]), ""
        for table in ("server", "simulator"):
            if len(key) == 1 and name in getattr(self._schema, table):
                hint = hint or f"it belongs into [{table}]"
        if not hint and len(self._found) < _ENOUGH:
            hint = meant(name, known).rstrip()
        self._found.append(_Found(key, f"unknown key {_shown(key)}" + (f": {hint}" if hint else ""), False))

    def _table(self, value: Any, key: Key, what: str) -> Mapping[str, Any]:
        if isinstance(value, dict):
            return value
        self._bad(key, f"has to be a table [{key[-1]}] of {what}")
        return {}

    def _texts(self, value: Any, key: Key, example: str) -> tuple[str, ...]:
        if isinstance(value, list) and all(isinstance(entry, str) and entry.strip() for entry in value):
            return tuple(entry.strip() for entry in value)
        self._bad(key, f"has to be a list of texts, as in {example}")
        return ()

    def _settings(
        self, table: Mapping[str, Any], kinds: Mapping[str, Kind], key: Key, known: Collection[str]
    ) -> dict[str, Setting]:
        settings: dict[str, Setting] = {}
        for name, value in table.items():
            if name not in kinds:
                self._unknown((*key, name), known)
            elif _fits(value, kinds[name]):
                settings[name] = tuple(value) if isinstance(value, list) else value
            else:
                self._bad((*key, name), f"has to be {kinds[name].value}")
        return settings

    def _server(self, value: Any) -> dict[str, Setting]:
        kinds = self._schema.server
        return self._settings(self._table(value, ("server",), "options of serve"), kinds, ("server",), kinds)

    def _simulator(self, value: Any) -> dict[str, Setting]:
        kinds, key = self._schema.simulator, ("simulator",)
        return self._settings(self._table(value, key, "options of simulate"), kinds, key, kinds)

    def _lists(self, value: Any) -> dict[str, tuple[str, ...]]:
        example = '["AAPL", "MSFT"]'
        lists = {}
        for name, entries in self._table(value, ("lists",), "lists of symbols").items():
            key = ("lists", name)
            if not is_list_name(name):
                self._bad(key, BAD_LIST)
            else:
                lists[name] = self._texts(entries, key, example)
                for entry in lists[name]:
                    if not is_symbol(_upper(entry)):
                        self._bad(key, f"bad symbol {entry[:40]!a}: name one an entry, as in {example}")
        return lists

    def _aliases(self, value: Any) -> dict[str, str]:
        aliases: dict[str, str] = {}
        for name, symbol in self._table(value, ("aliases",), "names of symbols").items():
            key = ("aliases", name)
            if not is_symbol(_upper(name)):
                self._bad(key, "a name is made of what symbols are made of: A-Z 0-9 . ^ = & _ -")
            elif _upper(name) in self._meant:
                self._bad(key, "this name is there already, in other letters")
            elif not isinstance(symbol, str) or not is_symbol(_upper(symbol)):
                self._bad(key, 'has to be the symbol that is meant, as in "GC=F"')
            else:
                aliases[name] = self._meant[_upper(name)] = _upper(symbol)
        return aliases

    def _columns(self, value: Any) -> tuple[str, ...]:
        from tickstream.core.columns import COLUMNS
        from tickstream.core.tick import FIELDS

        names = tuple(dict.fromkeys(self._texts(value, ("columns",), '["symbol", "last", "chg%"]')))
        for name in names:
            if name not in COLUMNS and name not in FIELDS:
                hint = meant(name, [*COLUMNS, *FIELDS]).rstrip() or f"there are {', '.join(COLUMNS)}"
                self._bad(("columns",), f"no column {name[:40]!a}: {hint}")
        return names

    def _sort(self, value: Any) -> str:
        from tickstream.core.order import parse_order

        try:
            parse_order(self._text(value, ("sort",), "chg%") or "given")
        except UsageError as error:
            self._bad(("sort",), clean(str(error)))
        return value if isinstance(value, str) else ""

    def _colors(self, value: Any) -> str:
        if not (text := self._text(value, ("colors",), COLORS[0])):
            return ""
        try:
            return parse_colors(text)
        except UsageError as error:
            self._bad(("colors",), clean(str(error)))
            return ""

    def _text(self, value: Any, key: Key, example: str) -> str:
        if isinstance(value, str) and value.strip():
            return value.strip()
        self._bad(key, f'has to be a text, as in "{example}"')
        return ""

    def _alerts(self, value: Any) -> tuple[str, ...]:
        from tickstream.core.alerts import parse_alert

        texts = self._texts(value, ("alerts",), '["AAPL>200", "TSLA±3%"]')
        for text in texts:
            try:
                parse_alert(text)
            except UsageError as error:
                self._bad(("alerts",), clean(str(error)))
        return texts

    def _positions(self, value: Any) -> dict[str, tuple[Lot, ...]]:
        if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
            self._bad(
                ("positions",), "has to be an entry [[positions]] a lot, with symbol, quantity and cost"
            )
            return {}
        positions: dict[str, tuple[Lot, ...]] = {}
        for number, entry in enumerate(value):
            if lot := self._lot(entry, ("positions", number)):
                name = _upper(entry["symbol"])
                symbol = self._meant.get(name, name)
                positions[symbol] = (*positions.get(symbol, ()), lot)
        return positions

    def _lot(self, entry: Mapping[str, Any], key: Key) -> Lot | None:
        before = len(self._found)
        for name in entry.keys() - _LOT:
            self._unknown((*key, name), _LOT)
        warned = len(self._found) - before
        if missing := [name for name in _LOT if name not in entry]:
            self._bad(key, f"has no {' and no '.join(missing)}")
            return None
        symbol, quantity, cost = (entry[name] for name in _LOT)
        if not isinstance(symbol, str) or not is_symbol(_upper(symbol)):
            self._bad((*key, "symbol"), 'has to be a symbol, as in "AAPL"')
        if not _fits(quantity, Kind.NUMBER) or not quantity:
            self._bad((*key, "quantity"), "has to be a number; below 0 what was sold short")
        if not _fits(cost, Kind.NUMBER) or cost < 0:
            self._bad((*key, "cost"), "has to be the price of one, a number that is not below 0")
        return Lot(float(quantity), float(cost)) if len(self._found) == before + warned else None

    def _keys(self, value: Any) -> dict[str, str]:
        keys = dict(KEYS)
        given = self._table(value, ("keys",), "keys by what they do")
        for action, pressed in given.items():
            key = ("keys", action)
            if action not in KEYS:
                self._unknown(key, KEYS)
            elif not isinstance(pressed, str) or len(pressed) != 1 or not "!" <= pressed <= "~":
                self._bad(key, 'has to be one character, as in "q"')
            else:
                keys[action] = pressed
        said: list[str] = []
        for action in (one for one in given if one in KEYS and keys[one] == given[one]):
            # What the file does not say has the key that it comes with; of two that it says the later
            # is wrong.
            others = [other for other in keys if other not in given or other in said]
            if taken := [other for other in others if keys[other] == keys[action] and other != action]:
                self._bad(("keys", action), f"{keys[action]} is the key of {taken[0]} already")
            said.append(action)
        return keys


TABLES = tuple(name for name in Config.__dataclass_fields__ if name != "options")
"""What a file can say beside the options of the commands."""
_HINTS = {
    "Invalid value": ": texts stand in quotes, true and false do not",
    "Illegal character '\\n'": ": a quote is missing at the end of the line",
}
"""What to do about some of the errors of the parser of TOML."""
_LOT = ("symbol", "quantity", "cost")
_ENOUGH = 50
"""After so many problems it is no longer looked up what was meant; nobody reads them all."""


def _fits(value: Any, kind: Kind) -> bool:
    """Whether an option of this kind can take `value`; a switch is no number, though Python says so."""
    if isinstance(value, bool):
        return kind is Kind.SWITCH
    if isinstance(value, list):
        return kind is Kind.TEXTS and all(isinstance(entry, str) for entry in value)
    if isinstance(value, str):
        return kind in (Kind.TEXT, Kind.MEASURE)
    if isinstance(value, int):
        # A number too large for a float is none that anybody means.
        return kind in (Kind.WHOLE, Kind.NUMBER, Kind.MEASURE) and abs(value) < 1 << 63
    return isinstance(value, float) and isfinite(value) and kind in (Kind.NUMBER, Kind.MEASURE)


def _upper(text: str) -> str:
    return text.upper() if text.isascii() else text


def _shown(key: Key) -> str:
    """A key as people write it: `server.port`, `positions.2.cost` for the second entry."""
    return clean(".".join(str(part + 1) if isinstance(part, int) else part for part in key), 80)
