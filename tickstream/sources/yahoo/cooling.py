"""Leaving a host alone for a while: everyone in the process waits for the same end of the same rest.

A host judges its endpoints apart, and those that need a crumb most strictly
(WIRE.md, C.4), so each host has two lanes: what needs a crumb, and what does not.
"""

from __future__ import annotations

from dataclasses import dataclass

from tickstream.errors import RateLimited

__all__ = ["Lane", "lane_of", "lanes"]

FIRST = 60.0
LONGEST = 3600.0


@dataclass(slots=True)
class Lane:
    """A kind of request to one host, and whether it is to rest. Times are seconds since the epoch."""

    until: float = 0.0
    times: int = 0
    """How often in a row it was told to rest."""

    def check(self, now: float) -> None:
        """Raise RateLimited while it rests."""
        if self.rests(now):
            raise RateLimited(self.until)

    def rests(self, now: float) -> bool:
        # A clock that was set back must not make a rest longer than it ever could be.
        return now < self.until <= now + LONGEST

    def rest(self, now: float, seconds: float | None = None) -> RateLimited:
        """Rest: as long as the host asks for, else a minute and each time twice as long, an hour at most."""
        if not self.rests(now):
            # Several that are refused together are refused once.
            self.times += 1
        wait = FIRST * 2.0 ** min(self.times - 1, 10) if seconds is None else max(1.0, seconds)
        self.until = max(self.until if self.rests(now) else 0.0, now + min(wait, LONGEST))
        return RateLimited(self.until)

    def worked(self) -> None:
        """An answer came: the next rest is a short one again."""
        self.times = 0


lanes: dict[tuple[str, bool], Lane] = {}
"""Of all hosts that were asked by this process."""


def lane_of(host: str, *, crumb: bool) -> Lane:
    """The lane of `host` for what needs a crumb or not: one for all sessions of this process."""
    return lanes.setdefault((host, crumb), Lane())
