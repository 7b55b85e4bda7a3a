"""`tickstream watch` where it is a table: live, or one that stays."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection, Sequence
from contextlib import aclosing
from typing import Any

from tickstream.api.backing import Backing
from tickstream.api.opening import first_of
from tickstream.cli.alerting import Alerting
from tickstream.cli.backed import advice_of, backing_of, run_beside, snapshot
from tickstream.cli.noting import noting, say
from tickstream.cli.options import WatchOptions
from tickstream.cli.terminal import STDOUT, keyboard_of, read_keys, terminal_signals
from tickstream.core.columns import DEFAULT, Column, pick_columns, with_names
from tickstream.core.mailbox import Changed
from tickstream.core.order import GIVEN, Order, parse_order
from tickstream.core.positions import Book
from tickstream.errors import UsageError
from tickstream.hub import Hub
from tickstream.sinks.highlights import Highlights
from tickstream.sinks.output import Output
from tickstream.sinks.table import Table
from tickstream.sinks.terminal import Screen, size_of

__all__ = ["News", "show_still", "show_table"]

News = AsyncGenerator[tuple[WatchOptions | None, str], None]
"""What is asked for from now on, where it can be; and what is to be said about that."""


async def show_table(
    hub: Hub, options: WatchOptions, place: str, alerting: Alerting, news: News | None
) -> None:
    from tickstream.cli.browsing import Browser
    from tickstream.sinks.live import LiveTable

    mailbox = Changed()
    backing = backing_of(hub, options, place, fill=True)
    if backing:
        alerting.mark_by(lambda: backing.mark)
    table = _table(hub, options, options.symbols, backing, alerting.highlights)
    async with Output(STDOUT) as output:
        with keyboard_of() as keyboard, hub.reading(options.symbols, mailbox) as reading:
            screen = Screen(output, keyboard)
            live = LiveTable(hub, table, screen, fps=options.fps, hints=lambda: browser.hints)
            alerting.tell_screen(screen.send, reading.wake)

            def redraw() -> None:
                live.redraw()
                reading.wake()

            def changed(symbols: Collection[str]) -> None:
                table.moved(symbols)
                reading.wake()

            def show(asked: WatchOptions) -> None:
                _show_anew(table, asked)
                # Alerts go on, whatever is shown.
                reading.follow({*asked.symbols, *asked.alerting.symbols})
                alerting.follow(asked.alerting)
                if backing:
                    backing.follow(asked.symbols)

            browser = Browser(hub, table, options, show, redraw, backing)
            work = [live.run(mailbox, reading, options.count), read_keys(screen, keyboard, browser.press)]
            if news:
                work.append(_each(news, browser.ask, table, redraw))
            if backing:
                backing.changed = changed
                backing.beside = lambda: table.pairs
                work.append(run_beside(backing))
            try:
                with screen, terminal_signals(screen, redraw):
                    await first_of(*work)
            finally:
                _remember(hub, reading.follows)
                if hub.pushes or (backing and backing.parts):
                    await output.leave(_still(table, size_of(STDOUT)[0]))
                elif advice := advice_of(options):
                    say(f"nothing came: {advice}")
    for text in backing.unknown.values() if backing else ():
        say(text)


async def _each(
    news: News, show: Callable[[WatchOptions], None], table: Any, redraw: Callable[[], None]
) -> None:
    """Show what is asked for as it changes, and say in the footer what is wrong with it."""
    async with aclosing(news):
        async for asked, note in news:
            table.note = note
            try:
                if asked is not None:
                    show(asked)
            except UsageError as error:
                table.note = str(error)
            redraw()
    await asyncio.Event().wait()


def _show_anew(table: Any, options: WatchOptions) -> None:
    table.show(
        options.symbols,
        _columns(options),
        painter=options.look.painter(),
        order=_order(options),
        chosen=bool(options.columns),
        book=_book(options, options.symbols),
    )


async def show_still(hub: Hub, options: WatchOptions, place: str, alerting: Alerting) -> None:
    with noting(hub, advice=advice_of(options)) as notes:
        alerting.tell(notes)
        ticks = await snapshot(hub, options, notes, backing_of(hub, options, place, notes))
    symbols = tuple(tick.id for tick in ticks)
    mailbox = Changed()
    with hub.reading(symbols, mailbox):
        for tick in ticks:
            hub.publish(tick)
        lines = _still(_table(hub, options, symbols), size_of(STDOUT)[0])
    async with Output(STDOUT) as output:
        output.write(lines)
        await output.ready()


def _still(table: Any, width: int) -> bytes:
    """What stays on the terminal."""
    return "".join(f"{line.rstrip()}\n" for line in table.still(width)).encode()


def _table(
    hub: Hub,
    options: WatchOptions,
    symbols: tuple[str, ...],
    backing: Backing | None = None,
    highlights: Highlights | None = None,
) -> Any:
    return Table(
        hub,
        symbols,
        _columns(options),
        painter=options.look.painter(),
        order=_order(options),
        chosen=bool(options.columns),
        beside=backing,
        book=_book(options, symbols),
        highlights=highlights,
    )


def _columns(options: WatchOptions) -> Sequence[Column]:
    return with_names(pick_columns(options.columns or DEFAULT), options.names)


def _order(options: WatchOptions) -> Order:
    return parse_order(options.sort) if options.sort else GIVEN


def _book(options: WatchOptions, symbols: Collection[str]) -> Book | None:
    """What is held of what is watched: a sum with anything else would wait for its price for ever."""
    held = {symbol: options.positions[symbol] for symbol in symbols if symbol in options.positions}
    return Book(held, options.currency) if held else None


def _remember(hub: Hub, symbols: Collection[str]) -> None:
    """Keep what there were real prices of, for whoever begins to type it."""
    if hub.status.mark or hub.heard.isdisjoint(symbols):
        return
    from tickstream.cli.suggesting import remember

    remember(sorted(hub.heard.intersection(symbols)))
