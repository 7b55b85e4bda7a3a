"""What keys do in a live view, and which key does it unless the config file says otherwise."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["KEYS"]

KEYS: Mapping[str, str] = {"quit": "q"}
"""The key of each action. Letters are typed in either case."""
