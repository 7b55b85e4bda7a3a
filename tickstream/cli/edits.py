"""What keys have changed in a live table, laid over what was asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tickstream.cli.options import WatchOptions
from tickstream.core.config import expand
from tickstream.core.order import GIVEN, parse_order
from tickstream.core.symbols import parse_symbols

__all__ = ["Edits"]


@dataclass(slots=True)
class Edits:
    """What keys have changed; None is "as asked for"."""

    list: str | None = None
    symbols: tuple[str, ...] | None = None
    columns: tuple[str, ...] | None = None
    sort: str | None = None

    def leave(self, saved: Edits, before: WatchOptions, now: WatchOptions) -> None:
        """Change no longer what was saved since `before` was asked for: `now` it is the file's to say.

        What was typed is asked for as before, whatever the file says; there the change stays.
        """

        def is_the_files(edit: object, was: object, was_asked: object, is_asked: object) -> bool:
            return edit is not None and edit == was and (is_asked == was or is_asked != was_asked)

        name = saved.list or ""
        if is_the_files(self.symbols, saved.symbols, _list(name, before), _list(name, now)):
            self.list, self.symbols = (None if now.list == name else name), None
        if is_the_files(self.columns, saved.columns, before.columns, now.columns):
            self.columns = None
        if is_the_files(self.sort, saved.sort, _order(before), _order(now)):
            self.sort = None

    def over(self, options: WatchOptions) -> WatchOptions:
        """`options` with these laid over them; a list that is gone from the config file, or empty, is not."""
        if self.list is not None and options.config.lists.get(self.list):
            options = replace(options, symbols=_list(self.list, options), list=self.list)
        if self.symbols is not None:
            options = replace(options, symbols=self.symbols)
        if self.columns is not None:
            options = replace(options, columns=self.columns)
        if self.sort is not None:
            options = replace(options, sort=self.sort)
        return options


def _list(name: str, options: WatchOptions) -> tuple[str, ...]:
    entries = options.config.lists.get(name)
    return parse_symbols(expand([f"@{name}"], options.config), most=options.most) if entries else ()


def _order(options: WatchOptions) -> str:
    return parse_order(options.sort or GIVEN.name).text
