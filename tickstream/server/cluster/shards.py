"""Streamed symbols, shared: who holds the lease of a shard streams it for all, the others hear it.

To the hub it is a source like any other. What it streams itself, for its own
clients and for others, comes from the source below it; what others stream comes
from the channels of Redis. The rules it keeps: a leader goes on while Redis is
away; a follower that has heard nothing for five seconds meanwhile connects
itself, and stops when it is heard again; nothing is said twice where one takes
over from the other; and a pause is a gap, which is said.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple

from tickstream.core.ports import Event, Feed, Gap, Link, Source, Status
from tickstream.core.tick import Tick, Value
from tickstream.server.cluster.leases import SHARDS, shard_of
from tickstream.server.cluster.messages import Beat

__all__ = ["Leading", "SharedTicks"]

ALONE = 5.0
"""Seconds without a sign of a shard, and without Redis, after which it is streamed here as well."""
SILENT = 3.0
"""Seconds without a beat of whoever streams for us after which that is said."""
_OVERLAP = 10.0
"""Seconds after a change of who streams in which what was said before is not said again."""
_WORST_FIRST = (Link.REFUSED, Link.BACKOFF, Link.STALE, Link.CONNECTING, Link.LIVE)

Send = Callable[[int, int, dict[str, Any], str], None]
"""Shard, epoch, what was said, and the one instance that it is for (empty is all)."""


class Leading(NamedTuple):
    """Who streams what, as of the last answer of Redis."""

    mine: Mapping[int, int]
    """The shards that we stream, and the epochs of their leases."""
    holders: Mapping[int, str]
    """Who streams the others."""
    others: Mapping[str, frozenset[str]]
    """What each other instance wants streamed."""
    answering: bool
    """Whether Redis answers."""


class _Shard:
    """One shard: since when its ticks come from where, and when there last was a sign of it."""

    __slots__ = ("direct", "epoch", "heard", "paused", "switched")

    def __init__(self, now: float) -> None:
        self.direct = False
        """Whether we stream it by ourselves, without a lease."""
        self.heard = now
        """When there last was a sign that it is streamed for us; monotonic."""
        self.switched = float("-inf")
        """When it last began to come from elsewhere; monotonic."""
        self.epoch = -1
        """That of the lease by which others stream it for us."""
        self.paused: float | None = None
        """Since when what our clients need of it is missed; wall clock."""


class SharedTicks:
    """A source of the ticks that the hub wants, whoever streams them. `send` publishes to the others."""

    def __init__(
        self,
        own: Source,
        send: Send,
        *,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._own, self._send = own, send
        self._wall, self._monotonic = wall, monotonic
        self.wanted: frozenset[str] = frozenset()
        """What our own clients follow."""
        self.changed: Callable[[], None] = lambda: None
        """Called when `wanted` changes."""
        self.missed: Callable[[Gap], None] = lambda gap: None
        """Called when what we stream had a gap."""
        self._feed: Feed | None = None
        self._leading = Leading({}, {}, {}, answering=False)
        now = monotonic()
        self._shards = [_Shard(now) for _ in range(SHARDS)]
        self._rows: dict[str, dict[str, Value]] = {}
        """The newest of what we stream, for others that come late, and against saying it twice."""
        self._known: dict[str, frozenset[str]] = {}
        """What each other instance wanted the last time."""
        self._wants: frozenset[str] = frozenset()
        """What all others want."""
        self._beats: dict[str, tuple[float, Beat]] = {}
        """The last beat of each other instance, and when it came."""
        self._over: float | None = None
        """Since when something was missed that is heard again, while more is waited for; wall clock."""
        self._own_status: Status | None = None
        self._said: tuple[object, ...] = ()
        self.taken_over = 0
        """How often a shard was streamed here for want of Redis."""

    # As a source, for the hub.

    def follow(self, symbols: frozenset[str]) -> None:
        before, self.wanted = self._needed(), symbols
        for number in self._needed() - before:
            shard = self._shards[number]
            shard.heard, shard.paused = self._monotonic(), None
        self._settle()
        self.changed()

    async def run(self, feed: Feed) -> None:
        self._feed = feed
        try:
            self._settle()
            await self._own.run(self)
        finally:
            self._feed = None

    # As a feed, for the source below.

    @property
    def rest(self) -> float:
        return self._feed.rest if self._feed else 0.0

    def publish(self, tick: Tick) -> None:
        shard = shard_of(tick.id)
        epoch = self._leading.mine.get(shard)
        if epoch is None and not self._shards[shard].direct:
            return
        new = self._lay(tick, shard)
        self._sign(shard)
        if new and tick.id in self.wanted and self._feed is not None:
            self._feed.publish(tick)
        if epoch is not None and tick.id in self._wants:
            self._send(shard, epoch, tick.to_dict(), "")

    def report(self, event: Event) -> None:
        if isinstance(event, Status):
            self._own_status = event
            self._report()
            return
        if isinstance(event, Gap):
            self.missed(event)
        if self._feed is not None:
            self._feed.report(event)

    def broken(self, error: Exception) -> None:
        if self._feed is not None:
            self._feed.broken(error)

    # What others say.

    def hear(self, shard: int, ticks: Collection[Tick], *, epoch: int = 0, known: bool = False) -> None:
        """Pushes of a shard, streamed by another instance, or what it knows of symbols that we want newly."""
        held = self._shards[shard]
        if held.epoch != epoch:
            # Another one streams it now, and its upstream begins with what was said last.
            held.epoch, held.switched = epoch, self._monotonic()
        if shard in self._leading.mine or held.direct or self._feed is None:
            return
        self._sign(shard)
        for tick in ticks:
            if tick.id not in self.wanted or shard_of(tick.id) != shard or (known and self._has(tick)):
                continue
            if self._lay(tick, shard):
                self._feed.publish(tick)

    def hear_beat(self, instance: str, beat: Beat) -> None:
        """Another instance lives, and its upstream is in this state."""
        self._beats[instance] = self._monotonic(), beat
        for number, holder in self._leading.holders.items():
            # In whatever state its upstream is: what it misses there it says by itself.
            if holder == instance and beat.link:
                self._sign(number)
        self._report()

    def hear_gap(self, instance: str, start: int, end: int, reason: str) -> None:
        """Another instance, which may stream for us, has missed something."""
        if self._feed is not None and instance in {self._leading.holders.get(n) for n in self._needed()}:
            self._feed.report(Gap(start, end, reason))

    def deaf(self, seconds: float) -> None:
        """What others published for so long, up to now, has not reached us."""
        # A pause that was noticed is said when it is over.
        relied = any(not self._is_ours(n) and self._shards[n].paused is None for n in self._needed())
        if self._feed is not None and relied:
            now = self._wall()
            gap = Gap(int((now - seconds) * 1000), int(now * 1000), "what another instance streamed")
            self._feed.report(gap)

    # What Redis says, and time.

    def lead(self, leading: Leading) -> None:
        """Stream what is ours to stream now, and say what we know of it to those who want it newly."""
        now, needed = self._monotonic(), self._needed()
        for number, shard in enumerate(self._shards):
            before = number in self._leading.mine or shard.direct
            if number in leading.mine or (leading.answering and self._is_streamed(number, leading, now)):
                shard.direct = False
            elif number in self._leading.mine:
                # Whoever leads now is not heard yet: our own clients are not to wait for it.
                shard.direct = number in needed
            if before is not (number in leading.mine or shard.direct):
                shard.switched = now
                if not before and number in needed:
                    self._begin(number)
        self._leading = leading
        known = leading.others.keys() | set(leading.holders.values())
        self._beats = {name: beat for name, beat in self._beats.items() if name in known}
        if leading.answering:
            self._catch_up(leading)
        self._settle()

    def _begin(self, number: int) -> None:
        """We stream a shard that another one did: what is said until our first tick of it is missed."""
        shard = self._shards[number]
        if any(shard_of(symbol) == number for symbol in self._rows):
            since = self._wall() - (self._monotonic() - shard.heard)
            shard.paused = since if shard.paused is None else min(shard.paused, since)

    def look(self, answering: bool) -> None:
        """See which shards nobody streams for us; to be called often."""
        self._leading = self._leading._replace(answering=answering)
        now, again = self._monotonic(), False
        live = self._own_status is not None and self._own_status.state is Link.LIVE
        for number in self._needed():
            shard = self._shards[number]
            if self._is_ours(number):
                if shard.paused is not None and live and now - shard.switched >= _OVERLAP:
                    self._sign(number)  # nothing was said of it: of a market that is closed, say
                continue
            silent = now - shard.heard
            if silent >= SILENT and shard.paused is None:
                shard.paused = self._wall() - silent
            if silent >= ALONE and not answering:
                shard.direct, shard.switched, again = True, now, True
                self.taken_over += 1
        if again:
            self._settle()
        self._report()

    def own_beat(self, instance: str, number: int) -> Beat:
        """What we say of our upstream, each second."""
        status = self._own_status
        if not self._leading.mine or status is None:
            return Beat(instance, number)
        return Beat(instance, number, str(status.state), status.reason, status.mark)

    def _is_ours(self, number: int) -> bool:
        """Whether we stream this shard."""
        return number in self._leading.mine or self._shards[number].direct

    def _needed(self) -> set[int]:
        """The shards that our own clients need."""
        return {shard_of(symbol) for symbol in self.wanted}

    def _is_streamed(self, number: int, leading: Leading, now: float) -> bool:
        """Whether another instance that we hear streams this shard."""
        holder = leading.holders.get(number)
        when, beat = self._beats.get(holder or "", (float("-inf"), None))
        return beat is not None and beat.link == Link.LIVE and now - when < SILENT

    def _settle(self) -> None:
        """Tell the source below what to stream: all that anybody wants of ours, and our own of the rest."""
        mine = self._leading.mine
        symbols = {symbol for symbol in self.wanted | self._wants if shard_of(symbol) in mine}
        symbols |= {symbol for symbol in self.wanted if self._shards[shard_of(symbol)].direct}
        self._rows = {name: row for name, row in self._rows.items() if name in symbols or name in self.wanted}
        self._own.follow(frozenset(symbols))

    def _catch_up(self, leading: Leading) -> None:
        """Say the rows of what another instance wants since a moment ago to that instance."""
        for instance, symbols in leading.others.items():
            for symbol in symbols - self._known.get(instance, frozenset()):
                epoch = leading.mine.get(shard_of(symbol))
                if epoch is not None and (row := self._rows.get(symbol)):
                    self._send(shard_of(symbol), epoch, dict(row), instance)
        self._known = dict(leading.others)
        self._wants = frozenset().union(*leading.others.values())

    def _has(self, tick: Tick) -> bool:
        """Whether we know as much of a symbol already, or more: pushes may have been faster than its row."""
        held, time = self._rows.get(tick.id, {}).get("time"), tick.said.get("time")
        return isinstance(held, int) and isinstance(time, int) and time <= held

    def _lay(self, tick: Tick, number: int) -> bool:
        """Lay a push over its row; False where whoever streamed it until now has said it."""
        said, row = tick.said, self._rows.setdefault(tick.id, {})
        if row and self._monotonic() - self._shards[number].switched < _OVERLAP:
            time, held = said.get("time"), row.get("time")
            older = isinstance(time, int) and isinstance(held, int) and time < held
            if older or said.items() <= row.items():
                return False
        row.update(said)
        return True

    def _sign(self, number: int) -> None:
        """There is a sign of a shard; if none is missing any more, say what was missed meanwhile."""
        shard = self._shards[number]
        shard.heard = self._monotonic()
        if shard.paused is not None:
            self._over = shard.paused if self._over is None else min(self._over, shard.paused)
            shard.paused = None
        if self._over is None or any(self._shards[n].paused is not None for n in self._needed()):
            return
        start, self._over = self._over, None
        if self._feed is not None:
            gap = Gap(int(start * 1000), int(self._wall() * 1000), "what another instance streamed")
            self._feed.report(gap)

    def _report(self) -> None:
        """Say the state of all shards that our clients need as one: that of the worst."""
        if self._feed is None:
            return
        states = self._states()
        if not states:
            return
        worst = next(link for link in _WORST_FIRST if any(one.state is link for one in states))
        status = next(one for one in states if one.state is worst)
        if status.news != self._said:
            self._said = status.news
            self._feed.report(status)

    def _states(self) -> list[Status]:
        states, now = [], self._monotonic()
        stamp = int(self._wall() * 1000)
        for number in self._needed():
            shard = self._shards[number]
            if self._is_ours(number):
                states.append(self._own_status or Status(Link.CONNECTING, stamp))
                continue
            when, beat = self._beats.get(self._leading.holders.get(number, ""), (float("-inf"), None))
            if beat is None or now - when >= SILENT or not beat.link:
                link = Link.BACKOFF if now - shard.heard >= SILENT else Link.CONNECTING
                states.append(Status(link, stamp, "no instance streams this at the moment"))
            else:
                states.append(Status(_link_of(beat.link), stamp, beat.reason, mark=beat.mark))
        return states


def _link_of(text: str) -> Link:
    try:
        return Link(text)
    except ValueError:
        return Link.CONNECTING
