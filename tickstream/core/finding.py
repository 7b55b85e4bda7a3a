"""What a check found: whether something works, and where it does not, what to do."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Finding"]


class Finding(NamedTuple):
    """One thing that was checked."""

    name: str
    ok: bool | None
    """None where it was not tried, since it makes no sense here or something before it failed."""
    text: str
    """What was found."""
    advice: str = ""
    """What to do about it; empty where nothing is."""
    seconds: float | None = None
    """How long it took."""
