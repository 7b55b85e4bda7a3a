"""An instance by itself: it fetches and streams all that its clients need."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

from tickstream.core.ports import Outcome, Source
from tickstream.server.budget import Budget

__all__ = ["Solo"]


class Solo:
    """`Sharing` with nobody."""

    def __init__(self, ticks: Source, budget: Budget) -> None:
        self.ticks = ticks
        self._budget = budget
        self.wish: Callable[[], frozenset[str]] = frozenset
        self.accept: Callable[[Outcome], None] = lambda outcome: None
        self.granted: Callable[[], None] = lambda: None
        self.spend = budget.spend

    def fetches(self, key: str) -> bool:
        return True

    @property
    def others(self) -> frozenset[str]:
        return frozenset()

    @property
    def put_off(self) -> int:
        return self._budget.put_off

    @property
    def left(self) -> int:
        return self._budget.left

    def tell(self, outcome: Outcome) -> None:
        """Nobody is to be told."""

    def went_round(self) -> None:
        """Nobody waits for it."""

    def wish_changed(self) -> None:
        """Nobody has to know."""

    @property
    def mark(self) -> str:
        return ""

    @property
    def state(self) -> str:
        return "alone"

    def numbers(self) -> Mapping[str, float]:
        return {}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        yield
