"""Layouts: reading a message by where its fields stood in the last one like it.

Two pushes of one symbol that are equally long nearly always have the same
fields at the same places; only prices, time and volume differ. A layout is the
list of these places, made once from a message that protobuf has read, and used
for as long as everything else in the message is the same to the byte. It
gives what protobuf would give, or None, at a third of the cost; a test holds
the two equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from struct import Struct
from typing import Any

from tickstream.core.float32 import shorten
from tickstream.core.tick import Value

__all__ = ["EARLIEST", "Layout", "Layouts", "layout_of"]

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
EARLIEST = 946_684_800_000
"""2000-01-01, in ms: no quote is older."""
_CHANGING = frozenset({"time", "day_volume", "last_size", "vol_24hr", "vol_all_currencies", "open_interest"})
"""Integers that differ from push to push; the others are part of what stays."""

# A varint has seven bits a byte, least significant first, and the top bit in all bytes but the last.
# These masks fold the groups of seven together, two and four at a time.
_TOPS = tuple(sum(0x80 << 8 * byte for byte in range(size)) for size in range(9))
_ENDS = tuple(sum(0x80 << 8 * byte for byte in range(size - 1)) for size in range(9))


def _zigzag(data: bytes) -> int | None:
    """The sint64 in a varint of at most eight bytes; None if it is not just that."""
    bits = int.from_bytes(data, "little")
    size = len(data)
    if bits & _TOPS[size] != _ENDS[size]:
        return None
    bits = (bits & 0x7F007F007F007F00) >> 1 | bits & 0x007F007F007F007F
    bits = (bits & 0x3FFF00003FFF0000) >> 2 | bits & 0x00003FFF00003FFF
    bits = (bits & 0x0FFFFFFF00000000) >> 4 | bits & 0x000000000FFFFFFF
    return bits >> 1 ^ -(bits & 1)


class Layout:
    """Where the fields of one kind of message stand.

    The message is cut into pieces: at even places what stays the same, at odd
    ones what changes.
    """

    __slots__ = ("_floats", "_integers", "_same", "_size", "_template", "_time", "_unpack", "symbol")

    def __init__(self, pieces: list[tuple[str, bytes | str]], template: Mapping[str, Value]) -> None:
        formats = [f"{len(piece)}s" if isinstance(piece, bytes) else piece for _, piece in pieces]
        struct = Struct("<" + "".join(formats))
        self.symbol = str(template["id"])
        self._unpack, self._size = struct.unpack, struct.size
        self._same = tuple(piece for _, piece in pieces[::2])
        self._template = dict(template)
        changing = [(place, *pieces[place]) for place in range(1, len(pieces), 2)]
        self._floats = [(name, place, form) for place, name, form in changing if form in ("f", "d")]
        self._integers = [(name, place) for place, name, form in changing if form not in ("f", "d")]
        self._time = next(place for name, place in self._integers if name == "time")

    def match(self, message: bytes, latest: float) -> tuple[Any, ...] | None:
        """The pieces of a message of this layout, all finite and stamped no later than `latest` (ms)."""
        if len(message) != self._size:
            return None
        parts = self._unpack(message)
        if parts[::2] != self._same:
            return None
        total = 0.0
        for _, place, _ in self._floats:
            total += parts[place]
        time = _zigzag(parts[self._time])
        # What is not finite makes a sum that is no number, or none that differs from itself by nothing.
        if total - total != 0 or time is None or not EARLIEST <= time <= latest:
            return None
        return parts

    def said(self, parts: tuple[Any, ...]) -> dict[str, Value]:
        """All that a message with these pieces says."""
        said = self._template.copy()
        for name, place, form in self._floats:
            if name in said:
                said[name] = shorten(parts[place]) if form == "f" else parts[place]
        for name, place in self._integers:
            value = _zigzag(parts[place])
            if value is None:
                raise AssertionError("checked by match")
            said[name] = value
        return said


class Layouts:
    """The layouts seen so far, by symbol and length of the message; at most `most` kinds, then it begins anew."""

    def __init__(self, most: int = 8192) -> None:
        self._known: dict[tuple[bytes, int], tuple[Layout, ...]] = {}
        self._most = most

    def find(self, message: bytes) -> tuple[Layout, ...]:
        """The layouts that `message` may have, most likely one."""
        # The symbol comes first: its tag, its length, its text.
        return self._known.get((message[: message[1] + 2], len(message)), ()) if len(message) > 2 else ()

    def learn(self, message: bytes, said: Mapping[str, Value], names: Mapping[int, str]) -> None:
        """Remember how `message`, which says just this, is laid out."""
        layout = layout_of(message, said, names)
        if layout is not None:
            if len(self._known) >= self._most:
                self._known.clear()
            kind = message[: message[1] + 2], len(message)
            # One for each session, say; the oldest goes.
            self._known[kind] = (layout, *self._known.get(kind, ())[:3])


def layout_of(message: bytes, said: Mapping[str, Value], names: Mapping[int, str]) -> Layout | None:
    """The layout of a message that says just this; None for one that is laid out in no usual way."""
    pieces: list[tuple[str, bytes | str]] = []
    same, place, last = 0, 0, 0
    while place < len(message):
        tag, start = _varint(message, place)
        number, wire = tag >> 3, tag & 7
        end = _end(message, start, wire)
        name = names.get(number)
        # Each field once, in the order of their numbers, as Yahoo writes them: what comes twice is merged.
        if name is None or number <= last or end is None or end > len(message):
            return None
        form = _form(name, wire, end - start)
        if form is None:
            return None
        if form:
            pieces += [("", message[same:start]), (name, form)]
            same = end
        place, last = end, number
    pieces.append(("", message[same:]))
    changing = {name for name, _ in pieces}
    return Layout(pieces, said) if {"price", "time"} <= changing and message[:1] == b"\n" else None


def _form(name: str, wire: int, size: int) -> str | None:
    """How the value is unpacked; empty for one that stays the same, None for one that cannot be."""
    if wire == _FIXED32:
        return "f"
    if wire == _FIXED64:
        return "d"
    if name in _CHANGING:
        return f"{size}s" if size <= 8 else None
    return ""


def _varint(message: bytes, place: int) -> tuple[int, int]:
    """The varint that begins at `place`, and where it ends; protobuf has read it, so it does end."""
    value = shift = 0
    while True:
        byte = message[place]
        value |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if byte < 0x80:
            return value, place


def _end(message: bytes, start: int, wire: int) -> int | None:
    """Where the value that begins at `start` ends; None for groups."""
    match wire:
        case 0:
            return _varint(message, start)[1]
        case 1:
            return start + 8
        case 2:
            size, begin = _varint(message, start)
            return begin + size
        case 5:
            return start + 4
        case _:
            return None
