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
from typing import Any

import msgspec
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import DecodeError

from tickstream.core.float32 import shorten
from tickstream.core.text import LONGEST, clean
from tickstream.core.tick import FIELDS, QuoteType, Tick, Value
from tickstream.errors import WireError
from tickstream.sources.yahoo.pricing_pb2 import PricingData

__all__ = ["EARLIEST", "TOMORROW", "decode", "encode", "payload_of"]

EARLIEST = 946_684_800_000
"""2000-01-01, in ms: no quote is older. A time before it, or after tomorrow, is not a time."""
TOMORROW = 86_400_000

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
    try:
        pricing = PricingData.FromString(message)
    except DecodeError:
        raise WireError("not a PricingData message") from None
    if pricing.quote_type == _HEARTBEAT:
        return None
    symbol = pricing.id
    if not (symbol.isascii() and symbol.isprintable() and len(symbol) <= LONGEST):
        symbol = clean(symbol)
    if not symbol:
        raise WireError("a message without a symbol")
    time = pricing.time
    if EARLIEST <= time <= (wall_clock() if now is None else now) * 1000 + TOMORROW:
        return Tick(symbol, {}, _values, pricing, frame)
    price = pricing.price
    if price - price != 0 or not (price or pricing.HasField("price")):
        raise WireError("a message with neither price nor time")
    return Tick(symbol, {}, _values_without_time if time else _values, pricing, frame)


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


_FIELDS = [field for field in PricingData.DESCRIPTOR.fields if field.name not in _HIDDEN]
_NAMES = {field: field.name for field in PricingData.DESCRIPTOR.fields}
_FLOAT32S = frozenset(field.name for field in _FIELDS if field.type == FieldDescriptor.TYPE_FLOAT)
_DOUBLES = frozenset(field.name for field in _FIELDS if field.type == FieldDescriptor.TYPE_DOUBLE)
_STRINGS = frozenset(field.name for field in _FIELDS if FIELDS[field.name] is str)


def _values(pricing: PricingData) -> dict[str, Value]:
    """All that the message says, by name, in ascending field order."""
    # What ListFields finds is asked for by kind, not field by field: a third of the time.
    said: dict[str, Value] = {_NAMES[field]: value for field, value in pricing.ListFields()}
    for name in _FLOAT32S.intersection(said):
        value: float = said[name]  # type: ignore[assignment]
        if value - value == 0:
            said[name] = shorten(value)
        else:
            del said[name]
    for name in _STRINGS.intersection(said):
        text: str = said[name]  # type: ignore[assignment]
        if not (text and text.isascii() and text.isprintable() and len(text) <= LONGEST):
            said[name] = clean(text)
    if not _RARE.isdisjoint(said):
        _mend_rare(said)
    return said


_RARE = _DOUBLES | _HIDDEN | {"indices"}


def _mend_rare(said: dict[str, Value]) -> None:
    for name in _RARE.intersection(said):
        value: Any = said[name]
        if name in _DOUBLES and isfinite(value):
            continue
        if name == "indices":
            said[name] = [clean(index) for index in value]
        else:
            del said[name]


def _values_without_time(pricing: PricingData) -> dict[str, Value]:
    said = _values(pricing)
    del said["time"]
    return said


def encode(said: Mapping[str, Value], *, version: int = 2) -> str:
    """One frame that says just this, in the framing of `version` 1 or 2.

    Keys are the names of the proto, `field_46` and `field_47` included; floats
    become the nearest float32, except for the two doubles of the message.
    """
    text = b2a_base64(PricingData(**said).SerializeToString(), newline=False).decode("ascii")  # type: ignore[arg-type]
    return text if version == 1 else f'{{"type":"pricing","message":"{text}"}}'
