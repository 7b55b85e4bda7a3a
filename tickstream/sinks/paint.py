"""Tones to escape codes: what a text means becomes how it looks, in the terminal's own 16 colours."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy

from rich.cells import cell_len, set_cell_size
from rich.color import ColorSystem
from rich.style import Style

__all__ = ["Painter", "PlainPainter", "fit", "width_of"]

STYLES: Mapping[str, str] = {
    "": "none",
    "bold": "bold",
    "up": "green",
    "down": "red",
    "flat": "dim",
    "dim": "dim",
    "accent": "cyan",
    "warn": "yellow",
    "range": "dim",
    "head": "dim bold",
    "title": "bold reverse",
    "mark": "bold yellow reverse",
    "flash-up": "reverse green",
    "flash-down": "reverse red",
    "flash-flat": "reverse",
}


class Painter:
    """Paints texts by tone; without `color` what is bold, dim or reversed stays so, as NO_COLOR asks."""

    def __init__(self, *, color: bool = True) -> None:
        self._codes = {tone: _codes(Style.parse(style), color) for tone, style in STYLES.items()}
        self._dimmed = {
            tone: _codes(Style.parse(style) + Style(dim=True), color) for tone, style in STYLES.items()
        }

    def paint(self, text: str, tone: str, *, dim: bool = False) -> str:
        if not text:
            return ""
        before, after = (self._dimmed if dim else self._codes)[tone]
        return before + text + after

    def faded(self) -> Painter:
        """One that paints everything dim: for what is old."""
        other = copy(self)
        other._codes = self._dimmed
        return other


class PlainPainter(Painter):
    """Paints nothing: for what is piped into a file or another program."""

    def __init__(self) -> None:
        super().__init__(color=False)

    def paint(self, text: str, tone: str, *, dim: bool = False) -> str:
        return text


def _codes(style: Style, color: bool) -> tuple[str, str]:
    shown = style if color else style.without_color
    before, _, after = shown.render("\0", color_system=ColorSystem.STANDARD).partition("\0")
    return before, after


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
