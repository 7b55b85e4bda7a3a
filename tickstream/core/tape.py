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
from typing import NamedTuple, TypedDict, cast

import msgspec

from tickstream.core.jsontext import json_lines
from tickstream.core.ports import Dropped, Event, Gap, Link, Status, Unreadable, event_dict
from tickstream.core.text import clean
from tickstream.core.tick import FIELDS, Tick, Value
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
    "tick_said",
    "version_line",
]

VERSION = 1
REPLAY = "REPLAY"
"""What a tape that is played is marked as."""
LONGEST_LINE = 1 << 20
"""Bytes; a longer line is none of ours, and is not even held."""

_EARLIEST, _LATEST = 946_684_800_000, 4_102_444_800_000
"""2000 and 2100, in ms: nothing was recorded before or after."""
_TOMORROW = 86_400_000
_LONGEST_WAIT = 1e9
_HEAD = b'{"type":"tape","version":'
_LINKS = frozenset(map(str, Link))


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


# The functional form, as the names are those of the tick; what is not among them does no harm.
_Said = TypedDict("_Said", {**FIELDS}, total=False)  # type: ignore[misc]
_decode_said = msgspec.json.Decoder(_Said).decode


class _Line(msgspec.Struct):
    """Any line: a field that one kind has is not wrong in another."""

    at: int
    raw: str = ""
    said: _Said | None = None
    type: str = ""
    time: int = 0
    state: str = ""
    reason: str = ""
    attempt: int = 0
    retry_in: float | None = None
    mark: str = ""
    start: int = 0
    end: int = 0
    count: int = 0


class _Version(msgspec.Struct):
    type: str
    version: int
    at: int = 0


_decode_line = msgspec.json.Decoder(_Line).decode
_decode_version = msgspec.json.Decoder(_Version).decode
_UNREADABLE = (msgspec.DecodeError, UnicodeError, RecursionError)


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
    except _UNREADABLE:
        raise WireError("not a line of a tape") from None
    if not _EARLIEST <= said.at <= _LATEST:
        raise WireError("a line of a time that is none")
    if said.type:
        event = _event(said)
        return None if event is None else Told(said.at, event)
    if said.raw or said.said is not None:
        return Push(said.at, said.raw, cast("Mapping[str, Value] | None", said.said))
    raise WireError("a line that says nothing")


def _version(line: bytes) -> _Version:
    try:
        version = _decode_version(line)
    except _UNREADABLE:
        raise WireError("not a tape") from None
    if version.version != VERSION:
        raise OtherVersion(version.version)
    return version


def _event(said: _Line) -> Event | None:
    if not all(0 <= stamp <= _LATEST for stamp in (said.time, said.start, said.end)):
        raise WireError("an event at a time that is none")
    reason = clean(said.reason, 160)
    match said.type:
        case "status" if said.state in _LINKS:
            retry = said.retry_in
            wait = retry if retry is None or 0 <= retry < _LONGEST_WAIT else None
            return Status(Link(said.state), said.time, reason, said.attempt, wait, clean(said.mark, 40))
        case "gap":
            return Gap(said.start, max(said.start, said.end), reason)
        case "dropped":
            return Dropped(said.count, said.time)
        case "unreadable":
            return Unreadable(said.count, said.time, reason)
        case _:
            return None


def tick_said(said: Mapping[str, Value] | str, at: int) -> Tick:
    """The tick that says this, or that this text is the JSON of; it came at `at`.

    Raises:
        WireError: it is none.
    """
    if isinstance(said, str):
        try:
            said = cast("Mapping[str, Value]", _decode_said(said))
        except _UNREADABLE:
            raise WireError("not a tick") from None
    kept = {name: _cleaned(value) for name, value in said.items() if name in FIELDS}
    stamp, dropped = kept.get("time"), 0
    if isinstance(stamp, int) and not _EARLIEST <= stamp <= at + _TOMORROW:
        del kept["time"]
        dropped = 1
    if not kept.get("id"):
        raise WireError("a message without a symbol")
    if "price" not in kept and "time" not in kept:
        raise WireError("a message with neither price nor time")
    return Tick(str(kept["id"]), kept, dropped=dropped)


def _cleaned(value: Value) -> Value:
    if isinstance(value, str):
        return clean(value)
    return [clean(text) for text in value] if isinstance(value, list) else value


def mark_replay(mark: str) -> str:
    """What a tape is marked as, whose data were marked as this when they came."""
    return " ".join(dict.fromkeys((REPLAY, *mark.split())))
