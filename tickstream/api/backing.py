"""What HTTP knows, beside what the streamer says: a snapshot under the pushes, and polling where none come.

The snapshot fills what no push has said yet, and never overwrites what is
newer; what the streamer never says of a symbol, as an index's range, is asked
for again now and then. Where the streamer cannot be reached but HTTP answers, rows are polled
until it can, and say so. Where HTTP is refused the stream goes on, and what is
missing is said.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import aclosing

from tickstream.core.ports import Link, PartSource
from tickstream.core.snapshot import know, lasting, lay_closes, renew, tick_of
from tickstream.core.tick import Tick
from tickstream.core.values import Closes, Found, Part, Parts, Quote
from tickstream.errors import NotFound, SourceError
from tickstream.hub import Hub
from tickstream.poll import Poll

__all__ = ["Backing", "suggestion"]

EVERY = 5.0
"""Seconds between two rounds; while pushes come hardly anything is due in them."""
RENEWED = 300.0
"""Seconds after which the quotes below the pushes are fetched again: a day that ended is none of today."""
AWAY = 10.0
"""Seconds without the streamer after which rows are polled."""
SILENT = 2.0
"""Seconds after which it is looked up why a symbol says nothing, where no table has to be filled."""


class Backing:
    """A poll for the symbols that a hub is watched for.

    With `fill`, the board's rows are filled from a snapshot; without, only what
    stays silent is looked up, and the symbols that are `asked` for. With `lines`
    polled quotes are published as ticks; where it does not poll, nothing takes the
    place of pushes that do not come. Alerts see each quote.
    `said` is called with what is to be told of symbols that do not exist.
    """

    def __init__(
        self,
        hub: Hub,
        open_source: Callable[[], PartSource],
        symbols: Sequence[str],
        *,
        fill: bool,
        lines: bool = False,
        polls: bool = True,
        asked: Collection[str] = (),
        said: Callable[[str], None] = lambda text: None,
    ) -> None:
        self._hub, self._symbols = hub, tuple(symbols)
        self._fill, self._lines, self._polls = fill, lines, polls
        self._asked = frozenset(asked)
        self._said = said
        self.changed: Callable[[Collection[str]], None] = lambda symbols: None
        """Called with the symbols whose rows changed."""
        self.beside: Callable[[], Iterable[str]] = tuple
        """What else quotes are wanted of: what converts the currencies of the symbols."""
        self.wished: Callable[[Parts, float], Iterable[str]] = lambda parts, now: ()
        """What else is wanted, as parts: all about the symbol that is looked at."""
        self._open = open_source
        self._poll: Poll | None = None
        self.unknown: dict[str, str] = {}
        """Symbols that do not exist, and what is to be said about each."""
        self._at_start = True
        """Whether these are the symbols that it began with."""
        self._laid: dict[str, Part] = {}
        self._published: dict[str, Tick] = {}
        self._filled: dict[str, Tick] = {}
        """What was last laid below each row."""

    @property
    def polling(self) -> bool:
        """Whether rows are polled, since the streamer is away."""
        status, since = self._hub.status, self._hub.down_since
        if not self._polls or status.state in (Link.LIVE, Link.CLOSED):
            return False
        now = self._hub.now().wall
        began = since if since is not None else status.time / 1000
        return now - began >= AWAY

    @property
    def mark(self) -> str:
        """What the data must be marked as, pushed or polled."""
        marks = [self._hub.status.mark, self._poll.mark if self._poll else ""]
        if self.polling and any(isinstance(part.value, Quote) for part in self.parts.values()):
            marks.append("POLL")
        return " ".join(mark for mark in dict.fromkeys(marks) if mark)

    @property
    def parts(self) -> Parts:
        return self._poll.parts if self._poll else {}

    @property
    def note(self) -> str:
        """What is missing at the moment, in words."""
        missing = self._poll.trouble if self._poll else ""
        if missing:
            return f"no quotes by HTTP: {missing}" if self._fill else ""
        return "; ".join(self.unknown.values())

    def follow(self, symbols: Sequence[str]) -> None:
        """Back just these symbols from now on; what was fetched of others is forgotten."""
        gone = set(self._symbols).difference(symbols)
        self._symbols, self._at_start = tuple(symbols), False
        for symbol in gone:
            self.unknown.pop(symbol, None)
            self._filled.pop(symbol, None)
            for key in (f"quote:{symbol}", f"trend:{symbol}"):
                self._laid.pop(key, None)
                if self._poll:
                    self._poll.parts.pop(key, None)
        if self._poll:
            self._poll.fetch_new()

    def fetch(self) -> None:
        """Fetch what is wished now and was not before, without waiting for the next round."""
        if self._poll:
            self._poll.fetch_new()

    async def run(self) -> None:
        """Fetch and lay until cancelled.

        Raises:
            NotFound: HTTP answered that none of the symbols exists.
        """
        if not self._fill:
            await asyncio.sleep(SILENT)
        # Loading HTTP takes as long as a dozen frames, and no frame waits for it.
        source = await asyncio.to_thread(self._open)
        poll = self._poll = Poll(source, self._wish)
        laying = asyncio.create_task(self._lay_as_it_comes(poll))
        try:
            async with aclosing(poll.rounds(EVERY)) as rounds:
                async for _ in rounds:
                    self._lay(poll)
                    await self._look_up(poll)
        finally:
            laying.cancel()
            await poll.close()
            await source.close()

    def _wish(self, parts: Parts, now: float) -> Iterable[str]:
        keys = {"markettime"} if self._fill else set()
        keys.update(self.wished(parts, now))
        beside = [f"quote:{symbol}" for symbol in self.beside()]
        if self.polling:
            return keys.union(beside, (f"quote:{symbol}" for symbol in self._symbols))
        if self._fill:
            wanted = [f"{kind}:{symbol}" for symbol in self._symbols for kind in ("quote", "trend")]
            wanted += beside
        else:
            heard = self._hub.heard - self._asked
            silent = (symbol for symbol in self._symbols if symbol not in heard)
            wanted = [f"quote:{symbol}" for symbol in silent]
        unknown = self._poll.unknown if self._poll else ()
        return keys.union(
            key for key in wanted if key not in unknown and self._is_missing(parts.get(key), now)
        )

    def _is_missing(self, part: Part | None, now: float) -> bool:
        if part is None:
            return True
        if not isinstance(part.value, Quote) or not (self._fill or part.value.symbol in self._asked):
            return False
        return now - part.fetched >= RENEWED

    async def _lay_as_it_comes(self, poll: Poll) -> None:
        while True:
            await poll.changed()
            self._lay(poll)

    def _lay(self, poll: Poll) -> None:
        """Lay what came since the last time under, or in place of, what was pushed."""
        moved = set()
        for key, part in poll.parts.items():
            if self._laid.get(key) is part:
                continue
            self._laid[key] = part
            kind, _, symbol = key.partition(":")
            if isinstance(part.value, Quote) and kind == "quote":
                self._lay_quote(symbol, part.value)
                moved.add(symbol)
            elif isinstance(part.value, Closes) and self._fill:
                self._lay_closes(symbol, part.value)
                moved.add(symbol)
        # What is wrong, and the state of the market, may be news too.
        self.changed(moved)

    def _lay_quote(self, symbol: str, quote: Quote) -> None:
        tick = tick_of(quote)
        if tick is None:
            return
        tick = lasting(tick)
        polling = self.polling
        self._hub.judge(tick)
        if self._lines:
            held = self._published.get(symbol)
            if polling and (held is None or held != tick):
                self._published[symbol] = tick
                self._hub.publish(tick, polled=True)
            return
        if not self._fill:
            return
        row, below = self._hub.board.row(symbol), self._filled.get(symbol)
        self._filled[symbol] = tick
        know(row, quote)
        before = row.pushes
        if below is not None and before and not polling:
            renew(row, below, tick)
            row.state = quote.market_state or ""
            return
        self._hub.board.apply(tick, self._hub.now())
        row.pushes = before
        if row.said.get("time") == tick.time:
            # It is this that the row shows, and not a newer push.
            row.state, row.polled = quote.market_state or "", polling

    def _lay_closes(self, symbol: str, closes: Closes) -> None:
        row, now = self._hub.board.row(symbol), self._hub.now()
        price = row.number("price")
        lay_closes(row, closes, now)
        if price is not None and closes.prices:
            row.trend.add(now.monotonic, price)

    async def _look_up(self, poll: Poll) -> None:
        """Name the symbols that do not exist, and what may have been meant."""
        gone = [symbol for symbol in self._symbols if f"quote:{symbol}" in poll.unknown]
        gone = [symbol for symbol in gone if symbol not in self._hub.heard]
        if len(gone) == len(self._symbols) and self._at_start:
            noun = "symbol" if len(gone) == 1 else "symbols"
            raise NotFound(f"unknown {noun} {', '.join(gone[:5])}{await _meant(poll, gone[0])}")
        for symbol in gone:
            if symbol not in self.unknown:
                self.unknown[symbol] = f"unknown symbol {symbol}{await _meant(poll, symbol)}"
                self._said(self.unknown[symbol])
                self.changed((symbol,))


async def _meant(poll: Poll, symbol: str) -> str:
    try:
        return suggestion(symbol, await poll.search(symbol))
    except SourceError:
        return ""


def suggestion(symbol: str, found: Sequence[Found]) -> str:
    """What may have been meant, as the end of a sentence; nothing where nothing is alike."""
    best = next((one for one in found if one.symbol != symbol), None)
    if best is None:
        return ""
    return f": did you mean {best.symbol}{f' ({best.name})' if best.name else ''}?"
