"""JSON as all that leaves tickstream has it: compact, in ASCII, without NaN. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence

import msgspec

__all__ = ["json_lines", "json_text"]

_encoder = msgspec.json.Encoder()


def json_text(value: object) -> bytes:
    """One value."""
    text = _encoder.encode(value)
    return text if _is_plain(text) else _escaped(text)


def json_lines(values: Sequence[object]) -> bytes:
    """A line each."""
    text = _encoder.encode_lines(values)
    if _is_plain(text):
        return text
    return b"".join(_escaped(line) + b"\n" for line in text.splitlines())


def _is_plain(text: bytes) -> bool:
    return text.isascii() and b"\x7f" not in text


def _escaped(text: bytes) -> bytes:
    # What is not ASCII is escaped by us: C1, DEL and bidi controls harm a terminal as they are.
    dumped = json.dumps(msgspec.json.decode(text), separators=(",", ":"))
    return dumped.replace("\x7f", "\\u007f").encode("ascii")
