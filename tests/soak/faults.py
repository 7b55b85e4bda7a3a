"""The faults of a soak: each strikes, lasts for up to as long as it is given, and is over."""

from __future__ import annotations

import asyncio
import random
import signal
from collections.abc import Awaitable, Callable, Sequence

from tests.soak.child import Child
from tests.soak.consumers import Stuck, Table
from tests.soak.stage import Stage

__all__ = ["FAULTS", "HEAVY"]

Fault = Callable[[Stage, float], Awaitable[None]]
MANY = 16_000
"""Pushes of a burst; twice what may wait for a reader of lines."""


async def reset(stage: Stage, seconds: float) -> None:
    """All connections to the simulator are reset."""
    for proxy in stage.proxies:
        proxy.reset()


async def hole(stage: Stage, seconds: float) -> None:
    """Nothing comes back any more on the connections that there are."""
    for proxy in stage.proxies:
        proxy.half_open()


async def half_close(stage: Stage, seconds: float) -> None:
    """The simulator's side of each connection is ended, the other stays open."""
    for proxy in stage.proxies:
        proxy.half_close()


async def slow_link(stage: Stage, seconds: float) -> None:
    """About 10 kB a second, less than there is to be sent."""
    for proxy in stage.proxies:
        proxy.slow = 0.1
    await asyncio.sleep(seconds)
    for proxy in stage.proxies:
        proxy.slow = 0.0


async def flap(stage: Stage, seconds: float) -> None:
    """Connections are reset, and new ones as they come."""
    for proxy in stage.proxies:
        proxy.refuses = True
        proxy.reset()
    await asyncio.sleep(seconds)
    for proxy in stage.proxies:
        proxy.refuses = False


async def restart_upstream(stage: Stage, seconds: float) -> None:
    """The simulator is killed, and started again after a while."""
    await stage.end_upstream(signal.SIGKILL)
    await asyncio.sleep(min(seconds, 5.0))
    await stage.start_upstream()


async def garbage(stage: Stage, seconds: float) -> None:
    """Frames that are none, between those that are."""
    stage.upstream.tell("garbage 50")


async def http_errors(stage: Stage, seconds: float) -> None:
    """The simulator's HTTP is out of order."""
    stage.upstream.tell("faults http-status=503")
    await asyncio.sleep(seconds)
    stage.upstream.tell("faults")


async def stop_lines(stage: Stage, seconds: float) -> None:
    """Those that print lines are stopped, and go on."""
    await _stop(stage.lines, seconds)


async def stop_tables(stage: Stage, seconds: float) -> None:
    """The tables are stopped, and go on."""
    await _stop(stage.tables, seconds)


async def stop_server(stage: Stage, seconds: float) -> None:
    """One of the servers is stopped, and goes on; the other one the next time."""
    await _stop(stage.servers[:1], seconds)
    stage.servers.reverse()


async def stop_upstream(stage: Stage, seconds: float) -> None:
    """The simulator is stopped, and goes on."""
    await _stop([stage.upstream], seconds)


async def reader_pauses(stage: Stage, seconds: float) -> None:
    """Nobody reads the lines for a while, while more come than may wait."""
    for lines in stage.lines:
        lines.reading.clear()
    stage.upstream.tell(f"burst {MANY}")
    await asyncio.sleep(seconds)
    for lines in stage.lines:
        lines.reading.set()


async def resize(stage: Stage, seconds: float) -> None:
    """The terminals change their size, again and again."""
    chance = random.Random(stage.ledger.sent)
    for _ in range(20):
        for table in stage.tables:
            table.resize(chance.randrange(1, 200), chance.randrange(1, 60))
        await asyncio.sleep(seconds / 40)
    for table in stage.tables:
        table.resize(100, 24)


async def never_reads(stage: Stage, seconds: float) -> None:
    """A client of each server wants each push, and takes none."""
    stage.stuck += [Stuck(place) for place in stage.places]


async def redis_restart(stage: Stage, seconds: float) -> None:
    """Redis is killed, and started again after a while, with nothing kept."""
    if stage.redis:
        stage.redis.stop()
        await asyncio.sleep(seconds)
        await asyncio.to_thread(stage.redis.start)


async def burst(stage: Stage, seconds: float) -> None:
    """Thousands of pushes within a second or two."""
    stage.upstream.tell(f"burst {MANY}")


async def _stop(processes: Sequence[Child | Table], seconds: float) -> None:
    for one in processes:
        one.send_signal(signal.SIGSTOP)
    await asyncio.sleep(seconds)
    for one in processes:
        one.send_signal(signal.SIGCONT)


FAULTS: dict[str, Fault] = {
    fault.__name__.replace("_", "-"): fault
    for fault in (
        burst,
        reader_pauses,
        resize,
        reset,
        hole,
        half_close,
        slow_link,
        restart_upstream,
        flap,
        garbage,
        http_errors,
        stop_lines,
        stop_tables,
        stop_server,
        stop_upstream,
        never_reads,
        redis_restart,
    )
}

HEAVY = frozenset({"burst", "reader-pauses", "stop-lines"})
"""Those that need memory for thousands of pushes at once, or for all that came in a while."""
