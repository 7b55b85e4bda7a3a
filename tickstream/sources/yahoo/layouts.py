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
from functools import lru_cache
from struct import Struct

from tickstream.core.float32 import shorten
from tickstream.core.tick import EARLIEST, FIELDS, Value

__all__ = ["Layout", "Layouts", "layout_of"]

_ID = b"\n"
"""The tag of the symbol, with which every message of Yahoo begins."""
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_DOUBLES = frozenset({"circulating_supply", "market_cap"})
_VOLUMES = frozenset({"day_volume", "last_size", "vol_24hr", "vol_all_currencies", "open_interest"})
"""Integers that differ from push to push, beside the time; the others are part of what stays."""
_TIME_SIZE = 6
"""Bytes of the time: those of any ms from 1986 to 2039."""
_TIME_BITS = 0xFFFFFFFFFFFF
_UINT64 = (1 << 64) - 1

# What of a value stays the same, bit by bit, in the order of the wire. A varint has its value in seven
# bits a byte, least significant first; the eighth says whether another byte follows. A time is never
# negative, so the lowest bit of its zigzag is 0. A float is finite unless all bits of its exponent are
# set: adding one to the exponent alone then carries into the sign.
_TIME_STAYS = b"\x81" + b"\x80" * (_TIME_SIZE - 1)
_EXPONENT = {"f": 0x7F800000, "d": 0x7FF0000000000000}
_ONE = {"f": 0x00800000, "d": 0x0010000000000000}
_SIGN = {"f": 0x80000000, "d": 0x8000000000000000}


@lru_cache(1024)
def _number(data: bytes) -> int:
    """The sint64 in a varint; crypto pushes repeat the same one four times."""
    value = 0
    for byte in reversed(data):
        value = value << 7 | byte & 0x7F
    value &= _UINT64  # ten bytes hold seventy bits; what is beyond 64 protobuf lets go
    return value >> 1 ^ -(value & 1)


@lru_cache(64)
def _last_time(window: int) -> int:
    """The varint of the time `window` << 20. Two of one size compare as the times that they stand for."""
    zigzag, value = window << 21, 0
    for byte in range(_TIME_SIZE):
        value |= (zigzag >> 7 * byte & 0x7F | (0x80 if byte < _TIME_SIZE - 1 else 0)) << 8 * byte
    return value


_FIRST_TIME = _last_time((EARLIEST >> 20) + 1)


class Layout:
    """Where the fields of one kind of message stand: what is the same in all of them, bit by bit."""

    __slots__ = ("_doubles", "_exponents", "_float32s", "_mask", "_ones", "_same", "_signs", "_size",
                 "_template", "_time", "_time_shift", "_unpack", "_volumes", "symbol")  # fmt: skip

    def __init__(
        self, message: bytes, said: Mapping[str, Value], changing: list[tuple[str, int, str]]
    ) -> None:
        self.symbol = str(said["id"])
        self._template = dict(said)
        mask = bytearray(b"\xff" * len(message))
        formats, end = "<", 0
        self._exponents = self._ones = self._signs = 0
        for name, start, form in changing:
            formats += f"{start - end}x{form}"
            stays = _TIME_STAYS if name == "time" else _stays(form)
            end = start + len(stays)
            mask[start:end] = stays
            if form in _EXPONENT:
                self._exponents |= _EXPONENT[form] << 8 * start
                self._ones |= _ONE[form] << 8 * start
                self._signs |= _SIGN[form] << 8 * start
        self._unpack = Struct(f"{formats}{len(message) - end}x").unpack
        self._size = len(message)
        self._mask = int.from_bytes(mask, "little")
        self._same = int.from_bytes(message, "little") & self._mask
        places = [(name, place, form) for place, (name, _, form) in enumerate(changing)]
        self._float32s = [(name, place) for name, place, form in places if form == "f" and name in said]
        self._doubles = [(name, place) for name, place, form in places if form == "d"]
        self._volumes = [(name, place) for name, place, form in places if name in _VOLUMES]
        self._time = next(place for name, place, _ in places if name == "time")
        self._time_shift = 8 * next(start for name, start, _ in changing if name == "time")

    def match(self, message: bytes, latest: float) -> bool:
        """Whether `message` is laid out like this, is finite, and stamped between 2000 and `latest` (ms)."""
        if len(message) != self._size:
            return False
        bits = int.from_bytes(message, "little")
        if bits & self._mask != self._same or ((bits & self._exponents) + self._ones) & self._signs:
            return False
        return _FIRST_TIME <= bits >> self._time_shift & _TIME_BITS <= _last_time(int(latest) >> 20)

    def said(self, message: bytes) -> dict[str, Value]:
        """All that a message of this layout says."""
        parts = self._unpack(message)
        said = self._template.copy()
        said["time"] = _number(parts[self._time])
        for name, place in self._float32s:
            said[name] = shorten(parts[place])
        for name, place in self._doubles:
            said[name] = parts[place]
        for name, place in self._volumes:
            said[name] = _number(parts[place])
        return said


def _stays(form: str) -> bytes:
    """Which bits of a value stay: none of a float, of a varint those that say how long it is."""
    sizes = {"f": 4, "d": 8}
    return bytes(sizes[form]) if form in sizes else b"\x80" * int(form[:-1])


class Layouts:
    """The layouts seen so far, by symbol and length; beyond `most` symbols the oldest goes.

    A symbol has one to four, of 2 to 4 KB each; where it had ever more of them, the
    oldest lengths go. With fewer than 10,000 symbols have, which can be followed, nearly
    every push would come too late for its own, at twenty times the cost.
    """

    EACH = 16
    """Layouts of one symbol, at most."""

    def __init__(self, most: int = 16_384) -> None:
        self._known: dict[bytes, dict[int, tuple[Layout, ...]]] = {}
        self._most = most

    def find(self, message: bytes) -> tuple[Layout, ...]:
        """The layouts that `message` may have, most likely one."""
        # The symbol comes first: its tag, its length, its text.
        sizes = self._known.get(message[: message[1] + 2]) if len(message) > 2 else None
        return sizes.get(len(message), ()) if sizes else ()

    def learn(self, message: bytes, said: Mapping[str, Value], names: Mapping[int, str]) -> None:
        """Remember how `message`, which says just this, is laid out."""
        layout = layout_of(message, said, names)
        if layout is None:
            return
        symbol, size = message[: message[1] + 2], len(message)
        if len(self._known) >= self._most and symbol not in self._known:
            del self._known[next(iter(self._known))]
        sizes = self._known.setdefault(symbol, {})
        # One for each session, say; the oldest goes.
        sizes[size] = (layout, *sizes.pop(size, ())[:3])
        while sum(map(len, sizes.values())) > self.EACH:
            del sizes[next(iter(sizes))]


def layout_of(message: bytes, said: Mapping[str, Value], names: Mapping[int, str]) -> Layout | None:
    """The layout of a message that says just this; None for one that is laid out in no usual way."""
    changing: list[tuple[str, int, str]] = []
    place = last = 0
    while place < len(message):
        tag, start = _varint(message, place)
        number, wire = tag >> 3, tag & 7
        end = _end(message, start, wire)
        name = names.get(number)
        # Each field once, in the order of their numbers, as Yahoo writes them: what comes twice is merged.
        if name is None or wire != _wire_of(name) or number <= last or end is None or end > len(message):
            return None
        if form := _form(name, wire, end - start):
            changing.append((name, start, form))
        place, last = end, number
    usual = {"price", "time"} <= {name for name, _, _ in changing} and message[:1] == _ID
    return Layout(message, said, changing) if usual else None


def _wire_of(name: str) -> int:
    """The wire type that a field of the proto has; protobuf takes one with another for unknown."""
    kind = FIELDS.get(name, float)
    if kind is float:
        return _FIXED64 if name in _DOUBLES else _FIXED32
    return _VARINT if kind is int else _BYTES


def _form(name: str, wire: int, size: int) -> str:
    """How a value that changes is unpacked; empty for one that stays as it is."""
    if wire in (_FIXED32, _FIXED64):
        return "f" if wire == _FIXED32 else "d"
    if name in _VOLUMES or (name == "time" and size == _TIME_SIZE):
        return f"{size}s"
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
