"""Positions: what somebody holds of a symbol, in lots."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Lot"]


class Lot(NamedTuple):
    """What was bought, or sold short, at one price."""

    quantity: float
    """How many; negative where they were sold short."""
    cost: float
    """The price of one, as the symbol is quoted (`GBp` is pence)."""
