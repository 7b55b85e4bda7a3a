"""Tones to escape codes: what a text means becomes how it looks, by palette; and in ASCII where asked.

By default in the terminal's own 16 colours, which its owner chose for its
background. Which way a price went has a palette; whether something is well has
not: a link that is lost is never green, also where prices that fall are.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from functools import cached_property, lru_cache
from typing import NamedTuple
from unicodedata import normalize

from rich.cells import cell_len, set_cell_size
from rich.color import ColorSystem
from rich.style import Style

__all__ = ["PALETTES", "STYLES", "Painter", "Palette", "PlainPainter", "ascii_of", "fit", "width_of"]


class Palette(NamedTuple):
    """The colours of what rose and what fell, and how digits stand out that have just done so."""

    up: str
    down: str
    flash_up: str
    flash_down: str


# Text on a colour is black, and not the reverse: that is white on green where the background is light. It
# is the black of the 256 colours, since many themes have a grey in the place of that of the 16.
PALETTES: Mapping[str, Palette] = {
    "green-up": Palette("green", "red", "color(16) on green", "color(16) on red"),
    "red-up": Palette("red", "green", "color(16) on red", "color(16) on green"),
    # Of the 256: the 16 have no orange, and their blue is too dark for a dark background.
    "blue-orange": Palette("color(33)", "color(166)", "color(16) on color(33)", "color(16) on color(166)"),
}

STYLES: Mapping[str, str] = {
    "": "none",
    "bold": "bold",
    "up": "none",
    "down": "none",
    "flat": "dim",
    "dim": "dim",
    "accent": "none",
    "good": "none",
    "bad": "none",
    "warn": "none",
    "range": "dim",
    "head": "dim bold",
    "title": "bold reverse",
    "mark": "bold reverse",
    "flash-up": "reverse",
    "flash-down": "reverse",
    "flash-flat": "reverse",
}
"""Every tone, and how it looks without colours."""

_COLORS: Mapping[str, str] = {
    "accent": "cyan",
    "good": "green",
    "bad": "red",
    # Yellow cannot be read on white.
    "warn": "magenta",
    "mark": "bold color(16) on yellow",
}

_DRAWN: Mapping[str, str] = {
    pair[0]: pair[1]
    for pair in (
        *("▁_", "▂.", "▃,", "▄-", "▅=", "▆+", "▇*", "█#", "▒:", "│|", "─-", "▎|"),
        *("▏.", "▍:", "▌:", "▋+", "▊+", "▉#", "▐:"),
        *("●*", "○o", "◌~", "◐%", "▲^", "▼v", "▴^", "▾v", "▶>", "△'", "▽,", "✓+", "✗!", "•*"),
        *("·-", "…~", "×x", "±~", "→>", "–-", "—-", "‘'", "’'", '“"', '”"'),
    )
}
"""What is drawn, in ASCII."""


class Painter:
    """Paints texts by tone; without `color` what is bold, dim or reversed stays so, as NO_COLOR asks."""

    def __init__(self, *, color: bool = True, palette: str = "green-up", in_ascii: bool = False) -> None:
        styles = {tone: Style.parse(style) for tone, style in _styles(palette if color else "").items()}
        self._codes = {tone: _codes(style) for tone, style in styles.items()}
        self._dimmed = {tone: _codes(style + Style(dim=True)) for tone, style in styles.items()}
        self._ascii = in_ascii

    @cached_property
    def dimmed(self) -> Painter:
        """One that paints the same, dimmed."""
        dimmed = copy(self)
        dimmed._codes = self._dimmed
        return dimmed

    def paint(self, text: str, tone: str, *, dim: bool = False) -> str:
        if not text:
            return ""
        if self._ascii:
            text = ascii_of(text)
        before, after = (self._dimmed if dim else self._codes)[tone]
        return before + text + after


class PlainPainter(Painter):
    """Paints nothing: for what is piped into a file or another program."""

    def __init__(self, *, in_ascii: bool = False) -> None:
        super().__init__(color=False, in_ascii=in_ascii)

    def paint(self, text: str, tone: str, *, dim: bool = False) -> str:
        return ascii_of(text) if self._ascii else text


def _styles(palette: str) -> Mapping[str, str]:
    """How each tone looks; without a palette in no colour."""
    if not palette:
        return STYLES
    ways = PALETTES[palette]._asdict()
    return {**STYLES, **_COLORS, **{name.replace("_", "-"): style for name, style in ways.items()}}


def _codes(style: Style) -> tuple[str, str]:
    before, _, after = style.render("\0", color_system=ColorSystem.EIGHT_BIT).partition("\0")
    return before, after


def ascii_of(text: str) -> str:
    """`text` in ASCII, as wide as it was: drawings are made of signs, letters lose their accents."""
    if text.isascii():
        return text
    width = cell_len(text)
    return "".join(map(_in_ascii, text))[:width].ljust(width)


@lru_cache(4096)
def _in_ascii(char: str) -> str:
    found = _DRAWN.get(char) or normalize("NFKD", char)[:1]
    return found if found.isascii() else "?" * cell_len(char)


def width_of(text: str) -> int:
    """How many columns of the screen `text` takes."""
    return len(text) if text.isascii() else cell_len(text)


def fit(text: str, width: int, *, left: bool = True) -> str:
    """`text` in exactly `width` columns, filled up with blanks.

    What does not fit is cut, but a number, which stands at the right, becomes
    `#`: part of a price is another price.
    """
    taken = width_of(text)
    if taken > width:
        return set_cell_size(text, width) if left else "#" * width
    return text + " " * (width - taken) if left else " " * (width - taken) + text
