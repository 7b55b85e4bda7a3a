"""A name becomes a source that runs: the demo, Yahoo, the URL of a streamer, a tape."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from tickstream.core.ports import PartSource, Source
from tickstream.errors import NoData, NotFound
from tickstream.hub import Hub
from tickstream.sources import check_key, check_source, check_views, kind_of, open_source, open_views
from tickstream.sources.remote import is_server

if TYPE_CHECKING:
    from tickstream.core.playback import Playback

__all__ = [
    "check_played",
    "checked_key",
    "first_of",
    "give_up",
    "key_of",
    "opened",
    "opened_views",
    "run_source",
    "served",
]


def check_played(hub: Hub, symbols: Sequence[str]) -> None:
    """Raise NotFound where a tape has come to its end, and had nothing of any of these symbols."""
    if hub.ended and not hub.pushes:
        more = ", …" if len(symbols) > 5 else ""
        raise NotFound(f"the tape has nothing of {', '.join(symbols[:5])}{more}")


def checked_key(name: str, key: str | None, *, taped: bool = False) -> str:
    """The key for this source of views: what is given, or, for a tickstream server, in the environment.

    With `taped` a tape will do.

    Raises:
        UsageError: no source of views has this name, or it has no use for the key that is given.
    """
    key = key_of(name, key)
    if is_server(name):
        check_source(name, key=key)
    else:
        check_key(name, key)
        check_views(name, taped=taped)
    return key


def key_of(name: str, key: str | None) -> str:
    """The key that is given; where none is that of the environment, for a tickstream server alone."""
    if key is not None:
        return key
    return os.environ.get("TICKSTREAM_API_KEY", "") if kind_of(name).has_keys else ""


@asynccontextmanager
async def served(name: str) -> AsyncIterator[str]:
    """The name of a source that can be opened: for `demo` a simulator runs on a loopback port meanwhile.

    One path for simulated and real, and one simulator for all that is opened
    within: its ticks and its views agree.
    """
    if name != "demo":
        yield name
        return
    from tickstream.simulator import Options, Simulator

    async with Simulator(Options()).serving(port=0) as address:
        yield address.url


@asynccontextmanager
async def opened(
    name: str, *, key: str = "", each: bool = True, playback: Playback | None = None
) -> AsyncIterator[Source]:
    """The source of ticks that `name` stands for, `demo`, the URL of a streamer and a tape included.

    Raises:
        UsageError: there is no such source.
    """
    async with served(name) as place:
        yield open_source(place, key=key, each=each, playback=playback)


@asynccontextmanager
async def opened_views(name: str) -> AsyncIterator[PartSource]:
    """The source of parts that `name` stands for, `demo` included.

    Raises:
        UsageError: there is no such source, or it has no views.
    """
    async with served(name) as place:
        source = open_views(place)
        try:
            yield source
        finally:
            await source.close()


async def run_source(hub: Hub, name: str, key: str = "", playback: Playback | None = None) -> None:
    """Open the source that `name` stands for, and publish to `hub` what it says, until it ends."""
    async with opened(name, key=key, each=hub.wants_each, playback=playback) as source:
        await hub.run(source)


async def first_of(*work: Coroutine[Any, Any, Any]) -> None:
    """Run all of `work` until the first ends, then end the others; what it raised is raised."""
    tasks = [asyncio.ensure_future(coroutine) for coroutine in work]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in tasks:
        if task in done:
            task.result()


async def give_up(hub: Hub, seconds: float) -> None:
    """Raise NoData where nothing came by then."""
    await asyncio.sleep(seconds)
    if not hub.pushes:
        raise NoData(seconds, hub.trouble)
    await asyncio.Event().wait()
