"""The colours of what rises and falls, by name: what is asked for and what is drawn agree on these."""

from __future__ import annotations

from tickstream.core.text import meant
from tickstream.errors import UsageError

__all__ = ["COLORS", "parse_colors"]

COLORS = ("green-up", "red-up", "blue-orange", "none")
"""The palettes, and no colours at all."""


def parse_colors(text: str) -> str:
    """The name of the colours that are asked for.

    Raises:
        UsageError: there are none of that name.
    """
    name = text.strip().lower()
    if name not in COLORS:
        raise UsageError(f"no colours {text!r}: {meant(name, COLORS)}use {', '.join(COLORS)}")
    return name
