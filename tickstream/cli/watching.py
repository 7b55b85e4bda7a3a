"""`tickstream watch` at work: a source, the hub, and a table or lines."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection, Coroutine, Sequence
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING, Any

from tickstream.api.backing import Backing
from tickstream.api.opening import check_played, first_of, give_up, run_source, served
from tickstream.cli.alerting import Alerting
from tickstream.cli.mistakes import LOST
from tickstream.cli.noting import noting
from tickstream.cli.options import WatchOptions
from tickstream.cli.terminal import STDOUT, keyboard_of, read_keys, terminal_signals
from tickstream.core.columns import DEFAULT, Column, csv_fields, pick_columns, with_names
from tickstream.core.mailbox import Changed, Every
from tickstream.core.order import GIVEN, Order, parse_order
from tickstream.core.positions import Book
from tickstream.core.template import Template
from tickstream.core.tick import Tick
from tickstream.errors import NoData, NotFound, UsageError
from tickstream.hub import Hub
from tickstream.sinks.highlights import Highlights
from tickstream.sinks.lines import Format, LineWriter, csv_format, json_format, plain_format, template_format
from tickstream.sinks.output import Notes, Output
from tickstream.sources import check_source, check_views, open_views

if TYPE_CHECKING:
    from tickstream.sinks.tapefile import TapeFile

__all__ = ["News", "run_watch"]

News = AsyncGenerator[tuple[WatchOptions | None, str], None]
"""What is asked for from now on, where it can be; and what is to be said about that."""
Show = Callable[[Hub, WatchOptions, str, Alerting], Coroutine[Any, Any, None]]
"""One way to show what is watched."""


async def run_watch(options: WatchOptions, news: News | None = None) -> None:
    """Watch until told to end, by the options or by cancellation; a live table follows `news`."""
    check_source(options.source, key=options.key, playback=options.playback)
    tape = _open_tape(options)
    # One simulator for both, so that what it pushes and what it answers agree.
    async with served(options.source) as place:
        await _watch(options, place, tape, news)


async def _watch(options: WatchOptions, place: str, tape: TapeFile | None, news: News | None) -> None:
    hub = Hub()
    async with Alerting(hub, options.alerting) as alerting:
        show = {"bar": _show_bar, "words": _show_words}.get(options.form, _show_lines)
        if options.form == "table":
            show = _show_still if options.once else partial(_show_table, news=news)
        await _watch_by(hub, options, place, alerting, tape, show)
        alerting.check_end()
        if not options.once:
            check_played(hub, options.symbols)


async def _watch_by(
    hub: Hub, options: WatchOptions, place: str, alerting: Alerting, tape: TapeFile | None, show: Show
) -> None:
    work: list[Coroutine[Any, Any, None]] = [show(hub, options, place, alerting), alerting.run()]
    # The reader registers before the source runs, so that the first wish is the whole one.
    if tape is not None:
        work.append(_keep_tape(hub, options, tape))
    work.append(_source(hub, place, options))
    if options.timeout is not None and not options.once:
        work.append(give_up(hub, options.timeout))
    try:
        async with asyncio.timeout(options.seconds) as limit:
            await first_of(*work)
    except TimeoutError:
        if not limit.expired():
            raise


async def _source(hub: Hub, place: str, options: WatchOptions) -> None:
    await asyncio.sleep(0)
    await run_source(hub, place, options.key, options.playback)
    # A tape has ended: who reads ends when all of it is read.
    await asyncio.Event().wait()


def _open_tape(options: WatchOptions) -> TapeFile | None:
    """The tape that is written beside; only who writes one loads what does."""
    if options.taping is None:
        return None
    from tickstream.cli.recording import open_tape

    return open_tape(options.taping)


async def _keep_tape(hub: Hub, options: WatchOptions, tape: TapeFile) -> None:
    """Record beside what is shown; what is wrong with that is said where it does not spoil the screen."""
    from tickstream.cli.recording import keep_tape

    said: list[str] = []
    on_screen = options.form == "table" and not options.once
    try:
        await keep_tape(hub, options.symbols, tape, said.append if on_screen else _say)
    finally:
        for text in said:
            _say(text)


async def _show_lines(hub: Hub, options: WatchOptions, place: str, alerting: Alerting) -> None:
    mailbox = Every()
    with noting(hub, advice=_advice(options)) as notes:
        alerting.tell(notes)
        # Polled values are no pushes, and pushes are all that --json and --csv print.
        polls = options.form == "plain" and not options.once
        backing = _backing(hub, options, place, notes, lines=polls)
        if backing:
            alerting.mark_by(lambda: backing.mark)
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


def _advice(options: WatchOptions) -> str:
    """What helps a watch that Yahoo does not let in; one that gives up says it when it does."""
    return LOST if options.source == "yahoo" and options.timeout is None else ""


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
    opening, asked = partial(open_views, place), options.alerting.asked
    return Backing(hub, opening, options.symbols, fill=fill, lines=lines, asked=asked, said=said)


async def _beside(backing: Backing) -> None:
    """Run `backing` for as long as it is let; it is never what ends a watch, but where no symbol exists."""
    await backing.run()
    await asyncio.Event().wait()


def _format(hub: Hub, options: WatchOptions, backing: Backing | None) -> Format:
    if options.form == "json":
        return json_format
    if options.form == "csv":
        return csv_format(csv_fields(options.columns)) if options.columns else csv_format()
    if options.form == "template":
        return template_format(Template(options.format), options.look.text)

    painter = options.look.painter(terminal=False) if options.look.forced else None
    return plain_format(_mark_by(hub, backing), painter)


def _mark_by(hub: Hub, backing: Backing | None) -> Callable[[], str]:
    """What says how the data must be marked."""
    return lambda: backing.mark if backing else hub.status.mark


async def _snapshot(hub: Hub, options: WatchOptions, notes: Notes, backing: Backing | None) -> list[Tick]:
    """One row a symbol, its pushes laid over each other; those that have one at the timeout."""
    mailbox = Changed()
    seconds = options.timeout or 10.0
    with hub.reading(options.symbols, mailbox) as reading:
        missing = set(options.symbols)

        async def collect() -> None:
            while missing and not reading.ended:
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
        names = ", ".join(symbol for symbol in options.symbols if symbol in missing)
        if reading.ended and len(missing) == len(options.symbols):
            raise NotFound(f"the tape has nothing of {names}")
        if missing and not reading.ended:
            notes.say(f"no data within {seconds:g} s for {names}: unknown, or quiet")
        gone = missing.union(backing.unknown if backing else ())
        rows = [hub.board.row(symbol) for symbol in options.symbols if symbol not in gone]
        return [Tick.from_dict(row.said) for row in rows]


async def _show_bar(hub: Hub, options: WatchOptions, place: str, alerting: Alerting) -> None:
    from tickstream.core.bars import BARS
    from tickstream.sinks.bar import BarWriter

    mailbox = Changed()
    name, _, item = options.format.partition(":")
    with noting(hub, advice=_advice(options)) as notes:
        alerting.tell(notes)
        # HTTP is loaded only where an alert cannot do without: a bar is to cost next to nothing.
        backing = _backing(hub, options, place, notes) if options.alerting.asked else None
        async with Output(STDOUT) as output:
            with hub.reading(options.symbols, mailbox) as reading:
                writer = BarWriter(hub, output, BARS[name], options.symbols, Template(item) if item else None)
                writer.colors, writer.write = options.look.colors, options.look.text
                writer.highlights = alerting.highlights
                if options.once:
                    await _snapshot(hub, options, notes, backing)
                    await writer.write_once()
                    return
                alerting.fired = reading.wake
                # A state that changes is news, too.
                hub.watch(lambda event: reading.wake())
                line = writer.run(mailbox, reading, options.count)
                await first_of(line, *([_beside(backing)] if backing else []))


async def _show_still(hub: Hub, options: WatchOptions, place: str, alerting: Alerting) -> None:
    from tickstream.sinks.terminal import size_of

    with noting(hub, advice=_advice(options)) as notes:
        alerting.tell(notes)
        ticks = await _snapshot(hub, options, notes, _backing(hub, options, place, notes))
    symbols = tuple(tick.id for tick in ticks)
    mailbox = Changed()
    with hub.reading(symbols, mailbox):
        for tick in ticks:
            hub.publish(tick)
        lines = _still(_table(hub, options, symbols), size_of(STDOUT)[0])
    async with Output(STDOUT) as output:
        output.write(lines)
        await output.ready()


def _table(
    hub: Hub,
    options: WatchOptions,
    symbols: tuple[str, ...],
    backing: Backing | None = None,
    highlights: Highlights | None = None,
) -> Any:
    from tickstream.sinks.table import Table

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


async def _show_words(hub: Hub, options: WatchOptions, place: str, alerting: Alerting) -> None:
    from tickstream.sinks.words import WordWriter

    mailbox = Changed()
    with noting(hub, advice=_advice(options)) as notes:
        alerting.tell(notes)
        backing = _backing(hub, options, place, notes, fill=True)
        if backing:
            alerting.mark_by(lambda: backing.mark)
        async with Output(STDOUT) as output:
            with hub.reading(options.symbols, mailbox) as reading:
                writer = WordWriter(hub, output, _mark_by(hub, backing), write=options.look.text)

                def changed(symbols: Collection[str]) -> None:
                    writer.moved(symbols)
                    reading.wake()

                if backing:
                    backing.changed = changed
                words = writer.write_all(mailbox, reading, options.count)
                await first_of(words, *([_beside(backing)] if backing else []))


def _columns(options: WatchOptions) -> Sequence[Column]:
    return with_names(pick_columns(options.columns or DEFAULT), options.names)


def _order(options: WatchOptions) -> Order:
    return parse_order(options.sort) if options.sort else GIVEN


def _book(options: WatchOptions, symbols: Collection[str]) -> Book | None:
    """What is held of what is watched: a sum with anything else would wait for its price for ever."""
    held = {symbol: options.positions[symbol] for symbol in symbols if symbol in options.positions}
    return Book(held, options.currency) if held else None


def _show_anew(table: Any, options: WatchOptions) -> None:
    table.show(
        options.symbols,
        _columns(options),
        painter=options.look.painter(),
        order=_order(options),
        chosen=bool(options.columns),
        book=_book(options, options.symbols),
    )


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


async def _show_table(
    hub: Hub, options: WatchOptions, place: str, alerting: Alerting, news: News | None
) -> None:
    from tickstream.cli.browsing import Browser
    from tickstream.sinks.live import LiveTable
    from tickstream.sinks.terminal import Screen, size_of

    mailbox = Changed()
    backing = _backing(hub, options, place, fill=True)
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
                work.append(_beside(backing))
            try:
                with screen, terminal_signals(screen, redraw):
                    await first_of(*work)
            finally:
                _remember(hub, reading.follows)
                if hub.pushes or (backing and backing.parts):
                    await output.leave(_still(table, size_of(STDOUT)[0]))
                elif advice := _advice(options):
                    _say(f"nothing came: {advice}")
    for text in backing.unknown.values() if backing else ():
        _say(text)


def _still(table: Any, width: int) -> bytes:
    """What stays on the terminal."""
    return "".join(f"{line.rstrip()}\n" for line in table.still(width)).encode()


def _remember(hub: Hub, symbols: Collection[str]) -> None:
    """Keep what there were real prices of, for whoever begins to type it."""
    if hub.status.mark or hub.heard.isdisjoint(symbols):
        return
    from tickstream.cli.suggesting import remember

    remember(sorted(hub.heard.intersection(symbols)))


def _say(text: str) -> None:
    notes = Notes()
    notes.say(text)
    notes.close()
