"""What instances of the server share: who fetches which part, who streams which symbol, one budget.

Two implementations: `Solo` (solo.py) is this instance by itself, `Cluster`
(cluster/) shares with others by Redis. Nothing else of the server knows which.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from tickstream.core.ports import Outcome, Source

__all__ = ["Sharing"]


class Sharing(Protocol):
    """Shares parts, ticks and the budget of requests with other instances, if there are any."""

    wish: Callable[[], frozenset[str]]
    """Says the keys of the parts that this instance's clients need; set by whoever polls."""
    accept: Callable[[Outcome], None]
    """Takes what another instance fetched; set by whoever polls."""
    granted: Callable[[], None]
    """Called when what was put off can be paid for; set by whoever polls."""

    @property
    def ticks(self) -> Source:
        """What the hub runs: all pushes that clients of this instance follow."""

    def fetches(self, key: str) -> bool:
        """Whether this part is for this instance to fetch, at present."""

    @property
    def others(self) -> frozenset[str]:
        """The keys that only others need, and that this instance fetches for them."""

    def spend(self, count: int) -> int:
        """Take `count` requests from the budget, or as many as there are; how many may be sent."""

    @property
    def put_off(self) -> int:
        """Fetches that were put off for want of budget."""

    @property
    def left(self) -> int:
        """Requests that this instance could send at once."""

    def tell(self, outcome: Outcome) -> None:
        """Tell the others what came of a fetch."""

    def went_round(self) -> None:
        """A round has ended: what was due was fetched, or put off."""

    def wish_changed(self) -> None:
        """`wish` says something else now."""

    @property
    def mark(self) -> str:
        """What the data that others fetched must be marked as."""

    @property
    def state(self) -> str:
        """`alone`, `shared`, or `away` while the others cannot be reached."""

    def numbers(self) -> Mapping[str, float]:
        """Numbers for the metrics, by name."""

    def running(self) -> AbstractAsyncContextManager[None]:
        """Share for as long as this is entered."""
