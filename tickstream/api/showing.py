"""A view that is kept up to date: its newest document, and all that is to be said about it.

Where it comes from shows nowhere above this: it is polled from parts here, or
follows a route of a tickstream server (api/relayed).
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Protocol

from tickstream.api.backing import suggestion
from tickstream.api.opening import opened_views
from tickstream.api.plans import Plan
from tickstream.core.values import Parts
from tickstream.errors import NotFound, SourceError
from tickstream.poll import Poll
from tickstream.sources import server_of

__all__ = ["Polled", "Showing", "ages_of", "check_known", "polling", "showing"]

PATIENCE = 5.0
"""Seconds that the first document waits for its parts."""
_KINDS = {
    "quote": "quotes",
    "movers": "movers",
    "headlines": "headlines",
    "similar": "similar",
    "news": "news",
    "periods": "periods",
}
"""The name that people know each kind of part by."""


class Showing(Protocol):
    """What a screen, lines and Python show of a view."""

    @property
    def interval(self) -> float:
        """Seconds between two documents."""

    @property
    def came(self) -> bool:
        """Whether anything came at all."""

    @property
    def parts(self) -> Parts:
        """What the document is made of, as far as that is known."""

    @property
    def ages(self) -> Mapping[str, float | None]:
        """How old the oldest part of each kind is, in seconds, by the name that people know it by."""

    @property
    def mark(self) -> str:
        """What the data must be marked as."""

    @property
    def trouble(self) -> str:
        """What is wrong at the moment, in words; it changes when that does, and not as time passes."""

    @property
    def old(self) -> bool:
        """Whether what there is must not look as if it were live."""

    @property
    def unknown(self) -> frozenset[str]:
        """The symbols that were asked for and do not exist."""

    def now(self) -> float:
        """Seconds since the epoch, by the clock that the parts are dated by."""

    def document(self) -> Any:
        """The newest document."""

    def rounds(self, *, patience: float = PATIENCE, once: bool = False) -> AsyncGenerator[None, None]:
        """Yield whenever there is a document; with `once` one time, after `patience` seconds at most."""

    async def changed(self) -> None:
        """Until something came, or failed."""

    async def meant(self, symbol: str) -> str:
        """What may have been meant by a symbol that does not exist, as the end of a sentence."""

    def check_known(self) -> None:
        """Raise NotFound where none of the symbols exists."""

    def check_reached(self) -> None:
        """Raise SourceError where nothing could be had, and nothing can be said without."""


@asynccontextmanager
async def showing(source: str, plan: Plan, interval: float, key: str = "") -> AsyncIterator[Showing]:
    """The view that `plan` describes, kept up to date while this is entered."""
    address = server_of(source, key)
    if address is not None:
        from tickstream.api.relayed import relaying

        async with relaying(address, plan, interval) as relayed:
            yield relayed
        return
    async with polling(source, plan) as poll:
        yield Polled(poll, plan, interval)


@asynccontextmanager
async def polling(source: str, plan: Plan) -> AsyncIterator[Poll]:
    """A poll of what `plan` wishes for, while this is entered."""
    async with opened_views(source) as parts:
        poll = Poll(parts, plan.wish)
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
        return bool(self.parts)

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


def check_known(plan: Plan, unknown: frozenset[str]) -> None:
    """Raise NotFound where none of the symbols that were asked for exists."""
    if plan.symbols and unknown.issuperset(plan.symbols):
        many = len(plan.symbols) > 1
        noun, they = ("symbols", "any of them") if many else ("symbol", "it")
        names = ", ".join(plan.symbols[:5]) + (", …" if len(plan.symbols) > 5 else "")
        raise NotFound(f"unknown {noun} {names}: Yahoo does not know {they}; tickstream search finds others")


def ages_of(parts: Parts, keys: Iterable[str], now: float) -> dict[str, float | None]:
    """How old the oldest part of each kind is, in seconds, by the name that people know it by."""
    fetched: dict[str, float] = {}
    for key in sorted(keys):
        kind, part = key.partition(":")[0], parts.get(key)
        if kind in _KINDS and part is not None:
            fetched[kind] = min(part.fetched, fetched.get(kind, part.fetched))
    return {_KINDS[kind]: max(0.0, now - fetched[kind]) for kind in _KINDS if kind in fetched}
