"""What goes out to clients: finished WebSocket frames, each made once for all who get it. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from websockets.frames import Frame, Opcode

from tickstream.core.jsontext import json_text
from tickstream.core.tick import Value
from tickstream.sources.yahoo.frames import encode

__all__ = ["FORMS", "row_frame", "text_frame"]

FORMS = ("1", "2", "json")
"""How ticks are written: Yahoo's framing of version 1 or 2, or the keys and types of `--json`."""


def text_frame(payload: bytes) -> bytes:
    """A whole text message as it stands on the wire, from a server that does not compress."""
    return Frame(Opcode.TEXT, payload).serialize(mask=False)


def row_frame(said: Mapping[str, Value], form: str) -> bytes:
    """All that was said of a symbol, as one message in this form."""
    if form == "json":
        return text_frame(json_text(said))
    return text_frame(encode(said, version=int(form)).encode())
