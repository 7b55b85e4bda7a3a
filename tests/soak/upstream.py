"""A simulated Yahoo whose pushes are numbered: `python -m tests.soak.upstream PORT RATE FIRST`.

The `day_volume` of each push is its number, counted for each symbol from FIRST on, and its price is
100 + number / 100. Before it is sent it stands on stdout: symbol, number, seconds since the epoch.

On stdin it is told, a line each: `faults FAULT...` (just these from now on), `burst N` (so many pushes
within a second or two), `garbage N` (so many frames that are none, to each connection), `quiet` and `go`.
It ends with stdin.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from functools import cached_property

from tests.soak.ledger import SYMBOLS, price_of
from tickstream.cli.run import run_async
from tickstream.simulator import Options, Simulator
from tickstream.simulator.market import MarketClock
from tickstream.simulator.prices import Prices, Quote

SLICE = 200
"""Pushes of a burst that go out together; as many as that a hundredth of a second later."""
GARBAGE = ('{"type":"pricing","message":"!!"}', '{"type":"pri', "CgRB!!QVBM", "CgRBQVBM")
"""Broken JSON, broken base64, and a message that says nothing but a symbol."""


class Numbered(Prices):
    """Prices of which those of SYMBOLS count their pushes."""

    def __init__(self, seed: int, clock: MarketClock, first: int) -> None:
        super().__init__(seed, clock)
        self._numbers = Counter(dict.fromkeys(SYMBOLS, first))
        self.quiet = False

    def quote(self, symbol: str, now: float) -> Quote | None:
        return self._number(symbol, super().quote(symbol, now))

    def tick(self, symbol: str, now: float) -> Quote | None:
        quote = None if self.quiet else super().tick(symbol, now)
        if quote is not None and symbol in self._numbers:
            self._numbers[symbol] += 1
            sys.stdout.write(f"{symbol} {self._numbers[symbol]} {now:.3f}\n")
            sys.stdout.flush()
        return self._number(symbol, quote)

    def _number(self, symbol: str, quote: Quote | None) -> Quote | None:
        if quote is not None and symbol in self._numbers:
            quote.volume = self._numbers[symbol]
            quote.price = quote.regular_price = price_of(quote.volume)
        return quote


class Upstream(Simulator):
    """A simulator that does as it is told."""

    def __init__(self, options: Options, first: int) -> None:
        super().__init__(options)
        self._first = first

    @cached_property
    def prices(self) -> Numbered:
        """All quotes."""
        return Numbered(self.options.seed, MarketClock(self.options.session, self._clock()), self._first)

    async def hear(self, line: str) -> None:
        word, *rest = line.split()
        match word:
            case "faults":
                self.faults.set(*rest)
            case "burst":
                await self._burst(int(rest[0]))
            case "garbage":
                for client in self.clients:
                    for number in range(int(rest[0])):
                        client.put(GARBAGE[number % len(GARBAGE)])
            case _:
                self.prices.quiet = word == "quiet"

    async def _burst(self, count: int) -> None:
        for number in range(count):
            self.streamer.tick(SYMBOLS[number % len(SYMBOLS)])
            if number % SLICE == SLICE - 1:
                await asyncio.sleep(0.01)


async def main(port: str, rate: str, first: str) -> None:
    simulator = Upstream(Options(rate=float(rate)), int(first))
    async with simulator.serving(port=int(port)) as address:
        sys.stderr.write(f"listening on {address.port}\n")
        sys.stderr.flush()
        lines = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(lines), sys.stdin
        )
        async for line in lines:
            await simulator.hear(line.decode())


if __name__ == "__main__":
    run_async(main(*sys.argv[1:]))
