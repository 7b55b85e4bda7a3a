"""Parts: each fetched when it is due, one fetch at a time, and the last good one kept.

A part that fails costs no other: it keeps its last value, with its age, and is
tried again later and later. Whoever wants documents says which parts they are
made of; the wish may depend on the parts that are there already, as a profile's
does on its similar symbols.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tickstream.core.ports import Fetched, Outcome, PartSource
from tickstream.core.values import Found, Part, Parts
from tickstream.errors import RateLimited, SourceError

__all__ = ["Failing", "Poll", "Wish"]


def _always(count: int) -> int:
    return count


def _anybody(key: str) -> bool:
    return True


def _nobody(outcome: Outcome) -> None:
    """Parts are not shared."""


Wish = Callable[[Parts, float], Iterable[str]]
"""The keys that are wanted, given the parts that there are, and the time (seconds since the epoch)."""

SLACK = 0.2
"""Seconds by which a fetch may be early, so that one which is due each minute is not a round late."""
FIRST, LONGEST = 5.0, 30.0
"""Seconds after which a part that failed is tried again, the first time and in the end."""
PATIENCE = 5.0
"""Seconds that the first document waits for its parts."""


class Failing(NamedTuple):
    """Why a part cannot be fetched."""

    reason: str
    since: float
    """Seconds since the epoch."""


@dataclass(slots=True)
class _Turn:
    """When a part was asked for and is due again, by the monotonic clock; how often in a row it failed."""

    tried: float = float("-inf")
    due: float = 0.0
    failures: int = 0
    wall: float = 0.0
    """When it was asked for, by the wall clock."""


class Poll:
    """Fetches what is wished for, and keeps it. `parts` is what there is.

    `spend` is asked how many of so many requests may be sent, and the rest waits for
    the next round: what was never asked for goes first, then what was longest ago.
    Where instances share their parts, `fetches` says whether a part is for this one to
    fetch, `told` hears what came of each fetch, and `accept` takes what others fetched.
    """

    def __init__(
        self,
        source: PartSource,
        wish: Wish,
        *,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        spend: Callable[[int], int] = _always,
        fetches: Callable[[str], bool] = _anybody,
        told: Callable[[Outcome], None] = _nobody,
    ) -> None:
        source.bound(spend)
        self._source, self._wish, self._spend = source, wish, spend
        self._fetches, self._told = fetches, told
        self._wall, self._monotonic, self._sleep = wall, monotonic, sleep
        self.parts: dict[str, Part] = {}
        self.unknown: set[str] = set()
        """The keys of what the source was asked for and does not know."""
        self.failing: dict[str, Failing] = {}
        """The parts that could not be fetched the last time."""
        self._turns: dict[str, _Turn] = {}
        self._flying: dict[asyncio.Task[None], tuple[str, ...]] = {}
        self._put_off: set[str] = set()
        self._lately: frozenset[str] = frozenset()
        """What was wanted in the last round, or since."""
        self._left: set[str] = set()
        """What there is of these is left from when they were wanted before; they are asked for anew."""
        self._changed = asyncio.Event()
        self.broke: Exception | None = None
        """A bug that ended a fetch; `rounds` raises it."""

    def now(self) -> float:
        """Seconds since the epoch."""
        return self._wall()

    async def search(self, text: str) -> list[Found]:
        """The symbols that `text` may mean, the best first."""
        return await self._source.search(text)

    @property
    def mark(self) -> str:
        """What the data must be marked as."""
        return self._source.mark

    @property
    def wanted(self) -> frozenset[str]:
        return frozenset(self._wish(self.parts, self._wall()))

    @property
    def settled(self) -> bool:
        """Whether each part that is wanted was fetched, or has failed, and none is on its way."""
        return not self._flying and all(key in self._turns for key in self.wanted)

    @property
    def trouble(self) -> str:
        """What is wrong at the moment, in words: the newest failure, or what the source is short of."""
        wanted = self.wanted
        failing = [failure for key, failure in self.failing.items() if key in wanted]
        if failing:
            return max(failing, key=lambda failure: failure.since).reason
        return self._source.shortage

    def fetch_due(self) -> None:
        """Start to fetch what is wanted and due, unless it is on its way already."""
        now = self._monotonic()
        self._put_off.clear()
        self._lately = self.wanted
        self._left.intersection_update(key for keys in self._flying.values() for key in keys)
        self._start([key for key in self._lately if self._is_due(key, now)])

    def fetch_new(self) -> None:
        """Start to fetch what was never asked for, or not wanted lately; the rest waits for its round."""
        now = self._monotonic()
        new = frozenset(key for key in self.wanted if self._is_new(key, now))
        self._left |= new & self._turns.keys()
        self._lately |= new
        self._start(new)

    def fetch_put_off(self) -> None:
        """Start to fetch what could not be paid for the last time, now that it perhaps can."""
        if put_off := self.wanted & self._put_off:
            self._start(put_off)

    def _start(self, keys: Iterable[str]) -> None:
        flying = {key for keys in self._flying.values() for key in keys}
        due = [key for key in keys if key not in flying and self._fetches(key)]
        due.sort(key=lambda key: (self._turn(key).tried, key))
        # Sorting is stable, so batches of one age stay in the order the source has them in.
        batches = sorted(self._source.batches(due), key=lambda keys: self._turn(keys[0]).tried)
        count = self._spend(len(batches)) if batches else 0
        for batch in batches[:count]:
            self._flying[asyncio.create_task(self._fetch(batch))] = batch
        self._put_off.difference_update(*batches[:count])
        self._put_off.update(*batches[count:])

    def accept(self, outcome: Outcome) -> None:
        """Take what another instance fetched; what we have is never replaced by older."""
        now = self._monotonic()
        for key, part in outcome.parts.items():
            held = self.parts.get(key)
            if held is None or held.fetched <= part.fetched:
                self._settle(key, part, now - max(0.0, self._wall() - part.fetched))
        self._turn_away(outcome.unknown, now)
        self.unknown = (self.unknown | outcome.unknown).difference(outcome.parts)
        if outcome.failed:
            self._fail(outcome.failed, SourceError(outcome.reason))
        self._changed.set()

    async def rounds(
        self,
        interval: float,
        *,
        patience: float = PATIENCE,
        grace: float | None = None,
        once: bool = False,
    ) -> AsyncGenerator[None, None]:
        """Go round every `interval` seconds: fetch what is due, and yield when it is there or time is up.

        The first round has `patience`, the others `grace` or half of the interval;
        the rounds themselves stay on time, however long a fetch takes. With `once`
        there is one, which waits until nothing is on its way.
        """
        grace = interval / 2 if grace is None else grace
        start = self._monotonic()
        number = 0
        while True:
            deadline = self._monotonic() + (patience if number == 0 else grace)
            await self._until_settled(deadline)
            yield
            if once:
                return
            passed = self._monotonic() - start
            # Rounds that were missed, as while a laptop slept, are not made up for.
            number = max(number, int(passed / interval)) + 1
            await self._rest(start + number * interval)

    async def changed(self) -> None:
        """Until a part came, or failed, since the last time."""
        await self._changed.wait()
        self._changed.clear()

    def waits_for(self, keys: Iterable[str]) -> bool:
        """Whether one of these has neither come nor failed yet, or is left from when it was wanted last."""
        now = self._monotonic()
        return any(key in self._left or self._is_new(key, now) for key in keys)

    def forget(self, age: float) -> None:
        """Drop what nobody wants and nobody asked for in the last `age` seconds."""
        since = self._monotonic() - age
        kept = self.wanted.union(key for keys in self._flying.values() for key in keys)
        for key in [key for key, turn in self._turns.items() if turn.tried < since and key not in kept]:
            del self._turns[key]
            self.parts.pop(key, None)
            self.failing.pop(key, None)
            self.unknown.discard(key)
            self._left.discard(key)

    async def close(self) -> None:
        """Stop whatever is on its way, at once."""
        flying = tuple(self._flying)
        for task in flying:
            task.cancel()
        await asyncio.gather(*flying, return_exceptions=True)

    def _is_new(self, key: str, now: float) -> bool:
        turn = self._turns.get(key)
        return turn is None or (turn.due <= now and key not in self._lately)

    def _is_due(self, key: str, now: float) -> bool:
        turn = self._turn(key)
        if turn.due <= now + SLACK:
            return True
        # The monotonic clock stands still while a laptop sleeps, and the wall clock does not.
        slept = self._wall() - turn.wall > self._source.limit(key) + SLACK
        return slept and not turn.failures

    def _turn(self, key: str) -> _Turn:
        turn = self._turns.get(key)
        return turn if turn is not None else _Turn()

    async def _until_settled(self, deadline: float) -> None:
        """Fetch what is due, then what turns out to be wanted because of that, until `deadline`."""
        self.fetch_due()
        while self._flying and (left := deadline - self._monotonic()) > 0:
            await asyncio.wait(self._flying, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            self._raise_bug()
            self.fetch_new()

    async def _rest(self, until: float) -> None:
        """Sleep to the next round; what turns out to be wanted meanwhile does not wait for it."""
        while (left := until - self._monotonic()) > 0:
            if not self._flying:
                await self._sleep(left)
                continue
            await asyncio.wait(self._flying, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            self._raise_bug()
            self.fetch_new()

    def _raise_bug(self) -> None:
        if self.broke is not None:
            raise self.broke

    async def _fetch(self, keys: tuple[str, ...]) -> None:
        task = asyncio.current_task()
        assert task is not None
        try:
            fetched = await self._source.fetch(keys)
            self._keep(keys, fetched)
        except SourceError as error:
            self._fail(keys, error)
            self._told(Outcome({}, failed=frozenset(keys), reason=str(error)))
        except Exception as error:
            self.broke = error
        finally:
            self._flying.pop(task, None)
            self._changed.set()

    def _keep(self, keys: Sequence[str], fetched: Fetched) -> None:
        wall, now = self._wall(), self._monotonic()
        parts = {key: Part.of(value, wall, self._source.limit(key)) for key, value in fetched.values.items()}
        for key, part in parts.items():
            self._settle(key, part, now)
        self._turn_away(fetched.unknown, now)
        self.unknown = (self.unknown | fetched.unknown).difference(parts)
        missing = frozenset(keys).difference(parts, fetched.unknown, fetched.left)
        self._put_off.update(fetched.left)
        self._fail(missing, error := fetched.trouble or SourceError("Yahoo did not say"))
        self._told(Outcome(parts, fetched.unknown, missing, str(error)))

    def _settle(self, key: str, part: Part, fetched: float) -> None:
        """Keep a part that was fetched at this monotonic time."""
        self.parts[key] = part
        self._turns[key] = _Turn(fetched, fetched + self._source.limit(key), wall=part.fetched)
        self._left.discard(key)
        self.failing.pop(key, None)

    def _turn_away(self, unknown: Iterable[str], now: float) -> None:
        for key in unknown:
            self._turns[key] = _Turn(now, now + self._source.limit(key), wall=self._wall())
            self._left.discard(key)
            self.failing.pop(key, None)

    def _fail(self, keys: Iterable[str], error: SourceError) -> None:
        wall, now = self._wall(), self._monotonic()
        for key in keys:
            failures = self._turn(key).failures + 1
            wait = min(LONGEST, FIRST * 2.0 ** min(failures - 1, 8))
            if isinstance(error, RateLimited):
                wait = max(0.0, error.until - wall)
            self._turns[key] = _Turn(now, now + wait, failures, wall)
            self._left.discard(key)
            self.failing[key] = Failing(str(error), wall)
