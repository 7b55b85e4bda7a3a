"""Reading JSON that one does not trust: each reader gives a value of one kind, or None.

Yahoo sends numbers bare, as text, or as `{"raw": …, "fmt": …}`; what is not of
the kind expected is as good as not said. Only an envelope of the wrong shape is
an error, since then nothing of it can be believed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from math import isfinite

from tickstream.core.text import clean
from tickstream.errors import WireError

__all__ = [
    "Json",
    "error_text",
    "iso_time",
    "number",
    "result_of",
    "rows_of",
    "span_time",
    "text",
    "whole",
]

Json = Mapping[str, object]

_LARGEST = 2**63
_FIRST, _LAST = 0, 4_102_444_800
"""The times that are believed, in seconds: 1970 to 2100."""


def _raw(value: object) -> object:
    """What a formatted value says; the value itself where it is bare."""
    return value.get("raw") if isinstance(value, dict) else value


def number(row: Json, *names: str) -> float | None:
    """The first of these fields that is a finite number."""
    for name in names:
        value = _raw(row.get(name))
        if isinstance(value, str):
            try:
                value = float(value)
            except ValueError:
                continue
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            continue
        if abs(value) < 1e300 and isfinite(value):
            return float(value)
    return None


def whole(row: Json, *names: str) -> int | None:
    """The first of these fields that is a number, without its fraction."""
    value = number(row, *names)
    return int(value) if value is not None and abs(value) < _LARGEST else None


def text(row: Json, *names: str, longest: int = 200) -> str | None:
    """The first of these fields that is a text with something in it."""
    for name in names:
        value = _raw(row.get(name))
        if isinstance(value, str) and (cleaned := clean(value, longest)):
            return cleaned
    return None


def span_time(row: Json, *names: str) -> float | None:
    """The first of these fields that is a time in seconds since the epoch."""
    value = number(row, *names)
    return value if value is not None and _FIRST < value < _LAST else None


def iso_time(row: Json, name: str) -> float | None:
    """A field that is a time in ISO 8601, as seconds since the epoch."""
    value = row.get(name)
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment.timestamp() if moment.tzinfo is not None and 1970 < moment.year < 2100 else None


def rows_of(value: object) -> Iterator[Json]:
    """The objects of a list; what is none is left out."""
    if isinstance(value, list):
        yield from (row for row in value if isinstance(row, dict))


def result_of(document: object, envelope: str) -> list[Json]:
    """The rows of an answer's envelope.

    Raises:
        WireError: the envelope says an error, or is none.
    """
    if not isinstance(document, dict):
        raise WireError("Yahoo's answer has another shape than it should")
    inner = document.get(envelope)
    if isinstance(inner, dict) and inner.get("error") is None and isinstance(inner.get("result"), list):
        return list(rows_of(inner["result"]))
    said = error_text(document)
    raise WireError(f"Yahoo says: {said}" if said else f"Yahoo's answer has no {envelope}")


def error_text(document: object) -> str | None:
    """What an answer says went wrong; None where it says nothing of the kind."""
    if not isinstance(document, dict):
        return None
    for inner in document.values():
        error = inner.get("error") if isinstance(inner, dict) else None
        if isinstance(error, dict):
            parts = (text(error, "code"), text(error, "description"))
            return ": ".join(part for part in parts if part) or None
        if isinstance(error, str):
            return clean(error) or None
    return text(document, "detail", "message")
