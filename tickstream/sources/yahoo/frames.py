"""Yahoo's frames: text of the streamer to `Tick`, and back. Pure, both ways.

A reader returns a Tick, returns None when the frame is no business of ours, or
raises WireError. It never logs, and never returns half a tick.

Version 1 of the protocol sends the bare base64 of one PricingData a frame,
version 2 the same within `{"type":"pricing","message":"…"}`. Which one a frame
is shows in the frame, so nobody has to tell.
"""

from __future__ import annotations

from binascii import Error as Base64Error
from binascii import a2b_base64, b2a_base64
from collections.abc import Mapping
from math import isfinite
from time import time as wall_clock

import msgspec
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import DecodeError

from tickstream.core.float32 import shorten
from tickstream.core.text import clean
from tickstream.core.tick import EARLIEST, TOMORROW, QuoteType, Tick, Value
from tickstream.errors import WireError
from tickstream.sources.yahoo.layouts import Layouts
from tickstream.sources.yahoo.pricing_pb2 import PricingData

__all__ = ["decode", "encode", "payload_of"]

# Yahoo sends fields 46 and 47 since August 2026 and nobody knows what they mean: parsed, never shown.
_HIDDEN = frozenset({"field_46", "field_47"})
_HEARTBEAT = int(QuoteType.HEARTBEAT)


class _Envelope(msgspec.Struct):
    """A frame of version 2; msgspec decodes the base64, strictly."""

    type: str = ""
    message: bytes = b""


_envelope = msgspec.json.Decoder(_Envelope).decode


def decode(frame: str | bytes, *, now: float | None = None) -> Tick | None:
    """The tick in one frame of the streamer; None for a frame that carries none.

    `now` is seconds since the epoch. A field that is not finite, and a time
    before 2000 or more than a day after `now`, is left out of the tick.

    Raises:
        WireError: the frame is broken, has no symbol, or neither price nor time.
    """
    message = payload_of(frame)
    if message is None:
        return None
    latest = (wall_clock() if now is None else now) * 1000 + TOMORROW
    for layout in _layouts.find(message):
        if layout.match(message, latest):
            return Tick(layout.symbol, {}, layout.said, message, frame)
    return _parse(message, latest, frame)


def _parse(message: bytes, latest: float, frame: str | bytes) -> Tick | None:
    """The tick in a message that is laid out as none before it."""
    try:
        pricing = PricingData.FromString(message)
    except (DecodeError, UnicodeError):  # the latter where protobuf is in pure Python
        raise WireError("not a PricingData message") from None
    if pricing.quote_type == _HEARTBEAT:
        return None
    said, dropped = _values(pricing)
    time = said.get("time")
    if isinstance(time, int) and not EARLIEST <= time <= latest:
        del said["time"]
        dropped += 1
    symbol = said.get("id")
    if not symbol:
        raise WireError("a message without a symbol")
    if "price" not in said and "time" not in said:
        raise WireError("a message with neither price nor time")
    if not dropped:
        _layouts.learn(message, said, _NAMES_BY_NUMBER)
    return Tick(str(symbol), said, None, None, frame, dropped)


def payload_of(frame: str | bytes) -> bytes | None:
    """The serialised PricingData in a frame of either version; None for a frame of another type."""
    if frame[:1] in ("{", b"{"):
        try:
            envelope = _envelope(frame)
        except (msgspec.DecodeError, RecursionError, UnicodeError):
            return _payload_of_odd(frame)
        if envelope.type == "pricing":
            return envelope.message
        return None
    try:
        if len(frame) % 4 or frame[-3:] in ("===", b"==="):
            # Strict as it is, binascii lets padding pass that follows a whole group.
            raise ValueError
        return a2b_base64(frame, strict_mode=True) or None
    except (Base64Error, ValueError):
        raise WireError("neither a JSON envelope nor base64") from None


def _payload_of_odd(frame: str | bytes) -> bytes | None:
    """An envelope that is not as expected: another type with another shape, or broken."""
    try:
        envelope = msgspec.json.decode(frame)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        raise WireError("broken JSON") from None
    if isinstance(envelope, dict) and isinstance(kind := envelope.get("type"), str) and kind != "pricing":
        return None
    raise WireError("an envelope without a base64 message")


_NAMES_BY_NUMBER = {field.number: field.name for field in PricingData.DESCRIPTOR.fields}
_layouts = Layouts()


def _values(pricing: PricingData) -> tuple[dict[str, Value], int]:
    """All that the message says, by name, in ascending field order; and how many fields were left out."""
    said: dict[str, Value] = {}
    dropped = 0
    for field, value in pricing.ListFields():
        if field.name in _HIDDEN:
            continue
        if isinstance(value, float):
            if not isfinite(value):
                dropped += 1
                continue
            value = shorten(value) if field.type == FieldDescriptor.TYPE_FLOAT else value
        elif isinstance(value, str):
            value = clean(value)
        elif not isinstance(value, int):
            value = [clean(text) for text in value]
        said[field.name] = value
    return said, dropped


def encode(said: Mapping[str, Value], *, version: int = 2) -> str:
    """One frame that says just this, in the framing of `version` 1 or 2.

    Keys are the names of the proto, `field_46` and `field_47` included; floats
    become the nearest float32, except for the two doubles of the message.
    """
    text = b2a_base64(PricingData(**said).SerializeToString(), newline=False).decode("ascii")  # type: ignore[arg-type]
    return text if version == 1 else f'{{"type":"pricing","message":"{text}"}}'
