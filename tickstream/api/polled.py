"""A view that is composed here: its parts are polled."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from tickstream.api.backing import suggestion
from tickstream.api.opening import opened_views
from tickstream.api.plans import Plan
from tickstream.api.showing import PATIENCE, ages_of, check_known
from tickstream.core.ports import Timed
from tickstream.core.values import Parts
from tickstream.errors import SourceError
from tickstream.poll import Poll

__all__ = ["Polled", "polling"]

_BESIDE = frozenset({"markettime", "trend"})
"""Kinds of parts that stand beside what was asked for, but for the hours."""


@asynccontextmanager
async def polling(source: str, plan: Plan) -> AsyncIterator[Poll]:
    """A poll of what `plan` wishes for, while this is entered."""
    async with opened_views(source) as parts:
        # What a tape says is as old as the tape.
        poll = Poll(parts, plan.wish, wall=parts.wall if isinstance(parts, Timed) else time.time)
        try:
            yield poll
        finally:
            await poll.close()


class Polled:
    """A view that is composed of parts, which are fetched here."""

    old = False
    """The age of each part is shown, and a part that is too old is gone."""

    def __init__(self, poll: Poll, plan: Plan, interval: float) -> None:
        self._poll, self._plan = poll, plan
        self.interval = interval
        self.now = poll.now
        self.changed = poll.changed

    @property
    def came(self) -> bool:
        own = (key for key in self.parts if key.partition(":")[0] not in _BESIDE)
        return bool(self.parts if self._plan.offline else any(own))

    @property
    def parts(self) -> Parts:
        return self._poll.parts

    @property
    def ages(self) -> Mapping[str, float | None]:
        return ages_of(self.parts, self._poll.wanted, self.now())

    @property
    def mark(self) -> str:
        return self._poll.mark

    @property
    def trouble(self) -> str:
        return self._poll.trouble

    @property
    def unknown(self) -> frozenset[str]:
        return frozenset(symbol for symbol in self._plan.symbols if f"quote:{symbol}" in self._poll.unknown)

    def document(self) -> Any:
        return self._plan.compose(self.parts, self.unknown, self.now())

    def rounds(self, *, patience: float = PATIENCE, once: bool = False) -> AsyncGenerator[None, None]:
        return self._poll.rounds(self.interval, patience=patience, once=once)

    async def meant(self, symbol: str) -> str:
        try:
            return suggestion(symbol, await self._poll.search(symbol))
        except SourceError:
            return ""

    def check_known(self) -> None:
        check_known(self._plan, self.unknown)

    def check_reached(self) -> None:
        poll, plan = self._poll, self._plan
        if not poll.parts and not poll.unknown and poll.failing and not plan.offline:
            raise SourceError(poll.trouble)
