"""A name becomes a source that runs: the demo, Yahoo, the URL of a streamer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from tickstream.core.ports import Source
from tickstream.hub import Hub
from tickstream.sources import open_source

__all__ = ["check_source", "first_of", "opened", "run_source"]


def check_source(name: str) -> None:
    """Raise UsageError where no source has this name; nothing is connected."""
    if name != "demo":
        open_source(name)


@asynccontextmanager
async def opened(name: str) -> AsyncIterator[Source]:
    """The source that `name` stands for, `demo` and the URL of a streamer included.

    The demo is a simulator on a loopback port of this process, and the ordinary
    client pointed at it: one path for simulated and real.

    Raises:
        UsageError: there is no such source.
    """
    if name != "demo":
        yield open_source(name)
        return
    from tickstream.simulator import Options, Simulator

    async with Simulator(Options()).serving(port=0) as address:
        yield open_source(address.url)


async def run_source(hub: Hub, name: str) -> None:
    """Open the source that `name` stands for, and publish to `hub` what it says."""
    async with opened(name) as source:
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
