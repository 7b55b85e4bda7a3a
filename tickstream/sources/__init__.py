"""Data in. A name becomes a source of ticks or of parts here, imported when it is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from tickstream.core.text import clean
from tickstream.errors import UsageError

if TYPE_CHECKING:
    from tickstream.core.playback import Playback
    from tickstream.core.ports import PartSource, Source
    from tickstream.sources.kind import Dialled, Kind

__all__ = [
    "HOW",
    "KINDS",
    "check_key",
    "check_source",
    "check_views",
    "dialled",
    "kind_of",
    "open_source",
    "open_views",
]

KINDS = {
    "yahoo.kind": "yahoo, demo, yahoo+http://HOST:PORT",
    "remote.kind": "ws://HOST:PORT of a tickstream server",
    "tape.kind": "a tape",
}
"""The kinds of sources: the module below this package that has it as `KIND`, and what people write for it."""

*_FIRST, _LAST = KINDS.values()
HOW = f"{', '.join(_FIRST)}, or {_LAST}"
"""What may be written for a source."""


def kind_of(name: str) -> Kind:
    """The kind of source that `name` stands for.

    Raises:
        UsageError: it stands for none.
    """
    for module in KINDS:
        kind: Kind = import_module(f"{__name__}.{module}").KIND
        if kind.owns(name):
            return kind
    raise UsageError(f"unknown source {clean(name)!r}: {_meant(name)}use {HOW}")


def _meant(name: str) -> str:
    """What the address of a page, or a host and a port alone, is likely to mean."""
    scheme, found, rest = name.rpartition("://")
    place = clean(rest.partition("/")[0].partition("?")[0], 60)
    host, _, port = place.rpartition(":")
    if found and scheme not in ("http", "https"):
        return ""
    if not found and not (port.isdecimal() and ("." in host or host == "localhost")):
        return ""
    ours, theirs = ("wss", "yahoo+https") if scheme == "https" else ("ws", "yahoo+http")
    return f"a tickstream server is {ours}://{place}, one like Yahoo {theirs}://{place}; "


def open_source(name: str, *, key: str = "", each: bool = True, playback: Playback | None = None) -> Source:
    """The source that `name` stands for; constructing it connects to nothing. All but `demo`.

    A tickstream server is asked for each push, or for rows, and with a key where
    it wants one. `playback` is how a tape is played.

    Raises:
        UsageError: there is no such source, or the key is of no use to it.
    """
    from tickstream.sources.kind import Terms

    check_key(name, key)
    return kind_of(name).open(name, Terms(each, key, playback))


def check_source(name: str, *, key: str = "", playback: Playback | None = None) -> None:
    """Raise UsageError where no source has this name, is played like this, or has a use for this key.

    Nothing is connected; a tape is looked at.
    """
    from tickstream.sources.kind import Terms

    check_key(name, key)
    kind = kind_of(name)
    if playback is not None and not kind.is_played:
        raise UsageError(f"speed, loop and start are for tapes, and {clean(name)!r} is none: leave them out")
    kind.check(name, Terms(key=key, playback=playback))


def check_key(name: str, key: str) -> None:
    """Raise UsageError where there is a key, and the source has no use for one."""
    if key and not kind_of(name).has_keys:
        raise UsageError("a key is for a tickstream server: name one, as in ws://HOST:PORT, or give no key")


def check_views(name: str, *, taped: bool = False) -> None:
    """Raise UsageError where no source of parts has this name; with `taped`, quotes alone will do."""
    from tickstream.sources.kind import Terms

    kind = kind_of(name)
    kind.check_views(name, taped=taped)
    kind.check(name, Terms())


def open_views(name: str) -> PartSource:
    """The source of parts that `name` stands for; constructing it connects to nothing. All but `demo`.

    Raises:
        UsageError: there is no such source, or it has no views.
    """
    return kind_of(name).open_views(name)


def dialled(name: str, key: str = "") -> Dialled | None:
    """The WebSocket that the source `name` connects to; None where it has none.

    Raises:
        UsageError: there is no such source, or the key is of no use to it.
    """
    from tickstream.sources.kind import Terms

    check_key(name, key)
    return kind_of(name).dialled(name, Terms(key=key))
