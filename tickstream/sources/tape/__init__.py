"""Tapes as sources: which names stand for one. What a tape is says core/tape."""

from __future__ import annotations

import os
from pathlib import PurePath

__all__ = ["is_tape"]

_SUFFIXES = frozenset({".ndjson", ".jsonl", ".tape", ".gz", ".zst"})


def is_tape(name: str) -> bool:
    """Whether `name` is the path of a tape: it looks like one, or there is a file of this name."""
    if name in ("yahoo", "demo") or "://" in name:
        return False
    looks = any(separator in name for separator in (os.sep, os.altsep) if separator)
    return looks or PurePath(name).suffix.lower() in _SUFFIXES or os.path.isfile(name)  # noqa: PTH113 - NUL
