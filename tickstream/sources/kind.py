"""A kind of source: which names stand for one of it, and what becomes of such a name."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import SplitResult, urlsplit

from tickstream.core.ports import PartSource, Source
from tickstream.core.text import clean
from tickstream.errors import UsageError

if TYPE_CHECKING:
    from tickstream.core.playback import Playback

__all__ = ["Dialled", "Kind", "Terms", "address_in"]

_HOST = re.compile(r"[A-Za-z0-9._:-]+(%[A-Za-z0-9._-]+)?")


@dataclass(frozen=True, slots=True)
class Terms:
    """How a source of ticks is to be opened; each kind takes what it has a use for."""

    each: bool = True
    """Whether each push is wanted, or the newest of a symbol will do."""
    key: str = field(default="", repr=False)
    playback: Playback | None = None


class Dialled(NamedTuple):
    """What a source connects to."""

    url: str
    headers: Mapping[str, str]


class Kind(ABC):
    """What a module that `KINDS` names has as `KIND`. What it does not say of itself is as here.

    Its module imports what its sources stand on when one is opened, and not before.
    """

    has_keys = False
    """Whether one may be given an API key."""
    is_played = False
    """Whether one may be given a speed, a start, and be played again and again."""

    @abstractmethod
    def owns(self, name: str) -> bool:
        """Whether `name`, which may be any text, stands for a source of this kind and of no other one."""

    @abstractmethod
    def open(self, name: str, terms: Terms) -> Source:
        """The source; constructing it connects to nothing.

        Raises:
            UsageError: it cannot be.
        """

    def check(self, name: str, terms: Terms) -> None:
        """Raise UsageError where it cannot be opened like this."""
        self.open(name, terms)

    def check_views(self, name: str, *, taped: bool = False) -> None:
        """Raise UsageError where it has ticks alone; with `taped`, quotes alone will do."""
        how = "use yahoo, demo or yahoo+http://…"
        raise UsageError(f"source {clean(name)!r} has ticks, and no views: {how}")

    def open_views(self, name: str) -> PartSource:
        """The source of its parts; constructing it connects to nothing.

        Raises:
            UsageError: it has ticks alone.
        """
        self.check_views(name)
        raise NotImplementedError

    def dialled(self, name: str, terms: Terms) -> Dialled | None:
        """Its WebSocket, for whoever looks at the way to it; None where it has none."""
        return None


def address_in(name: str, example: str) -> SplitResult:
    """The parts of a name that is a URL.

    Raises:
        UsageError: there is no host in it, or its port is none; `example` is how it is written.
    """
    try:
        parts = urlsplit(name)
        port = parts.port
    except ValueError:
        raise _bad(name, example) from None
    if not _is_host(parts.hostname or "") or port == 0 or not (name.isascii() and name.isprintable()):
        raise _bad(name, example)
    return parts


def _is_host(text: str) -> bool:
    if not _HOST.fullmatch(text):
        return False
    # Whether a name can be looked up at all (RFC 1035, 2.3.4); its last dot is that of the root.
    labels = [] if ":" in text else text.removesuffix(".").split(".")
    return len(text) <= 254 and all(1 <= len(label) <= 63 for label in labels)


def _bad(name: str, example: str) -> UsageError:
    return UsageError(f"bad address in source {clean(name)!r}: write it as in {example}")
