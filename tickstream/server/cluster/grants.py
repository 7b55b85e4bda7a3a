"""This instance's part of one budget: requests that Redis grants, and a share of its own without Redis."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["Grants"]


class Grants:
    """The requests that Redis has granted to this instance out of the budget of all.

    `kick` is called when there are not enough, so that Redis is asked at once.
    """

    SPARE = 2
    """Requests that are held in advance, so that something new does not have to wait for Redis."""

    def __init__(self, kick: Callable[[], None]) -> None:
        self.left = 0
        self.put_off = 0
        """How many fetches were put off although Redis was asked for them."""
        self._kick = kick
        self._used = 0
        self._needed = 0
        self._asked: int | None = None
        """What was left when Redis was asked last; None when no answer is due."""

    def spend(self, count: int) -> int:
        given = min(count, self.left)
        self.left -= given
        self._used += given
        if given < count:
            self._needed = max(self._needed, count - given)
            self._kick()
        return given

    def ask(self, unplanned: int) -> tuple[int, int]:
        """What was used since the last time, and how many are to be held from now on."""
        used, self._used = self._used + unplanned, 0
        self._asked = self.left
        return used, self._needed + self.SPARE

    def granted(self, count: int) -> bool:
        """Redis lets us have `count`; whether something that was put off can now be paid for."""
        spent_since = (self._asked or 0) - self.left
        self.left, self._asked = max(0, count - spent_since), None
        waiting = self._needed > 0
        self.put_off += max(0, self._needed - self.left)
        if self.left >= self._needed:
            self._needed = 0
        return waiting and self.left > 0

    def lost(self, used: int) -> None:
        """The question that said so many were used was not heard."""
        self._used += used
        self._asked = None
