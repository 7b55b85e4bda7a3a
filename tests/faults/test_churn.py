"""Symbols and instances that come and go for ever: what is kept of them does not grow."""

from __future__ import annotations

import asyncio
import gc
import time
import tracemalloc
from collections.abc import Callable

import pytest

from tests.support.clients import Reader
from tests.support.streamer import frame
from tickstream.core.ports import Feed, Outcome
from tickstream.core.values import Part
from tickstream.hub import Hub
from tickstream.server.cluster.cluster import Cluster, Terms
from tickstream.server.cluster.connect import open_redis
from tickstream.server.cluster.messages import Beat, encode, parts_message
from tickstream.server.cluster.script import Answer
from tickstream.server.fan import Fan
from tickstream.server.log import Log
from tickstream.server.wheel import Follower
from tickstream.sources.yahoo import frames
from tickstream.sources.yahoo.frames import decode
from tickstream.sources.yahoo.layouts import Layouts

ROUNDS, MANY = 8, 300
A_LITTLE = 50_000
"""Bytes by which what is held may differ from round to round; one symbol is some hundreds."""


def raise_it(error: Exception) -> None:
    raise error


def growth(step: Callable[[int], None]) -> int:
    """Bytes that are held more after all rounds than after half of them."""
    held = []
    tracemalloc.start()
    try:
        for number in range(ROUNDS):
            step(number)
            gc.collect()
            held.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    return held[-1] - held[ROUNDS // 2]


def test_symbols_that_are_followed_pushed_and_left_leave_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    # How messages are laid out is remembered, of some thousands; here of one.
    monkeypatch.setattr(frames, "_layouts", Layouts(most=1))

    async def main() -> None:
        hub = Hub()
        fan = Fan(hub, failed=raise_it)

        def step(number: int) -> None:
            one, each = Follower(Reader(), "json"), Follower(Reader(), "2")
            symbols = [f"S{number}X{which}" for which in range(MANY)]
            for follower, every in ((one, 60_000), (each, 0)):
                fan.join(follower, every)
                fan.follow(follower, symbols)
            fan._tell()
            for symbol in symbols:
                if (tick := decode(frame(symbol))) is not None:
                    hub.publish(tick)
            assert one.slot is not None
            fan.flush(one.slot)
            fan._flush_each()
            assert sum(follower.client.sent for follower in (one, each)) == 2 * MANY
            for follower in (one, each):
                fan.leave(follower)
            fan._tell()

        assert growth(step) < A_LITTLE
        fan.close()

    asyncio.run(main())


def test_how_messages_are_laid_out_is_remembered_of_so_many_and_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    layouts = Layouts(most=50)
    monkeypatch.setattr(frames, "_layouts", layouts)
    most = 0
    for number in range(200):
        decode(frame(f"S{number}"))
        most = max(most, len(layouts._known))
    assert most == 50


class Silent:
    """A source that says nothing."""

    def follow(self, symbols: frozenset[str]) -> None:
        """Whatever is wished for, nothing is said."""

    async def run(self, feed: Feed) -> None:
        await asyncio.Event().wait()


def test_parts_and_instances_that_others_speak_of_are_forgotten_with_them() -> None:
    async def main() -> None:
        client, _ = open_redis("redis://127.0.0.1:1/0")
        terms = Terms(prefix="{t}", interval=5.0, rate=60)
        cluster = Cluster(client, terms, Silent(), lambda: 0, Log(lambda line: None), failed=raise_it)

        def step(number: int) -> None:
            for which in range(MANY):
                name = f"{number}-{which}"
                outcome = Outcome({f"news:S{name}": Part([], 1.0, 2.0)})
                cluster._hear(None, encode(Beat(name, 1, "live", "", "SIMULATED")))
                cluster._hear(None, encode(parts_message(name, f"news:S{name}", 7, outcome)))
            cluster._answered(cluster._question(), Answer({}, {}, {}, 0, time.time()), time.monotonic())

        assert growth(step) < A_LITTLE
        await client.aclose()

    asyncio.run(main())
