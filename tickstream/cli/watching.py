"""`tickstream watch` at work: a source, the hub, and a table or lines."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any

from tickstream.api.opening import check_played, first_of, give_up, run_source, served
from tickstream.cli.alerting import Alerting
from tickstream.cli.noting import say
from tickstream.cli.options import WatchOptions
from tickstream.hub import Hub
from tickstream.sources import check_source

if TYPE_CHECKING:
    from tickstream.cli.tabling import News
    from tickstream.sinks.tapefile import TapeFile

__all__ = ["run_watch"]

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
        await _watch_by(hub, options, place, alerting, tape, _show_of(options, news))
        alerting.check_end()
        if not options.once:
            check_played(hub, options.symbols)


def _show_of(options: WatchOptions, news: News | None) -> Show:
    """What shows it; who prints lines does not load what draws a table."""
    if options.form == "table":
        from tickstream.cli.tabling import show_still, show_table

        return show_still if options.once else partial(show_table, news=news)
    from tickstream.cli.printing import show_bar, show_lines, show_words

    return {"bar": show_bar, "words": show_words}.get(options.form, show_lines)


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
        await keep_tape(hub, options.symbols, tape, said.append if on_screen else say)
    finally:
        for text in said:
            say(text)
