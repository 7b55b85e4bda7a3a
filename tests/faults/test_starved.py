"""A process that gets no time for a while: afterwards it shows what is, over the link that it had."""

from __future__ import annotations

import asyncio
import os
import signal
import threading

from tests.support.process import Terminal
from tests.support.redis import free_port
from tests.support.streamer import Visit, frame, in_a_thread

BURST = 3_000
WHILE_STOPPED = 300
"""Pushes that any system holds for who does not read."""


def test_a_process_that_stood_still_during_a_burst_shows_the_newest_price_over_the_same_link() -> None:
    stopped = threading.Event()
    visits = 0

    async def burst(visit: Visit) -> None:
        nonlocal visits
        visits = visit.number
        await visit.wish()
        await visit.send(frame(price=1.0))
        await asyncio.to_thread(stopped.wait)
        for number in range(BURST):
            await visit.send(frame(price=100.0 + number, time=1_789_000_000_000 + number))
            if number == WHILE_STOPPED:
                os.kill(process, signal.SIGCONT)
        await visit.send(frame(price=9_999.5, time=1_789_000_000_000 + BURST))
        await visit.stay()

    port = free_port()
    # The terminal first: it forks, and that is not for a process with threads.
    with (
        Terminal(("watch", "AAPL", "--source", f"yahoo+http://127.0.0.1:{port}")) as terminal,
        in_a_thread(burst, port),
    ):
        assert terminal.child.pid is not None
        process = terminal.child.pid
        terminal.until_text("1.00")
        os.kill(process, signal.SIGSTOP)
        stopped.set()
        terminal.until_text("9,999.50")
        assert visits == 1
        assert "live" in terminal.lines[-1]
        terminal.child.send("q")
        assert terminal.end() == 0
