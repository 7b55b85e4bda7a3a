"""Times that instances tell each other are by the clock of Redis, which they all ask each second.

An instance whose own clock is wrong would else be believed to have fetched in
the future, so that nothing newer is taken from whoever fetches after it, or
long ago, so that what is fresh is thrown away.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from tickstream.core.ports import Outcome
from tickstream.core.values import Part

__all__ = ["Clocks"]

AGREE = 2.0
"""Seconds by which clocks may differ and be taken for the same: that much an answer may be late, too."""


class Clocks:
    """Our clock, and by how much that of Redis is ahead of it."""

    def __init__(self, wall: Callable[[], float] = time.time) -> None:
        self._wall = wall
        self.ahead = 0.0
        """Seconds; 0 where both agree."""

    def told(self, theirs: float, waited: float) -> None:
        """Redis said what time it is, to a question that was answered after `waited` seconds."""
        ahead = theirs + waited / 2 - self._wall()
        self.ahead = ahead if abs(ahead) >= AGREE else 0.0

    def theirs(self, outcome: Outcome) -> Outcome:
        """What was fetched by our clock, as it is told to others."""
        return _moved(outcome, self.ahead)

    def ours(self, outcome: Outcome) -> Outcome:
        """What others told, by our clock."""
        return _moved(outcome, -self.ahead)


def _moved(outcome: Outcome, seconds: float) -> Outcome:
    if not seconds:
        return outcome
    parts = {
        key: Part(part.value, part.fetched + seconds, part.until + seconds)
        for key, part in outcome.parts.items()
    }
    return outcome._replace(parts=parts)
