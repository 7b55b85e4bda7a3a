"""What keys have changed in a live table, laid over what was asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tickstream.cli.options import WatchOptions
from tickstream.core.config import expand
from tickstream.core.symbols import parse_symbols

__all__ = ["Edits"]


@dataclass(slots=True)
class Edits:
    """What keys have changed; None is "as asked for"."""

    list: str | None = None
    symbols: tuple[str, ...] | None = None
    columns: tuple[str, ...] | None = None
    sort: str | None = None

    def over(self, options: WatchOptions) -> WatchOptions:
        """`options` with these laid over them; a list that is gone from the config file shows nothing."""
        if self.list is not None and self.list in options.config.lists:
            options = replace(options, symbols=_list(self.list, options), list=self.list)
        if self.symbols is not None:
            options = replace(options, symbols=self.symbols)
        if self.columns is not None:
            options = replace(options, columns=self.columns)
        if self.sort is not None:
            options = replace(options, sort=self.sort)
        return options


def _list(name: str, options: WatchOptions) -> tuple[str, ...]:
    return parse_symbols(expand([f"@{name}"], options.config), most=options.most)
