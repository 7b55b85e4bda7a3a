"""How things look, in which colours and letters: what was asked for, and what the terminal can do."""

from __future__ import annotations

import codecs
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tickstream.core.colors import COLORS, parse_colors
from tickstream.errors import UsageError

if TYPE_CHECKING:
    from tickstream.sinks.paint import Painter

__all__ = ["Look", "is_ascii_locale", "look_of"]


@dataclass(frozen=True, slots=True)
class Look:
    """How things look."""

    colors: str = COLORS[0]
    ascii: bool = False
    forced: bool = False
    """Whether a pipe gets colours too."""

    def painter(self, *, terminal: bool = True) -> Painter:
        """What paints so on a terminal, or in a pipe."""
        from tickstream.sinks.paint import Painter, PlainPainter

        if not terminal and not self.forced:
            return PlainPainter(in_ascii=self.ascii)
        if self.colors == "none":
            return Painter(color=False, in_ascii=self.ascii)
        return Painter(palette=self.colors, in_ascii=self.ascii)

    def text(self, text: str) -> str:
        """`text` in the letters that there are."""
        if not self.ascii:
            return text
        from tickstream.sinks.paint import ascii_of

        return ascii_of(text)


def look_of(colors: str | None, no_color: bool, in_ascii: bool, typed: frozenset[str] = frozenset()) -> Look:
    """The look that is asked for; what is typed wins over NO_COLOR, and that over all the environment.

    Raises:
        UsageError: there is no such palette, or colours are both asked for and refused.
    """
    name = parse_colors(colors or COLORS[0])
    if name != "none" and {"colors", "no_color"} <= typed:
        raise UsageError(f"--colors {name} and --no-color: give one of them")
    refused = no_color or bool(os.environ.get("NO_COLOR"))
    if "no_color" in typed or (refused and "colors" not in typed):
        name = "none"
    forced = bool(os.environ.get("FORCE_COLOR")) and name != "none"
    return Look(name, in_ascii or is_ascii_locale(os.environ, sys.stdout.encoding), forced)


def is_ascii_locale(environment: Mapping[str, str], encoding: str) -> bool:
    """Whether the locale cannot say what is drawn. One that is not set says nothing, and `encoding` counts.

    Python writes UTF-8 in the locale C, too, where the terminal may not read it.
    """
    names = (environment.get(name, "") for name in ("LC_ALL", "LC_CTYPE", "LANG"))
    locale = next((name for name in names if name), "")
    if locale in ("C", "POSIX"):
        return True
    charset = locale.partition("@")[0].partition(".")[2] or encoding or "ascii"
    try:
        return codecs.lookup(charset).name != "utf-8"
    except LookupError:
        return True
