"""What stands around every live view: a quiet header, and a footer with the truth about the data."""

from __future__ import annotations

from collections.abc import Sequence

from tickstream.core.board import Now
from tickstream.core.ports import Link, Status
from tickstream.core.tape import REPLAY
from tickstream.core.text import seconds_text
from tickstream.core.values import Parts
from tickstream.hub import Hub
from tickstream.sinks.paint import Painter, fit, width_of

__all__ = [
    "Piece",
    "footer_line",
    "header_line",
    "keys_pieces",
    "line_of",
    "market_pieces",
    "pieces_width",
    "state_line",
    "symbols_title",
]

_ENOUGH = 30
"""Columns in which a reason can be understood."""

Piece = tuple[str, str]
"""A text and its tone."""

_DOTS = {
    Link.LIVE: ("●", "good"),
    Link.CONNECTING: ("◌", "warn"),
    Link.STALE: ("◌", "warn"),
    Link.BACKOFF: ("○", "bad"),
    Link.REFUSED: ("○", "bad"),
    Link.CLOSED: ("○", "dim"),
}


def header_line(
    painter: Painter, width: int, title: Sequence[Piece], mark: str, market: Sequence[Piece] = ()
) -> str:
    """The name, what is shown, the state of the market, and what the data must be marked as.

    The mark never leaves; the state of the market does, where it would be cut.
    """
    left: list[Piece] = [(" tickstream ", "title"), *title]
    right: list[Piece] = [(f" {mark} ", "mark")] if mark else []
    both = [*market, *([("  ", "")] if market and right else []), *right]
    if pieces_width(left) + pieces_width(both) + 2 <= width:
        right = both
    return line_of(painter, width, left, right)


def symbols_title(symbols: int, shown: int, above: int = 0, name: str = "") -> list[Piece]:
    """The name of the list, how many symbols there are, and which of them, or how many, fit."""
    title: list[Piece] = [(f" {name}", "bold"), (" ·", "dim")] if name else []
    count = f" {symbols:,} symbol{'s' if symbols != 1 else ''}"
    if above:
        count += f", {above + 1:,}–{above + shown:,} shown"
    elif shown < symbols:
        count += f", {shown:,} shown"
    return [*title, (count, "dim")]


def market_pieces(parts: Parts, now: float) -> list[Piece]:
    """Whether New York trades, and until when."""
    if "markettime" not in parts:
        return []
    # The exchanges and their days: nothing that the first row of a table has to wait for.
    from tickstream.core.hours import market_line

    line = market_line(parts, now)
    if line is None:
        return []
    return [("● ", "good"), (line.text, "")] if line.open else [("○ ", "dim"), (line.text, "dim")]


def keys_pieces(keys: Sequence[tuple[str, str]]) -> list[Piece]:
    """The keys that work, and what they do."""
    parts: list[Piece] = []
    for key, what in keys:
        parts += [("  ", "")] if parts else []
        parts += [(key, "bold"), (f" {what}", "dim")]
    return parts


def footer_line(
    painter: Painter, width: int, hub: Hub, now: Now, keys: Sequence[tuple[str, str]], note: str = ""
) -> str:
    """The state of the link, what is missing beside it, what was received and missed; the keys that work."""
    state, figures = _state(hub.status, now), _figures(hub, now)
    if note:
        state += [(" · ", "dim"), (note, "warn")]
    keys = list(keys)
    # What is wrong matters more than all keys but the last.
    while len(keys) > 1 and pieces_width(state) + pieces_width(keys_pieces(keys)) + 2 > width:
        del keys[0]
    return state_line(painter, width, state, figures, keys_pieces(keys))


def state_line(
    painter: Painter, width: int, state: Sequence[Piece], figures: Sequence[str], right: list[Piece]
) -> str:
    """A footer: the state, figures that matter less and less, and the keys at the right.

    Where it gets narrow the figures leave from the end, then the keys; the state is cut last.
    """
    figures = list(figures)
    while figures and pieces_width([*state, *_joined(figures), *right]) + 3 > width:
        figures.pop()
    left = [*state, *_joined(figures)]
    # A long reason is cut rather than that it hides which key ends this.
    if not right or min(pieces_width(left), _ENOUGH) + pieces_width(right) + 2 > width:
        return line_of(painter, width, left, [])
    if pieces_width(left) + pieces_width(right) + 2 > width:
        right = [("… ", "dim"), *right]
    return line_of(painter, width, left, right)


def _state(status: Status, now: Now) -> list[Piece]:
    dot, tone = _DOTS[status.state]
    return [(f" {dot} ", tone), (_state_text(status, now), "" if tone == "good" else tone)]


def _state_text(status: Status, now: Now) -> str:
    if status.state is Link.LIVE:
        # It was live when it was recorded, and is not now.
        return "replay" if REPLAY in status.mark else "live"
    text = status.reason or str(status.state)
    if status.retry_in is None:
        return text
    left = status.time / 1000 + status.retry_in - now.wall
    return f"next try in {seconds_text(left)} · {text}"


def _figures(hub: Hub, now: Now) -> list[str]:
    """What was received and what was missed; what matters most comes first."""
    live = hub.status.state is Link.LIVE
    # As wide as with two digits, so that what follows stays where it is.
    figures = [f"{hub.meter.rate(now.monotonic):.0f} msg/s".ljust(8)] if live else []
    if live and hub.meter.lag is not None:
        figures.append(f"lag {hub.meter.lag:.1f}s")
    reconnects = hub.outages
    figures.append(f"{reconnects} reconnect{'s' if reconnects != 1 else ''}")
    if hub.missed:
        figures.append(f"{seconds_text(hub.missed)} missed")
    if hub.counts["broken"]:
        figures.append(f"{hub.counts['broken']:,} broken")
    if hub.counts["odd"]:
        figures.append(f"{hub.counts['odd']:,} odd")
    return figures


def _joined(figures: Sequence[str]) -> list[Piece]:
    return [part for text in figures for part in ((" · ", "dim"), (text, "dim"))]


def pieces_width(parts: Sequence[Piece]) -> int:
    """How many columns these pieces take."""
    return sum(width_of(text) for text, _ in parts)


def line_of(painter: Painter, width: int, left: Sequence[Piece], right: Sequence[Piece]) -> str:
    """Both ends of a line; where they do not fit, the left one is cut first."""
    end = [*right, (" ", "")] if right else []
    room = max(0, width - pieces_width(end))
    painted, taken = _paint_cut(painter, left, room)
    return painted + " " * (room - taken) + _paint_cut(painter, end, width - room)[0]


def _paint_cut(painter: Painter, parts: Sequence[Piece], room: int) -> tuple[str, int]:
    painted, taken = "", 0
    for text, tone in parts:
        if not text:
            continue
        size = min(width_of(text), room - taken)
        if size <= 0:
            break
        painted += painter.paint(fit(text, size), tone)
        taken += size
    return painted, taken
