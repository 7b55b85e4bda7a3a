"""A view that is kept up to date: its newest document, and all that is to be said about it.

Where it comes from shows nowhere above this: parts are polled and composed here
(api/polled), or a tickstream server sends documents (api/relayed).
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Mapping
from typing import Any, Protocol

from tickstream.api.plans import Plan
from tickstream.core.values import Parts
from tickstream.errors import NotFound

__all__ = ["PATIENCE", "Showing", "ages_of", "check_known"]

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
