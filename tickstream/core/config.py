"""What a config file says, as values, and what is meant by words that it defines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tickstream.core.keys import KEYS
from tickstream.core.positions import Lot
from tickstream.core.symbols import split_words
from tickstream.core.text import clean, meant
from tickstream.errors import UsageError

__all__ = ["BAD_LIST", "Config", "Setting", "expand", "is_list_name"]

Setting = bool | int | float | str | tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """All that a config file says; what it does not say is empty."""

    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Symbols, or aliases of some, by the name of their list."""
    aliases: Mapping[str, str] = field(default_factory=dict)
    """The symbol that is meant, by the name that is typed for it, as the file writes it."""
    columns: tuple[str, ...] = ()
    sort: str = ""
    colors: str = ""
    alerts: tuple[str, ...] = ()
    positions: Mapping[str, tuple[Lot, ...]] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=lambda: KEYS)
    """The key of each action, those that the file does not name included."""
    server: Mapping[str, Setting] = field(default_factory=dict)
    simulator: Mapping[str, Setting] = field(default_factory=dict)
    options: Mapping[str, Setting] = field(default_factory=dict)

    def symbol_of(self, name: str) -> str:
        """What is meant by `name`: the symbol that it is an alias of, or itself."""
        return next((symbol for alias, symbol in self.aliases.items() if alias.upper() == name.upper()), name)

    @property
    def names(self) -> dict[str, str]:
        """The name to show for a symbol that has an alias; the first where it has several."""
        return {symbol: name for name, symbol in reversed(list(self.aliases.items()))}


BAD_LIST = "the name of a list has no blank and no comma in it"


def is_list_name(name: str) -> bool:
    """Whether a list can be called so, and be named among symbols."""
    return bool(name) and split_words([name]) == [name]


def expand(words: Iterable[str], config: Config) -> list[str]:
    """The words that are typed for symbols, with the lists and aliases among them replaced by what they mean.

    Raises:
        UsageError: there is no such list.
    """
    return [
        config.symbol_of(part)
        for word in split_words(words)
        for part in (_entries(word[1:], config) if word.startswith("@") else (word,))
    ]


def _entries(name: str, config: Config) -> tuple[str, ...]:
    if name not in config.lists:
        shown = clean(f"@{name}", 40)
        if not config.lists:
            raise UsageError(
                f"no list {shown}: the config file has none; `tickstream config` says where it is"
            )
        known = ", ".join(f"@{known}" for known in list(config.lists)[:20])
        raise UsageError(f"no list {shown}: {meant(name, config.lists, '@').rstrip() or f'there is {known}'}")
    return config.lists[name]
