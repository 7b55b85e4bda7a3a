"""Several instances as one: parts, ticks and the budget shared by Redis.

Nothing here waits for Redis, and nothing is lost to this instance's own clients
when it is away: parts are fetched here then, out of this instance's share of
the budget, and symbols that nobody streams for us are streamed here.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tickstream.core.ports import Gap, Outcome, Source
from tickstream.core.text import clean
from tickstream.server.budget import BURST, Budget, Tally
from tickstream.server.cluster.clocks import Clocks
from tickstream.server.cluster.grants import Grants
from tickstream.server.cluster.leases import SHARDS, Leases, lease_of, shard_lease, shard_of
from tickstream.server.cluster.line import Line, Post
from tickstream.server.cluster.messages import (
    BadMessage,
    Beat,
    GapMessage,
    Message,
    PartsMessage,
    Round,
    TicksMessage,
    WishMessage,
    encode,
    read_bus,
    read_ticks,
    tick_of,
)
from tickstream.server.cluster.parts import SharedParts
from tickstream.server.cluster.script import Answer, Question
from tickstream.server.cluster.shards import Leading, SharedTicks
from tickstream.server.keeping import keep
from tickstream.server.log import Log

if TYPE_CHECKING:
    from redis.asyncio import Redis

__all__ = ["Cluster", "Terms"]

FIRST = 2.0
"""Seconds that the start waits for Redis, so that what others have is not fetched again."""
YIELD = 3.0
"""Seconds after Redis was away in which a lease is left to whoever held it before."""
LOOK = 0.25
_TICK = "tick:"
"""Before a streamed symbol, in a wish."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What all instances of one cluster agree on."""

    prefix: str
    """Of all keys and channels; other data, other prefix."""
    interval: float
    rate: int
    """HTTP requests a minute, of all instances together."""


class Cluster:
    """`Sharing` with all instances that are at the same Redis. Constructing it opens nothing."""

    def __init__(
        self,
        client: Redis,
        terms: Terms,
        ticks: Source,
        sent: Callable[[], int],
        log: Log,
        *,
        failed: Callable[[Exception], None],
        monotonic: Callable[[], float] = time.monotonic,
        clocks: Clocks | None = None,
    ) -> None:
        self.instance = secrets.token_hex(6)
        self._terms, self._log, self._failed, self._monotonic = terms, log, failed, monotonic
        self._line = Line(
            client,
            terms.prefix,
            self.instance,
            (terms.rate, min(BURST, terms.rate)),
            question=self._question,
            answered=self._answered,
            hear=self._hear,
            beat=lambda number: self.ticks.own_beat(self.instance, number),
            monotonic=monotonic,
        )
        self.ticks = SharedTicks(ticks, self._line.post_tick, monotonic=monotonic)
        self.ticks.changed, self.ticks.missed = self._line.kick, self._tell_gap
        self._line.missed, self._line.deaf = self._tell_missed, self.ticks.deaf
        self._leases = Leases(terms.interval)
        self._clocks = clocks or Clocks()
        self._parts = SharedParts(self.instance, self._line, self._leases, self._ignore, self._clocks)
        self._grants = Grants(self._line.kick)
        self._tally = Tally(sent)
        self._share = Budget(terms.rate, sent, monotonic=monotonic)
        self._alive: dict[str, float] = {}
        """When each other instance was last heard of, or found in Redis."""
        self._wishes: Mapping[str, frozenset[str]] = {}
        self._others: frozenset[str] = frozenset()
        self._marks: dict[str, str] = {}
        self._used = 0
        self._said_wish: frozenset[str] = frozenset()
        self._missed = False
        """Whether the last question had no answer."""
        self._returned: float | None = None
        """When Redis answered again after it had not; monotonic."""
        self._state = ""
        self._ignored = 0
        """Messages that could not be read, or were of the past."""
        self.wish: Callable[[], frozenset[str]] = frozenset
        self.accept: Callable[[Outcome], None] = lambda outcome: None
        self.granted: Callable[[], None] = lambda: None

    @property
    def state(self) -> str:
        return "shared" if self._line.answers else "away"

    @property
    def mark(self) -> str:
        return next((mark for mark in self._marks.values() if mark), "")

    @property
    def others(self) -> frozenset[str]:
        return self._others

    @property
    def put_off(self) -> int:
        return self._grants.put_off + self._share.put_off

    @property
    def left(self) -> int:
        return self._grants.left if self._line.answers else self._share.left

    def fetches(self, key: str) -> bool:
        return self._leases.fetches(key, self._monotonic(), answering=self._line.answers)

    def spend(self, count: int) -> int:
        if self._line.answers:
            given = self._grants.spend(count)
            self._tally.plan(given)
            return given
        return self._share.spend(count)

    def tell(self, outcome: Outcome) -> None:
        self._parts.tell(outcome)

    def went_round(self) -> None:
        self._line.post(Post(encode(Round(self.instance, self._grants.put_off))))

    def wish_changed(self) -> None:
        self._line.kick()

    def numbers(self) -> Mapping[str, float]:
        return {
            "redis_up": float(self._line.answers),
            "instances": 1.0 + len(self._alive),
            "leases": float(len(self._leases.mine)),
            "messages_sent": float(self._line.sent),
            "messages_lost": float(self._line.lost),
            "messages_ignored": float(self._ignored + self._parts.past),
            "shards_taken_over": float(self.ticks.taken_over),
        }

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        work = [asyncio.create_task(keep(one, 1.0, self._failed)) for one in (*self._line.works, self._look)]
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(FIRST):
                    await self._line.reached.wait()
            self._say()
            yield
        finally:
            await self._line.leave(tuple(self._leases.mine))
            await _end(work)
            await self._parts.close()
            await self._line.close()

    # The question that is asked each second, and its answer.

    def _question(self) -> Question:
        own = self.wish() | {_TICK + symbol for symbol in self.ticks.wanted}
        all_keys = own.union(*self._wishes.values())
        # What we hold is kept for as long as anybody needs it: who fetches changes as seldom as can be.
        wanted, needed_by_any = set(map(_lease, own)), set(map(_lease, all_keys))
        self._leases.forget(needed_by_any)
        wanted |= needed_by_any & self._leases.mine.keys()
        if self._returned is not None and self._monotonic() < self._returned + YIELD:
            # Redis may have forgotten who held what: those who did are let in first.
            wanted &= self._leases.mine.keys()
        self._used, needed = self._grants.ask(self._tally.unplanned())
        given_up = [name for name in self._leases.mine if name not in wanted]
        return Question(own, sorted(wanted), given_up, self._used, needed)

    def _answered(self, question: Question, answer: Answer | None, asked: float) -> None:
        now = self._monotonic()
        if answer is None:
            self._grants.lost(self._used)
            self._missed = True
            return
        if self._missed and self._leases.asked:
            self._returned = now
        self._missed = False
        self._clocks.told(answer.time, now - asked)
        news = answer.mine.keys() ^ self._leases.mine.keys() or question.wish != self._said_wish
        self._said_wish = question.wish
        self._leases.renewed(asked, answer.mine, answer.holders, now)
        self._wishes = answer.wishes
        self._alive = dict.fromkeys(answer.wishes, now)
        self._leases.gone(self._alive)
        self._marks = {name: mark for name, mark in self._marks.items() if name in self._alive}
        self._share.rate = max(1, self._terms.rate // (1 + len(self._alive)))
        self._hand_out(answer)
        others = frozenset().union(*answer.wishes.values()) - question.wish
        others = frozenset(key for key in others if not key.startswith(_TICK) and _lease(key) in answer.mine)
        grown, self._others = bool(others - self._others), others
        if news:
            self._line.post(Post(encode(WishMessage(self.instance))))
        if self._grants.granted(answer.granted) or grown or news:
            self.granted()
        self._parts.seek(
            (key for key in question.wish if _lease(key) in answer.holders and not key.startswith(_TICK)),
            self.accept,
        )

    def _hand_out(self, answer: Answer) -> None:
        """Tell the shards who streams them now."""
        names = {shard_lease(number): number for number in range(SHARDS)}
        self.ticks.lead(
            Leading(
                {names[name]: epoch for name, epoch in answer.mine.items() if name in names},
                {names[name]: holder for name, holder in answer.holders.items() if name in names},
                {
                    name: frozenset(key.removeprefix(_TICK) for key in keys if key.startswith(_TICK))
                    for name, keys in answer.wishes.items()
                },
                self._line.answers,
            )
        )

    # What others say.

    def _hear(self, shard: int | None, data: bytes) -> None:
        try:
            if shard is not None:
                self._hear_ticks(shard, read_ticks(data))
            else:
                self._hear_bus(read_bus(data))
        except BadMessage as error:
            self._ignore(error)

    def _hear_ticks(self, shard: int, message: TicksMessage) -> None:
        if message.i == self.instance or (message.to and message.to != self.instance):
            return
        if not self._leases.accepts(shard_lease(shard), message.e):
            self._ignored += 1
            return
        ticks = [tick for said in message.ticks if (tick := tick_of(said)) is not None]
        self.ticks.hear(shard, ticks, epoch=message.e, known=bool(message.to))

    def _hear_bus(self, message: Message) -> None:
        if message.i == self.instance:
            if isinstance(message, Beat):
                self._line.echo()
            return
        now = self._monotonic()
        match message:
            case Beat():
                self._marks[message.i] = clean(message.mark, 20)
                self.ticks.hear_beat(message.i, message)
            case Round():
                self._leases.went_round(message.i, now)
            case WishMessage():
                self._line.kick()
            case GapMessage():
                ahead = int(self._clocks.ahead * 1000)
                start, end = message.start - ahead, message.end - ahead
                self.ticks.hear_gap(message.i, start, end, clean(message.reason, 120))
            case PartsMessage() if self._leases.asked:
                self._parts.hear(message, self.wish(), self.accept)

    def _ignore(self, error: Exception) -> None:
        self._ignored += 1
        self._log("redis-message-ignored", every=60.0, reason=error)

    def _tell_gap(self, event: Gap) -> None:
        ahead = int(self._clocks.ahead * 1000)
        message = GapMessage(self.instance, event.start + ahead, event.end + ahead, event.reason)
        self._line.post(Post(encode(message), again=True))

    def _tell_missed(self, seconds: float) -> None:
        """Those who have our ticks by Redis had none for so long, up to now."""
        now = time.time()
        self._tell_gap(Gap(int((now - seconds) * 1000), int(now * 1000), "Redis took no ticks"))

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK)
            self._say()
            self.ticks.look(self._line.answers)

    def _say(self) -> None:
        """Log whether Redis answers, when that changes."""
        state = self.state
        if state != self._state:
            self._state = state
            if state == "shared":
                self._log("redis", state=state, instances=1 + len(self._alive))
            else:
                self._log("redis", state=state, reason=self._line.trouble or "no answer")


def _lease(key: str) -> str:
    """The lease that a key of a wish needs."""
    return shard_lease(shard_of(key.removeprefix(_TICK))) if key.startswith(_TICK) else lease_of(key)


async def _end(tasks: Collection[asyncio.Task[None]]) -> None:
    """Cancel these until they have ended: redis-py swallows a cancellation now and then."""
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=0.2)
