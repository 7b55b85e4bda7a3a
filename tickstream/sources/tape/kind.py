"""A tape as a source."""

from __future__ import annotations

from pathlib import Path

from tickstream.core.ports import PartSource, Source
from tickstream.core.text import clean
from tickstream.errors import UsageError
from tickstream.sources.kind import Kind, Terms
from tickstream.sources.tape import is_tape

__all__ = ["KIND"]


class _Tape(Kind):
    """The path of a file."""

    is_played = True

    def owns(self, name: str) -> bool:
        return is_tape(name)

    def open(self, name: str, terms: Terms) -> Source:
        from tickstream.core.playback import Playback
        from tickstream.sources.tape.player import TapeSource

        return TapeSource(Path(name), terms.playback or Playback())

    def check(self, name: str, terms: Terms) -> None:
        from tickstream.sources.tape.reading import check_tape

        check_tape(Path(name))

    def check_views(self, name: str, *, taped: bool = False) -> None:
        if not taped:
            raise UsageError(f"{clean(name)} is a tape, and has ticks alone: watch and quotes show them")

    def open_views(self, name: str) -> PartSource:
        from tickstream.sources.tape.quotes import TapeQuotes

        return TapeQuotes(Path(name))


KIND = _Tape()
