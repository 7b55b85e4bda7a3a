"""What stands beside the stream of a watch: what HTTP knows, and what helps where nothing comes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

from tickstream.api.backing import Backing
from tickstream.api.opening import first_of
from tickstream.cli.mistakes import LOST
from tickstream.cli.options import WatchOptions
from tickstream.core.mailbox import Changed
from tickstream.core.ports import PartSource
from tickstream.core.tick import Tick
from tickstream.errors import NoData, NotFound, UsageError
from tickstream.hub import Hub
from tickstream.sinks.notes import Notes
from tickstream.sources import check_views, open_views
from tickstream.sources.remote import Address, server_of

__all__ = ["advice_of", "backing_of", "mark_of", "run_beside", "snapshot"]


def backing_of(
    hub: Hub,
    options: WatchOptions,
    place: str,
    notes: Notes | None = None,
    *,
    fill: bool = False,
    lines: bool = False,
) -> Backing | None:
    """What is known beside the stream, to be laid below it; nothing where the source has ticks alone.

    A tickstream server is asked for quotes where there is a table to fill.
    """
    opening: Callable[[], PartSource]
    polls = True
    if (address := server_of(place, options.key)) is not None:
        if not fill:
            return None
        # Where its upstream is down it has nothing newer, and says so.
        opening, polls = partial(_quotes_of, address), False
    else:
        try:
            check_views(place)
        except UsageError:
            return None
        opening = partial(open_views, place)
    said = notes.say if notes else lambda text: None
    asked = options.alerting.asked
    return Backing(hub, opening, options.symbols, fill=fill, lines=lines, polls=polls, asked=asked, said=said)


def _quotes_of(address: Address) -> PartSource:
    from tickstream.sources.remote.quotes import RemoteQuotes

    return RemoteQuotes(address)


async def run_beside(backing: Backing) -> None:
    """Run `backing` for as long as it is let; it is never what ends a watch, but where no symbol exists."""
    await backing.run()
    await asyncio.Event().wait()


def mark_of(hub: Hub, backing: Backing | None) -> Callable[[], str]:
    """What says how the data must be marked."""
    return lambda: backing.mark if backing else hub.status.mark


async def snapshot(hub: Hub, options: WatchOptions, notes: Notes, backing: Backing | None) -> list[Tick]:
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
                await first_of(collect(), *([run_beside(backing)] if backing else []))
        except TimeoutError:
            if len(missing) == len(options.symbols):
                raise NoData(seconds, hub.trouble) from None
        names = ", ".join(symbol for symbol in options.symbols if symbol in missing)
        if reading.ended and len(missing) == len(options.symbols):
            raise NotFound(f"the tape has nothing of {names}")
        if missing and not reading.ended:
            notes.say(f"no data within {seconds:g} s for {names}: unknown, or quiet")
        gone = missing.union(backing.unknown if backing else ())
        rows = [hub.board.row(symbol) for symbol in options.symbols if symbol not in gone]
        return [Tick.from_dict(row.said) for row in rows]


def advice_of(options: WatchOptions) -> str:
    """What helps a watch that Yahoo does not let in; one that gives up says it when it does."""
    return LOST if options.source == "yahoo" and options.timeout is None else ""
