"""A page: what every view's screen has in common. A header, a body, and a footer with the age of each part.

A body is a function of a view and a canvas, in a module of its own; it says
which ages its footer shows. Nothing here reads a clock: the view says when it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tickstream.core.text import seconds_text
from tickstream.core.values import Parts
from tickstream.sinks.frame import Piece, header_line, keys_pieces, line_of, market_pieces, state_line
from tickstream.sinks.paint import Painter

__all__ = ["FLASH", "OLD", "Body", "Canvas", "Moves", "Page", "View"]

FLASH = 1.0
"""Seconds for which the digits of a price that changed stand out."""

OLD = 90.0
"""Seconds after which quotes look old; where they need no crumb they are fetched once a minute."""

Keys = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What is to be shown: a document, the parts that it was made of, and what is to be said about both."""

    title: str
    """The name of the view, as in `profile AAPL`."""
    document: Any
    parts: Parts
    """For what is beside the document: trends, how many digits a price has."""
    now: float
    """Seconds since the epoch."""
    interval: float
    mark: str = ""
    """What the data must be marked as, as in `SIMULATED`."""
    trouble: str = ""
    """What is wrong with the source at the moment; empty when nothing is."""
    old: bool = False
    """Whether all of it is too old to look as if it were live."""
    ages: Mapping[str, float | None] = field(default_factory=dict)
    """How old each part of the document is, in seconds, by the name the footer gives it."""
    names: Mapping[str, str] = field(default_factory=dict)
    """What is shown for a symbol in its place."""


class Moves:
    """Which prices changed in the last moment, and which way."""

    def __init__(self) -> None:
        self._held: dict[str, float] = {}
        self._moved: dict[str, tuple[str, float]] = {}

    def of(self, key: str, price: float | None, now: float) -> str:
        """`up` or `down` for a while after the price of `key` changed, else nothing."""
        if price is None:
            return ""
        before = self._held.get(key)
        self._held[key] = price
        if before is not None and before != price:
            self._moved[key] = ("up" if price > before else "down", now + FLASH)
        way, until = self._moved.get(key, ("", 0.0))
        return way if now < until else ""

    def ends(self, now: float) -> float | None:
        """When the next flash ends; None while nothing flashes."""
        self._moved = {key: moved for key, moved in self._moved.items() if moved[1] > now}
        return min((until for _, until in self._moved.values()), default=None)


@dataclass(frozen=True, slots=True)
class Canvas:
    """What a body is drawn on."""

    painter: Painter
    width: int
    height: int | None
    """Lines that there are; None = as many as are needed."""
    moves: Moves

    def line(self, left: Sequence[Piece], right: Sequence[Piece] = ()) -> str:
        """Texts in their tones, in exactly one line of the canvas."""
        return line_of(self.painter, self.width, left, right)

    @property
    def empty(self) -> str:
        return " " * self.width


Body = Callable[[View, Canvas], list[str]]
"""Draws a view: lines exactly as wide as the canvas, and no more of them than it has."""


class Page:
    """A view's screen."""

    def __init__(self, body: Body, *, painter: Painter) -> None:
        self._body, self._painter = body, painter
        self._moves = Moves()

    def lines(self, view: View, width: int, height: int, keys: Keys = ()) -> list[str]:
        """The whole screen, exactly this large."""
        footer = self._footer(view, width, keys)
        if height < 3:
            return [self._header(view, width), footer][-height:] if view.mark else [footer][:height]
        body = self._drawn(view, width, height - 2, self._moves)[: height - 2]
        filled = [*body, *[" " * width] * (height - 2 - len(body))]
        return [self._header(view, width), *filled, footer]

    def still(self, view: View, width: int) -> list[str]:
        """The whole view, as it is left on a screen that scrolls."""
        body = self._drawn(view, width, None, Moves())
        return [self._header(view, width), *body]

    def flash_ends(self, now: float) -> float | None:
        """When the next flash ends; None while nothing flashes."""
        return self._moves.ends(now)

    def _drawn(self, view: View, width: int, height: int | None, moves: Moves) -> list[str]:
        return self._body(view, Canvas(self._painter_of(view), width, height, moves))

    def _painter_of(self, view: View) -> Painter:
        """Old prices are dim, however bright the day was."""
        age = view.ages.get("quotes")
        old = view.old or (age is not None and age > max(OLD, 3 * view.interval))
        return self._painter.dimmed if old else self._painter

    def _header(self, view: View, width: int) -> str:
        return header_line(
            self._painter,
            width,
            [(f"  {view.title}", "bold")],
            view.mark,
            market_pieces(view.parts, view.now),
        )

    def _footer(self, view: View, width: int, keys: Keys) -> str:
        state: list[Piece] = [(" ● ", "good"), (f"every {view.interval:g} s", "")]
        if view.trouble:
            state = [(" ○ ", "warn"), (view.trouble, "warn")]
        known = {name: age for name, age in view.ages.items() if age is not None}
        figures = [f"{name} {seconds_text(age)}" for name, age in known.items()]
        if figures:
            figures[0] += " old"
        return state_line(self._painter, width, state, figures, keys_pieces(keys))
