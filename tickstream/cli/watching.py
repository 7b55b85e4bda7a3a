"""`tickstream watch` at work: a source, the hub, and a table or lines."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection, Coroutine, Iterator, Sequence
from contextlib import aclosing, contextmanager
from functools import partial
from typing import Any

from tickstream.api.backing import Backing
from tickstream.api.opening import check_source, first_of, run_source, served
from tickstream.cli.options import WatchOptions
from tickstream.cli.terminal import STDOUT, keyboard_of, terminal_signals, until_typed
from tickstream.core.columns import DEFAULT, Column, csv_fields, pick_columns, with_names
from tickstream.core.mailbox import Changed, Every
from tickstream.core.order import GIVEN, Order, parse_order
from tickstream.core.ports import Event, Link, Status
from tickstream.core.tick import Tick
from tickstream.errors import NoData, UsageError
from tickstream.hub import Hub
from tickstream.sinks.lines import Format, LineWriter, csv_format, json_format, plain_format
from tickstream.sinks.output import Notes, Output
from tickstream.sources import check_views, open_views

__all__ = ["News", "run_watch"]

News = AsyncGenerator[tuple[WatchOptions | None, str], None]
"""What is asked for from now on, where it can be; and what is to be said about that."""


async def run_watch(options: WatchOptions, news: News | None = None) -> None:
    """Watch until told to end, by the options or by cancellation; a live table follows `news`."""
    check_source(options.source)
    # One simulator for both, so that what it pushes and what it answers agree.
    async with served(options.source) as place:
        await _watch(options, place, news)


async def _watch(options: WatchOptions, place: str, news: News | None) -> None:
    hub = Hub()
    if options.form != "table":
        show = _show_lines(hub, options, place)
    else:
        show = _show_still(hub, options, place) if options.once else _show_table(hub, options, place, news)
    work: list[Coroutine[Any, Any, None]] = [show]
    # The reader registers before the source runs, so that the first wish is the whole one.
    work.append(_source(hub, place))
    if options.timeout is not None and not options.once:
        work.append(_give_up(hub, options.timeout))
    try:
        async with asyncio.timeout(options.seconds) as limit:
            await first_of(*work)
    except TimeoutError:
        if not limit.expired():
            raise


async def _source(hub: Hub, place: str) -> None:
    await asyncio.sleep(0)
    await run_source(hub, place)


async def _give_up(hub: Hub, seconds: float) -> None:
    await asyncio.sleep(seconds)
    if not hub.pushes:
        raise NoData(seconds)
    await asyncio.Event().wait()


async def _show_lines(hub: Hub, options: WatchOptions, place: str) -> None:
    mailbox = Every()
    with _notes(hub) as notes:
        # Polled values are no pushes, and pushes are all that --json and --csv print.
        polls = options.form == "plain" and not options.once
        backing = _backing(hub, options, place, notes, lines=polls)
        async with Output(STDOUT) as output:
            writer = LineWriter(hub, output, _format(hub, options, backing))
            if options.once:
                await writer.write_rows(await _snapshot(hub, options, notes, backing))
                return
            with hub.reading(options.symbols, mailbox) as reading:
                if options.events:
                    hub.watch(mailbox.put)
                lines = writer.write_all(mailbox, reading, options.count)
                await first_of(lines, *([_beside(backing)] if backing else []))


def _backing(
    hub: Hub,
    options: WatchOptions,
    place: str,
    notes: Notes | None = None,
    *,
    fill: bool = False,
    lines: bool = False,
) -> Backing | None:
    """What HTTP knows beside the stream; nothing where the source has ticks alone."""
    try:
        check_views(place)
    except UsageError:
        return None
    said = notes.say if notes else lambda text: None
    return Backing(hub, partial(open_views, place), options.symbols, fill=fill, lines=lines, said=said)


async def _beside(backing: Backing) -> None:
    """Run `backing` for as long as it is let; it is never what ends a watch, but where no symbol exists."""
    await backing.run()
    await asyncio.Event().wait()


def _format(hub: Hub, options: WatchOptions, backing: Backing | None) -> Format:
    if options.form == "json":
        return json_format
    if options.form == "csv":
        return csv_format(csv_fields(options.columns)) if options.columns else csv_format()

    return plain_format(lambda: backing.mark if backing else hub.status.mark)


@contextmanager
def _notes(hub: Hub) -> Iterator[Notes]:
    """States, gaps and drops as lines on stderr."""
    notes = Notes()
    said: tuple[object, ...] = ()

    def note(event: Event) -> None:
        nonlocal said
        if isinstance(event, Status):
            # "connecting" again with another reason is no news; why it is lost is.
            news = event.state not in (Link.CONNECTING, Link.LIVE)
            before, said = said, (event.state, event.mark, *((event.reason, event.attempt) if news else ()))
            if said == before:
                return
        notes.say(str(event))

    hub.watch(note)
    try:
        yield notes
    finally:
        notes.close()


async def _snapshot(hub: Hub, options: WatchOptions, notes: Notes, backing: Backing | None) -> list[Tick]:
    """One row a symbol, its pushes laid over each other; those that have one at the timeout."""
    mailbox = Changed()
    seconds = options.timeout or 10.0
    with hub.reading(options.symbols, mailbox) as reading:
        missing = set(options.symbols)

        async def collect() -> None:
            while missing:
                await reading.wait()
                missing.difference_update(mailbox.take())
                missing.difference_update(backing.unknown if backing else ())

        if backing:
            backing.changed = lambda symbols: reading.wake()
        try:
            async with asyncio.timeout(seconds):
                await first_of(collect(), *([_beside(backing)] if backing else []))
        except TimeoutError:
            if len(missing) == len(options.symbols):
                raise NoData(seconds) from None
        if missing:
            names = ", ".join(symbol for symbol in options.symbols if symbol in missing)
            notes.say(f"no data within {seconds:g} s for {names}: unknown, or quiet")
        gone = missing.union(backing.unknown if backing else ())
        rows = [hub.board.row(symbol) for symbol in options.symbols if symbol not in gone]
        return [Tick.from_dict(row.said) for row in rows]


async def _show_still(hub: Hub, options: WatchOptions, place: str) -> None:
    from tickstream.sinks.terminal import size_of

    with _notes(hub) as notes:
        ticks = await _snapshot(hub, options, notes, _backing(hub, options, place, notes))
    symbols = tuple(tick.id for tick in ticks)
    mailbox = Changed()
    with hub.reading(symbols, mailbox):
        for tick in ticks:
            hub.publish(tick)
        lines = _table(hub, options, symbols).still(size_of(STDOUT)[0])
    async with Output(STDOUT) as output:
        output.write("".join(f"{line.rstrip()}\n" for line in lines).encode())
        await output.ready()


def _table(hub: Hub, options: WatchOptions, symbols: tuple[str, ...], backing: Backing | None = None) -> Any:
    from tickstream.sinks.paint import Painter
    from tickstream.sinks.table import Table

    return Table(
        hub,
        symbols,
        _columns(options),
        painter=Painter(color=options.color),
        order=_order(options),
        chosen=bool(options.columns),
        beside=backing,
    )


def _columns(options: WatchOptions) -> Sequence[Column]:
    return with_names(pick_columns(options.columns or DEFAULT), options.names)


def _order(options: WatchOptions) -> Order:
    return parse_order(options.sort) if options.sort else GIVEN


def _show_anew(table: Any, options: WatchOptions) -> None:
    columns = _columns(options)
    table.show(options.symbols, columns, order=_order(options), chosen=bool(options.columns))


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


async def _show_table(hub: Hub, options: WatchOptions, place: str, news: News | None) -> None:
    from tickstream.sinks.live import LiveTable
    from tickstream.sinks.terminal import Screen, size_of

    mailbox = Changed()
    backing = _backing(hub, options, place, fill=True)
    table = _table(hub, options, options.symbols, backing)
    async with Output(STDOUT) as output:
        with keyboard_of() as keyboard, hub.reading(options.symbols, mailbox) as reading:
            screen = Screen(output, keyboard)
            quit_key = options.keys["quit"]
            live = LiveTable(hub, table, screen, fps=options.fps, keys=((quit_key, "quit"),))

            def redraw() -> None:
                live.redraw()
                reading.wake()

            def changed(symbols: Collection[str]) -> None:
                table.moved(symbols)
                reading.wake()

            def show(asked: WatchOptions) -> None:
                _show_anew(table, asked)
                reading.follow(asked.symbols)
                if backing:
                    backing.follow(asked.symbols)

            work = [live.run(mailbox, reading, options.count), until_typed(quit_key, screen, keyboard)]
            if news:
                work.append(_each(news, show, table, redraw))
            if backing:
                backing.changed = changed
                work.append(_beside(backing))
            try:
                with screen, terminal_signals(screen, redraw):
                    await first_of(*work)
            finally:
                if hub.pushes or (backing and backing.parts):
                    lines = table.still(size_of(STDOUT)[0])
                    await output.leave("".join(f"{line.rstrip()}\n" for line in lines).encode())
    for text in backing.unknown.values() if backing else ():
        _say(text)


def _say(text: str) -> None:
    notes = Notes()
    notes.say(text)
    notes.close()
