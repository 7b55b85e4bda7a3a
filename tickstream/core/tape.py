"""Tapes: what a source said, a line a push, to be played again. Pure, both ways.

A tape is NDJSON in ASCII, as it is or packed (core/packing). Its lines are

    {"type":"tape","version":1,"at":1789000000000}
    {"at":1789000000123,"raw":"{\\"type\\":\\"pricing\\",\\"message\\":\\"…\\"}"}
    {"at":1789000000123,"said":{"id":"AAPL","price":171.52,…}}
    {"at":1789000000123,"type":"gap","start":…,"end":…}

The first is the version line, with which each tape begins. `raw` is a push: the
text of Yahoo's frame, as it came. `said` is one that came without such a text,
as from a tickstream server: a tick, as `--json` prints it. What has another
`type` is an event, as `--events` prints it. `at` is when it came, in ms UTC.

Tapes that are put one behind the other are a tape. A reader returns a record,
returns None for a line that holds none, or raises WireError; a tape of another
version is no tape to it at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, cast

import msgspec

from tickstream.core.fromjson import UNREADABLE, Said, Saying, event_of
from tickstream.core.jsontext import json_lines
from tickstream.core.ports import Event, event_dict
from tickstream.core.tick import EARLIEST, Tick, Value
from tickstream.errors import UsageError, WireError

__all__ = [
    "LONGEST_LINE",
    "REPLAY",
    "VERSION",
    "OtherVersion",
    "Push",
    "Record",
    "Told",
    "check_head",
    "line_of",
    "mark_replay",
    "read_line",
    "version_line",
]

VERSION = 1
REPLAY = "REPLAY"
"""What a tape that is played is marked as."""
LONGEST_LINE = 1 << 20
"""Bytes; a longer line is none of ours, and is not even held."""

_LATEST = 4_102_444_800_000
"""2100, in ms: nothing was recorded after."""
_HEAD = b'{"type":"tape","version":'


class Push(NamedTuple):
    """A push, and when it came (ms UTC): its text, or, where it has none, what it said."""

    at: int
    raw: str = ""
    said: Mapping[str, Value] | None = None


class Told(NamedTuple):
    """An event among the pushes."""

    at: int
    event: Event


Record = Push | Told


class OtherVersion(UsageError):
    """A tape that another tickstream wrote, and this one cannot read."""

    def __init__(self, version: int) -> None:
        super().__init__(version)
        self.version = version

    def __str__(self) -> str:
        return f"a tape of version {self.version}, and this tickstream reads version {VERSION}: update it"


class _Line(Saying):
    """Any line: a field that one kind has is not wrong in another."""

    at: int = 0
    raw: str = ""
    said: Said | None = None


class _Version(msgspec.Struct):
    type: str
    version: int
    at: int = 0


_decode_line = msgspec.json.Decoder(_Line).decode
_decode_version = msgspec.json.Decoder(_Version).decode


def version_line(at: int) -> bytes:
    """The line with which a tape begins."""
    return json_lines([{"type": "tape", "version": VERSION, "at": at}])


def line_of(at: int, item: Tick | Event) -> dict[str, object]:
    """A push, or an event, as a line is made of it."""
    if not isinstance(item, Tick):
        return {"at": at} | event_dict(item)
    # A tickstream server's text is a tick already, and reads better as one.
    if item.raw and not item.raw.startswith('{"id":'):
        return {"at": at, "raw": item.raw}
    return {"at": at, "said": item.said}


def check_head(head: bytes) -> int | None:
    """When the tape that begins like this was begun (ms UTC); None where it is cut before that.

    Raises:
        OtherVersion: it is a tape, and not of this version.
        WireError: it is no tape.
    """
    line, ended, _ = head.partition(b"\n")
    if not line.startswith(_HEAD[: len(line)]) or (ended and len(line) < len(_HEAD)):
        raise WireError("not a tape")
    try:
        return _version(line).at
    except WireError:
        if ended:
            raise
        return None


def read_line(line: bytes) -> Record | None:
    """What a line holds; None for a version line, and for an event that we know nothing of.

    Raises:
        OtherVersion: from here on it is a tape of another version.
        WireError: the line is broken.
    """
    if line.startswith(_HEAD):
        _version(line)
        return None
    try:
        said = _decode_line(line)
    except UNREADABLE:
        raise WireError("not a line of a tape") from None
    if not EARLIEST <= said.at <= _LATEST:
        raise WireError("a line of a time that is none")
    if said.type:
        event = event_of(said, said.at)
        return None if event is None else Told(said.at, event)
    if said.raw or said.said is not None:
        return Push(said.at, said.raw, cast("Mapping[str, Value] | None", said.said))
    raise WireError("a line that says nothing")


def _version(line: bytes) -> _Version:
    try:
        version = _decode_version(line)
    except UNREADABLE:
        raise WireError("not a tape") from None
    if version.version != VERSION:
        raise OtherVersion(version.version)
    return version


def mark_replay(*marks: str) -> str:
    """What a tape is marked as, whose data were marked as any of these when they came."""
    return " ".join(dict.fromkeys((REPLAY, *" ".join(marks).split())))
