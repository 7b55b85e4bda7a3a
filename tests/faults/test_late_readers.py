"""Clients that read late, or all at once: what they get then is fresh, and others have theirs on time."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable
from typing import Any

from websockets.asyncio.client import connect

from tests.support.server import LONG, There, receive, serving
from tickstream.core.tick import Tick, Value
from tickstream.server.settings import Limits

SYMBOLS = [f"S{number}" for number in range(50)]


class Pushing:
    """Pushes of all symbols, as if they came from upstream; the price is how often that was."""

    def __init__(self, there: There) -> None:
        self.server, self.times = there.server, 0

    async def push(self, times: int = 1) -> None:
        """Push, and give all who conflate their turn."""
        for _ in range(times):
            self.times += 1
            for symbol in SYMBOLS:
                said: dict[str, Value] = {
                    "id": symbol,
                    "price": float(self.times),
                    "time": 1_700_000_000_000 + self.times,
                }
                self.server.hub.publish(Tick.from_dict(said))
            for slot in {follower.slot for follower in self.server.fan.followers}:
                assert slot is not None
                self.server.fan.flush(slot)
            await asyncio.sleep(0)


def narrow(there: There, path: str) -> connect:
    """A client whose system takes little for it."""
    room = socket.socket()
    room.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    room.connect(("127.0.0.1", there.place.port))
    return connect(f"{there.base}{path}", proxy=None, sock=room, max_queue=1, compression=None)


def test_who_reads_late_gets_few_rows_that_are_old_and_then_the_newest_of_each() -> None:
    async def test(there: There) -> None:
        async with narrow(there, "/stream?format=json&every=60000") as late:
            await late.send(json.dumps({"subscribe": SYMBOLS}))
            await there.until(lambda: len(there.server.hub.symbols) == len(SYMBOLS))
            pushing = Pushing(there)
            await pushing.push()
            assert (await receive(late))["price"] == 1.0
            late.transport.pause_reading()
            await pushing.push(400)
            late.transport.resume_reading()
            old, newest = 0, set[str]()
            while len(newest) < len(SYMBOLS):
                row = await receive(late)
                old += row["price"] < pushing.times
                if row["price"] == pushing.times:
                    newest.add(row["id"])
            assert there.metric("ticks_conflated_total") > 15_000
            assert old < 1_500

    run(test, "refuse", limits=Limits(progress=LONG))


def test_a_crowd_that_comes_back_at_once_has_all_it_wants_and_upstream_does_not_notice() -> None:
    async def one(there: There, number: int) -> tuple[str, list[Any]]:
        wish = [f"S{(number + step) % 90}" for step in range(5)]
        path = ("/stream?format=json", "/quotes")[number % 2]
        async with there.connect(path, open_timeout=LONG) as client:
            await client.send(json.dumps({"subscribe": wish}) if number % 2 == 0 else ",".join(wish))
            return path, [await receive(client) for _ in range(2)]

    async def test(there: There) -> None:
        async with there.connect("/stream?format=json&events=1") as before:
            await before.send('{"subscribe":["AAPL"]}')
            while "id" not in await receive(before):
                pass
            answers = await asyncio.gather(*(one(there, number) for number in range(200)))
            assert len(there.simulator.clients) == 1  # ninety-one symbols are one connection
            assert not there.server.door.refused
            # Whoever was there before heard of no gap.
            assert (await receive(before)).get("type") is None
        for path, (first, _) in answers:
            assert all(row["price"] for row in (first if path == "/quotes" else [first]))

    run(test)


def run(test: Callable[[There], Awaitable[None]], *faults: str, **options: Any) -> None:
    async def main() -> None:
        async with serving(*faults, interval=1.0, **options) as there:
            await test(there)

    asyncio.run(main())
