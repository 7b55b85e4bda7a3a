"""What stands around every live view: a quiet header, and a footer with the truth about the data."""

from __future__ import annotations

from collections.abc import Sequence

from tickstream.core.board import Now
from tickstream.core.ports import Link, Status
from tickstream.core.text import seconds_text
from tickstream.hub import Hub
from tickstream.sinks.paint import Painter, fit, width_of

__all__ = ["footer_line", "header_line"]

_ENOUGH = 30
"""Columns in which a reason can be understood."""

Part = tuple[str, str]
"""A text and its tone."""

_DOTS = {
    Link.LIVE: ("●", "up"),
    Link.CONNECTING: ("◌", "warn"),
    Link.STALE: ("◌", "warn"),
    Link.BACKOFF: ("○", "down"),
    Link.REFUSED: ("○", "down"),
    Link.CLOSED: ("○", "dim"),
}


def header_line(painter: Painter, width: int, symbols: int, shown: int, mark: str) -> str:
    """The name, how many symbols there are, and what the data must be marked as, which never leaves."""
    count = f" {symbols:,} symbol{'s' if symbols != 1 else ''}"
    if shown < symbols:
        count += f", {shown:,} shown"
    right: list[Part] = [(f" {mark} ", "mark")] if mark else []
    return _line(painter, width, [(" tickstream ", "title"), (count, "dim")], right)


def footer_line(painter: Painter, width: int, hub: Hub, now: Now, keys: Sequence[tuple[str, str]]) -> str:
    """The state of the link, what was received and what was missed; then the keys that work."""
    right: list[Part] = []
    for key, what in keys:
        right += [("  ", "")] if right else []
        right += [(key, "bold"), (f" {what}", "dim")]
    state, figures = _state(hub.status, now), _figures(hub, now)
    # Where it gets narrow the figures leave from the end, then the keys; the state is cut last.
    while figures and _width([*state, *_joined(figures), *right]) + 3 > width:
        figures.pop()
    left = [*state, *_joined(figures)]
    # A long reason is cut rather than that it hides which key ends this.
    if not right or min(_width(left), _ENOUGH) + _width(right) + 2 > width:
        return _line(painter, width, left, [])
    if _width(left) + _width(right) + 2 > width:
        right.insert(0, ("… ", "dim"))
    return _line(painter, width, left, right)


def _state(status: Status, now: Now) -> list[Part]:
    dot, tone = _DOTS[status.state]
    return [(f" {dot} ", tone), (_state_text(status, now), "" if tone == "up" else tone)]


def _state_text(status: Status, now: Now) -> str:
    if status.state is Link.LIVE:
        return "live"
    text = status.reason or str(status.state)
    if status.retry_in is None:
        return text
    left = status.time / 1000 + status.retry_in - now.wall
    return f"next try in {seconds_text(left)} · {text}"


def _figures(hub: Hub, now: Now) -> list[str]:
    """What was received and what was missed; what matters most comes first."""
    live = hub.status.state is Link.LIVE
    figures = [f"{hub.meter.rate(now.monotonic):.0f} msg/s"] if live else []
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


def _joined(figures: Sequence[str]) -> list[Part]:
    return [part for text in figures for part in ((" · ", "dim"), (text, "dim"))]


def _width(parts: Sequence[Part]) -> int:
    return sum(width_of(text) for text, _ in parts)


def _line(painter: Painter, width: int, left: Sequence[Part], right: Sequence[Part]) -> str:
    """Both ends of a line; where they do not fit, the left one is cut first."""
    end = [*right, (" ", "")] if right else []
    room = max(0, width - _width(end))
    painted, taken = _paint_cut(painter, left, room)
    return painted + " " * (room - taken) + _paint_cut(painter, end, width - room)[0]


def _paint_cut(painter: Painter, parts: Sequence[Part], room: int) -> tuple[str, int]:
    painted, taken = "", 0
    for text, tone in parts:
        size = min(width_of(text), room - taken)
        if size <= 0:
            break
        painted += painter.paint(fit(text, size), tone)
        taken += size
    return painted, taken
