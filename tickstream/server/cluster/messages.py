"""What instances say to each other over Redis, as JSON; pure.

A reader returns a message, returns None when it is our own or none of our
business, or raises BadMessage. Redis is trusted to carry messages and no more:
sizes are bounded, every value is checked against its type, text is cleaned.

On the bus:
    {"k":"beat","i":I,"n":N,"link":…,"reason":…,"mark":…}   each second; read back, it proves the way
    {"k":"round","i":I,"put_off":N}                          a round of fetching has ended
    {"k":"wish","i":I}                                       a wish or a lease changed: look at once
    {"k":"gap","i":I,"start":MS,"end":MS,"reason":…}         pushes were lost upstream
    {"k":"parts","i":I,"lease":L,"e":EPOCH,"parts":{KEY:[VALUE,FETCHED,UNTIL]},"unknown":[…],"failed":[…],"reason":…}
On the channel of a shard:
    {"i":I,"e":EPOCH,"ticks":[{…}],"to":I?}                  pushes; with `to`, rows for one who came late
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import msgspec

from tickstream.core.ports import Outcome
from tickstream.core.text import clean
from tickstream.core.tick import FIELDS, Tick, Value
from tickstream.core.values import KINDS, Part

__all__ = [
    "MOST",
    "BadMessage",
    "Beat",
    "GapMessage",
    "Message",
    "PartsMessage",
    "Round",
    "TicksMessage",
    "WishMessage",
    "encode",
    "kept_part",
    "parts_message",
    "read_bus",
    "read_kept",
    "read_ticks",
    "read_wish",
    "tick_of",
    "wish_text",
]

MOST = 1 << 20
_LONGEST = 2000
"""Characters of a text; the summary of a headline is the longest that there is."""
"""Bytes of a message."""
T = TypeVar("T")
_FIELDS = {name: kind for name, kind in FIELDS.items() if name != "id"}


class BadMessage(Exception):
    """A message that cannot be read."""


class Beat(msgspec.Struct, frozen=True, tag_field="k", tag="beat"):
    """An instance lives, and this is the state of its upstream."""

    i: str
    n: int
    link: str = ""
    """Empty while it streams nothing."""
    reason: str = ""
    mark: str = ""


class Round(msgspec.Struct, frozen=True, tag_field="k", tag="round"):
    """An instance has fetched what was due, or put it off."""

    i: str
    put_off: int = 0


class WishMessage(msgspec.Struct, frozen=True, tag_field="k", tag="wish"):
    """There is something new in Redis itself."""

    i: str


class GapMessage(msgspec.Struct, frozen=True, tag_field="k", tag="gap"):
    """An instance received nothing from `start` to `end` (ms UTC)."""

    i: str
    start: int
    end: int
    reason: str = ""


class PartsMessage(msgspec.Struct, frozen=True, tag_field="k", tag="parts"):
    """What came of a fetch."""

    i: str
    lease: str
    e: int
    parts: dict[str, tuple[msgspec.Raw, float, float]] = {}
    unknown: list[str] = []
    failed: list[str] = []
    reason: str = ""

    def outcome(self) -> Outcome:
        """The same as values."""
        parts = {key: _part(key, *held) for key, held in self.parts.items()}
        return Outcome(parts, frozenset(self.unknown), frozenset(self.failed), clean(self.reason, 200))


class TicksMessage(msgspec.Struct, frozen=True):
    """Pushes of one shard."""

    i: str
    e: int
    ticks: list[dict[str, Any]]
    to: str = ""


Message = Beat | Round | WishMessage | GapMessage | PartsMessage

_bus: msgspec.json.Decoder[Message] = msgspec.json.Decoder(Message)
_ticks = msgspec.json.Decoder(TicksMessage)
_values: dict[str, msgspec.json.Decoder[Any]] = {
    kind: msgspec.json.Decoder(form) for kind, form in KINDS.items()
}
_anything: msgspec.json.Decoder[Any] = msgspec.json.Decoder()
_kept = msgspec.json.Decoder(tuple[str, int, msgspec.Raw, float, float])
_wish: msgspec.json.Decoder[list[str]] = msgspec.json.Decoder(list[str])


def encode(message: Message | TicksMessage) -> bytes:
    return msgspec.json.encode(message)


def parts_message(instance: str, lease: str, epoch: int, outcome: Outcome) -> PartsMessage:
    parts = {key: (_raw(part.value), part.fetched, part.until) for key, part in outcome.parts.items()}
    unknown, failed = sorted(outcome.unknown), sorted(outcome.failed)
    return PartsMessage(instance, lease, epoch, parts, unknown, failed, outcome.reason)


def read_bus(data: bytes) -> Message:
    """A message of the bus.

    Raises:
        BadMessage: it is none.
    """
    return _read(_bus, data)


def read_ticks(data: bytes) -> TicksMessage:
    """The pushes of a shard; `tick_of` makes ticks of them.

    Raises:
        BadMessage: these are none.
    """
    return _read(_ticks, data)


def tick_of(said: Mapping[str, Any]) -> Tick | None:
    """A push as another instance said it; None where it is none."""
    symbol = said.get("id")
    if not isinstance(symbol, str):
        return None
    values: dict[str, Value] = {"id": symbol}
    for name, kind in _FIELDS.items():
        value = said.get(name)
        if value is None or isinstance(value, bool):
            continue
        if kind is float and isinstance(value, int | float) and math.isfinite(value):
            values[name] = float(value)
        elif kind is str and isinstance(value, str):
            values[name] = clean(value)
        elif kind is int and isinstance(value, int):
            values[name] = value
        elif kind == list[str] and isinstance(value, list):
            values[name] = [clean(text) for text in value if isinstance(text, str)]
    return Tick.from_dict(values) if "price" in values or "time" in values else None


def kept_part(lease: str, epoch: int, part: Part) -> bytes:
    """A part as it is kept in Redis for those who come late."""
    return msgspec.json.encode((lease, epoch, _raw(part.value), part.fetched, part.until))


def read_kept(key: str, data: bytes) -> tuple[str, int, Part]:
    """A part that was kept, with the lease and the epoch that it was fetched under.

    Raises:
        BadMessage: it is none.
    """
    lease, epoch, raw, fetched, until = _read(_kept, data)
    return lease, epoch, _part(key, raw, fetched, until)


def wish_text(keys: Iterable[str]) -> bytes:
    """A whole wish, as the others find it in Redis."""
    return msgspec.json.encode(sorted(keys))


def read_wish(data: bytes) -> frozenset[str]:
    """A wish; an empty one where it cannot be read."""
    try:
        keys: list[str] = _read(_wish, data)
        return frozenset(keys)
    except BadMessage:
        return frozenset()


def _part(key: str, raw: msgspec.Raw, fetched: float, until: float) -> Part:
    decoder = _values.get(key.partition(":")[0])
    if decoder is None:
        raise BadMessage(f"no part {key[:40]!a}")
    # Cleaned before it is typed: what is typed is frozen.
    return Part(_read(decoder, msgspec.json.encode(_cleaned(_read(_anything, bytes(raw))))), fetched, until)


def _cleaned(value: Any) -> Any:
    """The same JSON, with texts that can be shown."""
    if isinstance(value, str):
        return clean(value, _LONGEST)
    if isinstance(value, list):
        return [_cleaned(inner) for inner in value]
    if isinstance(value, dict):
        return {name: _cleaned(inner) for name, inner in value.items()}
    return value


def _read(decoder: msgspec.json.Decoder[T], data: bytes) -> T:
    if len(data) > MOST:
        raise BadMessage(f"{len(data)} bytes")
    try:
        return decoder.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, ValueError, RecursionError) as error:
        raise BadMessage(clean(str(error), 120)) from None


def _raw(value: object) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(value))
