"""`tickstream watch` at work: a source, the hub, and a table or lines."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

from tickstream.api.opening import check_source, first_of, run_source
from tickstream.cli.options import WatchOptions
from tickstream.cli.terminal import STDOUT, keyboard_of, terminal_signals, until_q
from tickstream.core.columns import DEFAULT, csv_fields, pick_columns
from tickstream.core.mailbox import Changed, Every
from tickstream.core.order import GIVEN, parse_order
from tickstream.core.ports import Event, Link, Status
from tickstream.core.tick import Tick
from tickstream.errors import NoData
from tickstream.hub import Hub
from tickstream.sinks.lines import Format, LineWriter, csv_format, json_format, plain_format
from tickstream.sinks.output import Notes, Output

__all__ = ["run_watch"]


async def run_watch(options: WatchOptions) -> None:
    """Watch until told to end, by the options or by cancellation."""
    check_source(options.source)
    hub = Hub()
    show = _show_table if options.form == "table" and not options.once else _show_lines
    if options.form == "table" and options.once:
        show = _show_still
    work: list[Coroutine[Any, Any, None]] = [show(hub, options)]
    # The reader registers before the source runs, so that the first wish is the whole one.
    work.append(_source(hub, options))
    if options.timeout is not None and not options.once:
        work.append(_give_up(hub, options.timeout))
    try:
        async with asyncio.timeout(options.seconds) as limit:
            await first_of(*work)
    except TimeoutError:
        if not limit.expired():
            raise


async def _source(hub: Hub, options: WatchOptions) -> None:
    await asyncio.sleep(0)
    await run_source(hub, options.source)


async def _give_up(hub: Hub, seconds: float) -> None:
    await asyncio.sleep(seconds)
    if not hub.pushes:
        raise NoData(seconds)
    await asyncio.Event().wait()


async def _show_lines(hub: Hub, options: WatchOptions) -> None:
    form = _format(hub, options)
    mailbox = Every()
    with _notes(hub) as notes:
        async with Output(STDOUT) as output:
            writer = LineWriter(hub, output, form)
            if options.once:
                await writer.write_rows(await _snapshot(hub, options, notes))
                return
            with hub.reading(options.symbols, mailbox) as reading:
                if options.events:
                    hub.watch(mailbox.put)
                await writer.write_all(mailbox, reading, options.count)


def _format(hub: Hub, options: WatchOptions) -> Format:
    if options.form == "json":
        return json_format
    if options.form == "csv":
        return csv_format(csv_fields(options.columns)) if options.columns else csv_format()
    return plain_format(lambda: hub.status.mark)


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


async def _snapshot(hub: Hub, options: WatchOptions, notes: Notes) -> list[Tick]:
    """One row a symbol, its pushes laid over each other; those that have one at the timeout."""
    mailbox = Changed()
    seconds = options.timeout or 10.0
    with hub.reading(options.symbols, mailbox) as reading:
        missing = set(options.symbols)
        try:
            async with asyncio.timeout(seconds):
                while missing:
                    await reading.wait()
                    missing.difference_update(mailbox.take())
        except TimeoutError:
            if len(missing) == len(options.symbols):
                raise NoData(seconds) from None
        if missing:
            names = ", ".join(symbol for symbol in options.symbols if symbol in missing)
            notes.say(f"no data within {seconds:g} s for {names}: unknown, or quiet")
        rows = [hub.board.row(symbol) for symbol in options.symbols if symbol not in missing]
        return [Tick.from_dict(row.said) for row in rows]


async def _show_still(hub: Hub, options: WatchOptions) -> None:
    from tickstream.sinks.terminal import size_of

    with _notes(hub) as notes:
        ticks = await _snapshot(hub, options, notes)
    symbols = tuple(tick.id for tick in ticks)
    mailbox = Changed()
    with hub.reading(symbols, mailbox):
        for tick in ticks:
            hub.publish(tick)
        lines = _table(hub, options, symbols).still(size_of(STDOUT)[0])
    async with Output(STDOUT) as output:
        output.write("".join(f"{line.rstrip()}\n" for line in lines).encode())
        await output.ready()


def _table(hub: Hub, options: WatchOptions, symbols: tuple[str, ...]) -> Any:
    from tickstream.sinks.paint import Painter
    from tickstream.sinks.table import Table

    return Table(
        hub,
        symbols,
        pick_columns(options.columns or DEFAULT),
        painter=Painter(color=options.color),
        order=parse_order(options.sort) if options.sort else GIVEN,
        chosen=bool(options.columns),
    )


async def _show_table(hub: Hub, options: WatchOptions) -> None:
    from tickstream.sinks.live import LiveTable
    from tickstream.sinks.terminal import Screen, size_of

    table = _table(hub, options, options.symbols)
    mailbox = Changed()
    async with Output(STDOUT) as output:
        with keyboard_of() as keyboard, hub.reading(options.symbols, mailbox) as reading:
            screen = Screen(output, keyboard)
            live = LiveTable(hub, table, screen, fps=options.fps)

            def redraw() -> None:
                live.redraw()
                reading.wake()

            try:
                with screen, terminal_signals(screen, redraw):
                    await first_of(live.run(mailbox, reading, options.count), until_q(screen, keyboard))
            finally:
                if hub.pushes:
                    lines = table.still(size_of(STDOUT)[0])
                    await output.leave("".join(f"{line.rstrip()}\n" for line in lines).encode())
