"""The simulated Yahoo before `serve`: 500 ticks a second, each stamped with the millisecond it left at.

Yahoo stamps with whole seconds, and so does the simulator, which is too coarse
to tell by the stamp how old a tick is when a client has it. Each line on stdin
asks how often each symbol of each part was fetched since the last one.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter

from tests.bench.wire import raise_open_files
from tickstream.http.messages import Request, Response
from tickstream.simulator import Options, Simulator, pushes
from tickstream.simulator.yahoo_http.gateway import YahooHttp

RATE = 500.0


class Counted(YahooHttp):
    """Counts what is asked for, by path and symbol."""

    fetched: Counter[str]

    async def answer(self, request: Request) -> Response:
        symbols = request.query.get("symbols", "").split(",")
        self.fetched.update(f"{request.path} {symbol}" for symbol in symbols)
        return await super().answer(request)


async def main() -> None:
    pushes._stamp = lambda quote: int(quote.time * 1000)
    simulator = Simulator(Options(rate=RATE))
    web = simulator.web
    web.__class__ = Counted
    assert isinstance(web, Counted)
    web.fetched = Counter()
    async with simulator.serving("127.0.0.1", 0) as address:
        print(address.netloc, flush=True)
        while await asyncio.to_thread(sys.stdin.readline):
            print(json.dumps(web.fetched), flush=True)
            web.fetched.clear()


if __name__ == "__main__":
    raise_open_files()
    asyncio.run(main())
