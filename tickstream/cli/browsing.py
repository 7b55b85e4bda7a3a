"""What keys do in the live table: each action of core/keys is a method here.

What is done with keys is laid over what was asked for, and stays when the
config file is read again; nothing of it is written there unless one says so.
Each panel is loaded by the key that opens it: the first row waits for none.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tickstream.api.backing import Backing
from tickstream.cli.edits import Edits
from tickstream.cli.options import WatchOptions
from tickstream.cli.prompt import Prompt
from tickstream.core.columns import DEFAULT
from tickstream.core.config import expand
from tickstream.core.keys import action_of
from tickstream.core.order import GIVEN, NAMES, Order, parse_order
from tickstream.core.symbols import parse_symbols, split_words
from tickstream.core.values import Parts
from tickstream.errors import TickstreamError, UsageError
from tickstream.hub import Hub
from tickstream.sinks.eventlog import EventLog
from tickstream.sinks.table import Table

if TYPE_CHECKING:
    from tickstream.sinks.panels.panel import Panel

__all__ = ["Browser"]

_BEHIND = frozenset(
    {"help", "quit", "events", "columns", "pause", "values", "detail", "up", "down", "page-up", "page-down"}
)
"""What works while a panel is shown, too: what changes rows does not, as nobody would see how."""


class Browser:
    """The keys of one live table.

    `show` is called with all that is to be shown each time that changes,
    `redraw` where it only has to be drawn anew.
    """

    def __init__(
        self,
        hub: Hub,
        table: Table,
        options: WatchOptions,
        show: Callable[[WatchOptions], None],
        redraw: Callable[[], None],
        backing: Backing | None = None,
    ) -> None:
        self._table, self._show, self._redraw, self._backing = table, show, redraw, backing
        self._hub, self._log = hub, EventLog(hub)
        self._asked, self._edits = options, Edits()
        self._saved = Edits()
        """What was written into the config file since it was read."""
        self._prompt: Prompt | None = None
        self._sought = ""
        self._quit = False
        table.title = options.list
        if backing:
            backing.wished = self._wish

    @property
    def options(self) -> WatchOptions:
        """What is shown: what was asked for, and what keys made of it."""
        return self._edits.over(self._asked)

    @property
    def hints(self) -> Sequence[tuple[str, str]]:
        """The keys to name in the footer."""
        keys = self._asked.keys
        if self._prompt:
            return self._prompt.hints
        if self._table.panel:
            return self._table.panel.hints or (("esc", "back"),)
        return ((keys["find"], "find"), (keys["help"], "help"), (keys["quit"], "quit"))

    def ask(self, options: WatchOptions) -> None:
        """Something else is asked for, as by the config file.

        What keys changed stays changed, but for what they wrote there: that is asked for now.
        """
        before, self._asked = self._asked, options
        self._edits.leave(self._saved, before, options)
        self._saved = Edits()
        self._show_all()

    def press(self, key: str) -> bool:
        """Do what `key` asks for; whether it was the last one."""
        try:
            self._press(key)
        except TickstreamError as error:
            self._table.say(str(error))
        self._table.prompt = self._prompt.pieces if self._prompt else ()
        self._redraw()
        return self._quit

    def _press(self, key: str) -> None:
        self._table.say("")
        if self._prompt:
            prompt = self._prompt
            # What is done with the line may ask for another one.
            self._prompt = None
            if prompt.press(key) and self._prompt is None:
                self._prompt = prompt
            return
        if key == "esc":
            self._leave()
            return
        action = action_of(key, self._asked.keys)
        panel = self._table.panel
        if panel and panel.press(action, key):
            return
        if panel is None or action in _BEHIND:
            act: Callable[[], None] | None = getattr(self, f"_do_{action.replace('-', '_')}", None)
            if act:
                act()

    def _leave(self) -> None:
        if self._table.panel:
            self._open(None)
        elif self._table.window.cursor:
            self._table.window.leave()
        elif self._table.held.paused:
            self._table.pause(False)
        else:
            self._quit = True

    def _open(self, panel: Panel | None) -> None:
        """Show a panel; the same one again closes it."""
        same = panel and self._table.panel and type(panel) is type(self._table.panel)
        self._table.panel = None if same else panel

    def _show_all(self) -> None:
        options = self.options
        self._table.title = options.list
        self._show(options)

    # --- what keys do ---

    def _do_up(self) -> None:
        self._move(lambda: self._table.window.move(-1))

    def _do_down(self) -> None:
        self._move(lambda: self._table.window.move(1))

    def _do_page_up(self) -> None:
        self._move(lambda: self._table.window.page(-1))

    def _do_page_down(self) -> None:
        self._move(lambda: self._table.window.page(1))

    def _do_top(self) -> None:
        self._move(self._table.window.top)

    def _do_bottom(self) -> None:
        self._move(self._table.window.bottom)

    def _move(self, move: Callable[[], None]) -> None:
        if self._table.panel is None or self._table.panel.of_row:
            move()
            self._fetch()

    def _do_detail(self) -> None:
        window, table = self._table.window, self._table
        if window.cursor is None:
            window.move(1)
        if window.cursor is None:
            return
        from tickstream.sinks.panels.detail import Detail

        self._open(
            Detail(
                lambda: window.cursor or "",
                table.held.row,
                lambda: self._backing.parts if self._backing else {},
                self._asked.names,
                table.is_old,
            )
        )
        self._fetch()

    def _do_find(self) -> None:
        def typed(text: str) -> None:
            self._sought = text
            if text and not self._find(text):
                self._table.say(f"no symbol or name has {text!r}")

        self._prompt = Prompt("find", typed, typed)

    def _do_next(self) -> None:
        if self._sought and not self._find(self._sought, after=True):
            self._table.say(f"no symbol or name has {self._sought!r}")

    def _find(self, text: str, *, after: bool = False) -> bool:
        sought, names = text.casefold(), self._asked.names

        def texts(symbol: str) -> Iterable[str]:
            said = self._hub.board.row(symbol).said.get("short_name", "")
            return (symbol.casefold(), names.get(symbol, "").casefold(), str(said).casefold())

        find = self._table.window.find
        # Who types two letters of a symbol means it rather than a name that has them somewhere.
        return find(lambda symbol: symbol.casefold().startswith(sought), after=after) or find(
            lambda symbol: any(sought in one for one in texts(symbol)), after=after
        )

    def _do_sort(self) -> None:
        held = self._order
        names = [GIVEN.name, *(column.name for column in self._table.shown if column.name in NAMES)]
        at = names.index(held.name) + 1 if held.name in names else 0
        self._sort(parse_order(names[at % len(names)]))

    def _do_reverse(self) -> None:
        self._sort(replace(self._order, reverse=not self._order.reverse))

    @property
    def _order(self) -> Order:
        return parse_order(self.options.sort) if self.options.sort else GIVEN

    def _sort(self, order: Order) -> None:
        self._edits.sort = order.text
        self._table.say(f"sorted by {order.name}{', downwards' if order.reverse else ''}")
        self._show_all()

    def _do_add(self) -> None:
        self._prompt = Prompt("add", self._add)

    def _add(self, text: str) -> None:
        if not text:
            return
        options = self.options
        more = parse_symbols(expand(split_words([text]), options.config))
        symbols = parse_symbols([*options.symbols, *more], most=options.most)
        self._edits.symbols = symbols
        self._show_all()
        self._table.window.show(symbols, 1)
        self._table.window.go(more[0])

    def _do_remove(self) -> None:
        symbol = self._table.window.cursor
        if symbol is None:
            raise UsageError("no row is chosen: move to one first")
        name = self._asked.names.get(symbol, symbol)
        symbols = tuple(other for other in self.options.symbols if other != symbol)
        if not symbols:
            raise UsageError(f"{name} is the last one: a table without rows shows nothing")
        self._edits.symbols = symbols
        self._show_all()
        self._table.window.drop(symbol)
        add = self._asked.keys["add"]
        self._table.say(f"removed {name}; {add} adds it again")

    def _do_list(self) -> None:
        lists = [name for name, entries in self._asked.config.lists.items() if entries]
        if not lists:
            raise UsageError("no lists: the config file has none; `tickstream config --init` shows how")
        # What was typed comes around, too, where it is none of the lists.
        names = [*([] if self._asked.list in lists else [None]), *lists]
        held = self._edits.list if self._edits.list in lists else (self._asked.list or None)
        self._edits.list = names[(names.index(held) + 1) % len(names)] if held in names else names[0]
        self._edits.symbols = None
        self._table.window.leave()
        self._show_all()

    def _do_columns(self) -> None:
        from tickstream.sinks.panels.chooser import Chooser

        shown = [column.name for column in self._table.shown]

        def chosen(names: tuple[str, ...]) -> None:
            self._edits.columns = names
            self._show_all()

        self._open(Chooser(self.options.columns or shown or DEFAULT, chosen))

    def _do_values(self) -> None:
        self._table.values_hidden = not self._table.values_hidden

    def _do_pause(self) -> None:
        self._table.pause(not self._table.held.paused)

    def _do_events(self) -> None:
        from tickstream.sinks.panels.events import Events

        self._open(Events(self._log))

    def _do_help(self) -> None:
        from tickstream.sinks.panels.help import Help

        self._open(Help(self._asked.keys))

    def _do_quit(self) -> None:
        self._quit = True

    def _do_save(self) -> None:
        if self._edits == Edits(list=self._edits.list):
            raise UsageError("nothing was changed by keys, so there is nothing to write")
        if self._edits.symbols is not None and not self.options.list:
            self._prompt = Prompt("write the symbols as the list @", self._save)
        else:
            self._save(self.options.list)

    def _save(self, name: str) -> None:
        from tickstream.cli.saving import save_columns, save_list, save_sort

        path, edits, options = Path(self._asked.config_path), self._edits, self.options
        name, saved = name.removeprefix("@"), []
        if edits.symbols is not None and name:
            save_list(path, name, edits.symbols)
            self._saved.list, self._saved.symbols = name, edits.symbols
            saved.append(f"the list @{name}")
        if edits.columns is not None:
            save_columns(path, edits.columns)
            self._saved.columns = edits.columns
            saved.append("columns")
        if edits.sort is not None:
            save_sort(path, "" if options.sort == GIVEN.text else edits.sort)
            self._saved.sort = edits.sort
            saved.append("the order")
        self._table.say(f"wrote {', '.join(saved)} into {path.name}" if saved else "nothing was written")

    # --- what is fetched for it ---

    def _wish(self, parts: Parts, now: float) -> Collection[str]:
        symbol = self._table.window.cursor
        if not self._shows_row or symbol is None:
            return ()
        from tickstream.core.wishes import profile_wish

        return profile_wish(symbol, parts, now, screen=True)

    def _fetch(self) -> None:
        if self._backing and self._shows_row:
            self._backing.fetch()

    @property
    def _shows_row(self) -> bool:
        """Whether all about the chosen row is shown."""
        return self._table.panel is not None and self._table.panel.of_row
