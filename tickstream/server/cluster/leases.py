"""Who fetches what, as far as this instance knows; pure: whoever calls says what time it is.

A lease is a name: `quotes` for the store of quotes, the key of a part for each
other part, `ticks:N` for a shard of streamed symbols. Redis says who holds it.
The holder fetches; the others trust it for as long as it goes its rounds, and
fetch for themselves two seconds after one was due.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from zlib import crc32

__all__ = ["LIFE", "SHARDS", "Leases", "lease_of", "shard_lease", "shard_of"]

LIFE = 6.0
"""Seconds that a lease lives without being renewed."""
PATIENCE = 2.0
"""Seconds after a round was due that its holder is given."""
SHARDS = 8
"""Shards of streamed symbols; all instances must agree on it."""


def lease_of(key: str) -> str:
    """The lease under which a part is fetched: one for all quotes, since they are fetched together."""
    return "quotes" if key.startswith("quote:") else key


def shard_of(symbol: str) -> int:
    """The shard that a symbol is streamed in; the same on every instance."""
    return crc32(symbol.encode()) % SHARDS


def shard_lease(shard: int) -> str:
    return f"ticks:{shard}"


class Leases:
    """What this instance holds, what others hold, and which messages are of the past."""

    def __init__(self, interval: float) -> None:
        self.mine: dict[str, int] = {}
        """The leases that we hold, or did when Redis last answered, and their epochs."""
        self.holders: dict[str, str] = {}
        """Who holds the others that we want."""
        self._silence = interval + PATIENCE
        self._until = float("-inf")
        """Until when nobody else can have taken what is ours."""
        self._epochs: dict[str, int] = {}
        self._rounds: dict[str, float] = {}
        """When an instance last went round, or was first heard of."""

    def renewed(self, asked: float, mine: Mapping[str, int], holders: Mapping[str, str], now: float) -> None:
        """What Redis said at `now`, to a question that was sent at `asked`."""
        self.mine, self.holders = dict(mine), dict(holders)
        self._until = asked + LIFE
        for name, epoch in mine.items():
            self._epochs[name] = max(epoch, self._epochs.get(name, 0))
        for holder in holders.values():
            self._rounds.setdefault(holder, now)

    def went_round(self, instance: str, now: float) -> None:
        """An instance says that it has fetched what was due, or put it off."""
        self._rounds[instance] = now

    def gone(self, alive: Iterable[str]) -> None:
        """Forget the instances that are not among these."""
        kept = set(alive).union(self.holders.values())
        self._rounds = {name: when for name, when in self._rounds.items() if name in kept}

    @property
    def asked(self) -> bool:
        """Whether Redis was ever asked."""
        return self._until > float("-inf")

    def is_mine(self, name: str, now: float) -> bool:
        return name in self.mine and now < self._until

    def fetches(self, key: str, now: float, *, answering: bool) -> bool:
        """Whether we are to fetch this part; `answering` is whether Redis does."""
        name = lease_of(key)
        if name in self.mine:
            # Held when we last heard of it: either it still is ours, or nobody can tell us whose it is.
            return now < self._until or not answering
        holder = self.holders.get(name)
        if holder is None:
            # The next answer, a moment from now, settles it.
            return not answering
        return now - self._rounds.get(holder, float("-inf")) > self._silence

    def accepts(self, name: str, epoch: int) -> bool:
        """Whether a message under this lease is not of the past; newer ones are not accepted after it."""
        newest = self._epochs.get(name, 0)
        if epoch < newest:
            return False
        self._epochs[name] = epoch
        return True

    def forget(self, names: Set[str]) -> None:
        """Forget the epochs of leases that are not among these: nobody speaks of them any more."""
        if not self._epochs.keys() <= names:
            self._epochs = {name: epoch for name, epoch in self._epochs.items() if name in names}
