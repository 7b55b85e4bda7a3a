"""Checks the way to the data, step by step: what works, what does not, and what to do about that."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from pathlib import Path

from tickstream.api.opening import served
from tickstream.core.finding import Finding
from tickstream.core.text import clean
from tickstream.errors import SourceError, UsageError
from tickstream.sources import check_source, check_views, dialled, kind_of, open_source
from tickstream.sources.checks import check_tick, check_upgrade, check_way, found, way_to
from tickstream.sources.remote.answers import judge_server
from tickstream.sources.tape import is_tape
from tickstream.sources.trouble import judge

__all__ = ["examine"]


async def examine(source: str, *, key: str = "", redis_url: str = "") -> AsyncGenerator[Finding, None]:
    """All findings about a source, and about Redis where there is one, each as soon as it is made.

    Raises:
        UsageError: there is no such source, or the URL of Redis is none.
    """
    async with AsyncExitStack() as stack:
        place = await stack.enter_async_context(served(source))
        if source == "demo":
            yield Finding("source", True, "demo: a simulated Yahoo in this process, without network")
        async for finding in _check_tape(place) if is_tape(place) else _check_live(place, key):
            yield finding
    if redis_url:
        yield await _check_redis(redis_url)


async def _check_tape(place: str) -> AsyncGenerator[Finding, None]:
    """Whether it can be read is all that there is to know."""
    check_source(place)
    from tickstream.sources.tape.reading import marked_as

    mark = await asyncio.to_thread(marked_as, Path(place))
    yield Finding("tape", True, f"{clean(place)} can be played [{mark}]")


async def _check_live(place: str, key: str) -> AsyncGenerator[Finding, None]:
    async for finding in _check_stream(place, key):
        yield finding
    try:
        check_views(place)
    except UsageError:
        yield Finding("HTTP", None, "not part of this source")
    else:
        from tickstream.sources.yahoo.checks import check_http
        from tickstream.sources.yahoo.kind import KIND, web_of

        if kind_of(place) is KIND:
            async for finding in check_http(web_of(place)):
                yield finding


async def _check_stream(place: str, key: str) -> AsyncGenerator[Finding, None]:
    if to := dialled(place, key):
        for finding in await check_way("stream", way_to(to.url)):
            yield finding
            if finding.ok is False:
                return
        judge_by = judge_server(keyed=bool(key)) if kind_of(place).has_keys else judge
        upgrade = await check_upgrade("stream", to.url, to.headers, judge_by)
        yield upgrade
        if not upgrade.ok:
            return
    yield await check_tick("stream", open_source(place, key=key))


async def _check_redis(url: str) -> Finding:
    from tickstream.server.cluster.connect import open_redis

    client, _ = open_redis(url)

    async def check() -> str:
        try:
            async with client.pubsub(ignore_subscribe_messages=True) as heard:
                await heard.subscribe("tickstream:doctor")
                await client.publish("tickstream:doctor", b"1")
                for _ in range(10):
                    if await heard.get_message(timeout=0.3):
                        return "what is published there is heard"
        except Exception as error:
            # redis-py's errors and those of the sockets below it; all of them mean that it does not work.
            raise SourceError(f"{type(error).__name__}: {error}") from None
        raise SourceError("what is published there is not heard")

    try:
        return await found("Redis", check, "without it each instance of serve goes on by itself")
    finally:
        await client.aclose()
