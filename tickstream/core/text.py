"""Strings from outside are cleaned here, once, before anything else sees them.

What is left after `clean` is safe in a terminal, a log, a CSV cell and a JSON
line: no control characters (C0, C1, DEL), no bidirectional overrides, nothing
of zero width, no line breaks, no lone surrogates.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from difflib import get_close_matches

from tickstream.errors import UsageError

__all__ = ["LONGEST", "clean", "duration", "meant", "seconds_text"]

LONGEST = 256
"""No string from outside is longer, in characters."""

_UNITS = {"": 1.0, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile(r"([0-9]*\.?[0-9]+)\s*(ms|s|m|h|d)?")


def clean(text: str, longest: int = LONGEST) -> str:
    """`text` without what could harm whoever prints it, and no longer than `longest` characters."""
    if len(text) > longest:
        # Cut twice: first so that cleaning 100 kB costs nothing, then what is left after it.
        text = text[: longest * 4]
    if text.isascii() and text.isprintable():
        return text[:longest]
    # isprintable is false for Cc, Cf, Cs, Co, Cn, Zl, Zp and, other than the blank, Zs.
    kept = (char if char.isprintable() else " " for char in text if char.isprintable() or char.isspace())
    return "".join(kept).strip()[:longest].rstrip()


def meant(word: str, known: Iterable[str], before: str = "") -> str:
    """What may have been meant by `word`, as a question before more; nothing where nothing is alike."""
    alike = {other.lower().replace("_", "-"): other for other in known}
    near = get_close_matches(word.lower().replace("_", "-")[:80], alike, n=1)
    return f"did you mean {before}{alike[near[0]]}? " if near else ""


def seconds_text(seconds: float) -> str:
    """A duration in at most five characters, as in `0s`, `59s`, `4m`, `2h14`, `3d`, `12y`."""
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole}s"
    minutes = whole // 60
    if minutes < 60:
        return f"{minutes}m"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours}h{minutes:02d}"
    days = hours // 24
    return f"{days}d" if days < 1000 else f"{days // 365}y"


def duration(text: str) -> float:
    """Seconds, from `30s`, `5m`, `1.5h`, `250ms` or a bare number of seconds; more than none."""
    found = _DURATION.fullmatch(text.strip().lower())
    seconds = float(found[1]) * _UNITS[found[2] or ""] if found else math.nan
    if not 0 < seconds < math.inf:
        raise UsageError(f"bad duration {text!r}: use a number above 0 with s, m, h or d, as in 30s")
    return seconds
