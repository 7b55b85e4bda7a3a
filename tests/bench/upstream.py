"""The simulated Yahoo before `serve`: 500 ticks a second, each stamped with the millisecond it left at.

Yahoo stamps with whole seconds, and so does the simulator, which is too coarse
to tell by the stamp how old a tick is when a client has it.
"""

from __future__ import annotations

import asyncio
import sys

from tests.bench.wire import raise_open_files
from tickstream.simulator import Options, Simulator, pushes

RATE = 500.0


async def main() -> None:
    pushes._stamp = lambda quote: int(quote.time * 1000)
    async with Simulator(Options(rate=RATE)).serving("127.0.0.1", 0) as address:
        sys.stdout.write(f"{address.netloc}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    raise_open_files()
    asyncio.run(main())
