"""Bars: all symbols in one line, as the status bar that reads it wants it. Pure.

Adding a bar is one entry of `BARS`. A line says what it has to: what is not
live is not shown as live, and what is simulated is marked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from tickstream.core.board import Now, Row
from tickstream.core.cells import OLD
from tickstream.core.figures import tone_of
from tickstream.core.jsontext import json_text
from tickstream.core.ports import Link, Status
from tickstream.core.template import Template
from tickstream.core.text import seconds_text

__all__ = ["BARS", "Bar", "Entry", "Note", "entry_of", "notes_of"]

ITEM = "{id} {last} {arrow}{change_percent:+.2f}%"
WAITING = "…"
"""What stands for a symbol of which nothing is known yet."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One symbol in a bar: `tone` is `up`, `down`, `flat` or `old`, `alert` whether an alert of it fired."""

    symbol: str
    text: str
    tone: str = ""
    alert: bool = False


class Note(NamedTuple):
    """Something that has to be said of all of them."""

    name: str
    """One word, for style sheets."""
    text: str


Paint = Callable[[str, str, str], str]
"""A text, escaped as the bar wants it, as a tone looks in these colours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """What one status bar reads."""

    name: str
    line: Callable[[Sequence[Entry], Sequence[Note], str], str]
    """The line of these symbols and notes, in these colours."""
    header: str = ""
    """What comes before all lines."""
    item: str = ITEM


def entry_of(row: Row, item: Template, now: Now, *, alert: bool = False, cut_off: bool = False) -> Entry:
    """What a bar says of a symbol: an old price says how old it is, and has no colour of a live one."""
    if "price" not in row.said:
        return Entry(row.symbol, f"{row.symbol} {WAITING}", "old", alert)
    age = row.age(now) or 0.0
    # A line is a line, whatever the template says.
    text = " ".join(item.of(row.said).split())
    if age >= OLD:
        text = f"{text} ({seconds_text(age)})"
    percent = row.number("change_percent")
    tone = tone_of(row.number("change") if percent is None else percent)
    return Entry(row.symbol, text, "old" if cut_off or age >= OLD else tone, alert)


def notes_of(status: Status, down_since: float | None, mark: str, now: Now) -> list[Note]:
    """That the data is not real, and that the link is not live."""
    notes = [Note(word.lower(), word) for word in mark.split()]
    if status.state is Link.LIVE:
        return notes
    lost = f" {seconds_text(now.wall - down_since)}" if down_since is not None else ""
    state = "offline" if status.state in (Link.BACKOFF, Link.REFUSED) else str(status.state)
    return [*notes, Note(state, f"○ {state}{lost}")]


class _Hue(NamedTuple):
    """A colour: as bars know it, and as tmux does."""

    hex: str
    name: str


_GREEN, _RED = _Hue("#3fb950", "green"), _Hue("#f85149", "red")
_OLD = _Hue("#8b949e", "brightblack")
_HUES: Mapping[str, Mapping[str, _Hue]] = {
    "green-up": {"up": _GREEN, "down": _RED, "old": _OLD},
    "red-up": {"up": _RED, "down": _GREEN, "old": _OLD},
    "blue-orange": {"up": _Hue("#0087ff", "colour33"), "down": _Hue("#d75f00", "colour166"), "old": _OLD},
    "none": {},
}
"""By the name of the colours, how each tone looks; without an entry as the bar has it."""
_SEPARATOR = "  "


def _joined(paint: Paint) -> Callable[[Sequence[Entry], Sequence[Note], str], str]:
    def line(entries: Sequence[Entry], notes: Sequence[Note], colors: str) -> str:
        texts = [paint(f"! {one.text}" if one.alert else one.text, one.tone, colors) for one in entries]
        return _SEPARATOR.join([*texts, *(paint(note.text, "", colors) for note in notes)])

    return line


def _plain(text: str, tone: str, colors: str) -> str:
    return text


def _tmux(text: str, tone: str, colors: str) -> str:
    text = text.replace("#", "##")
    hue = _HUES[colors].get(tone)
    return f"#[fg={hue.name}]{text}#[fg=default]" if hue else text


def _polybar(text: str, tone: str, colors: str) -> str:
    text = text.replace("%{", "% {")
    hue = _HUES[colors].get(tone)
    return f"%{{F{hue.hex}}}{text}%{{F-}}" if hue else text


def _pango(text: str, tone: str, colors: str) -> str:
    for char, name in (("&", "amp"), ("<", "lt"), (">", "gt")):
        text = text.replace(char, f"&{name};")
    hue = _HUES[colors].get(tone)
    return f'<span color="{hue.hex}">{text}</span>' if hue else text


def _waybar(entries: Sequence[Entry], notes: Sequence[Note], colors: str) -> str:
    tones = {entry.tone for entry in entries}
    classes = [tones.pop() if len(tones) == 1 else "mixed"]
    classes += ["alert"] if any(entry.alert for entry in entries) else []
    classes += [note.name for note in notes]
    lines = [_pango(entry.text, entry.tone, colors) for entry in entries]
    tooltip = "\n".join([*lines, *(_pango(note.text, "", colors) for note in notes)])
    return _json({"text": _joined(_pango)(entries, notes, colors), "tooltip": tooltip, "class": classes})


def _i3bar(entries: Sequence[Entry], notes: Sequence[Note], colors: str) -> str:
    blocks: list[dict[str, Any]] = [_block(entry, colors) for entry in entries]
    return _json(blocks + [{"name": "tickstream", "full_text": note.text} for note in notes]) + ","


def _block(entry: Entry, colors: str) -> dict[str, Any]:
    block: dict[str, Any] = {"name": "tickstream", "instance": entry.symbol, "full_text": entry.text}
    hue = _HUES[colors].get(entry.tone)
    block |= {"color": hue.hex} if hue else {}
    return block | ({"urgent": True} if entry.alert else {})


def _json(value: object) -> str:
    return json_text(value).decode("ascii")


BARS: Mapping[str, Bar] = {
    bar.name: bar
    for bar in (
        Bar(name="line", line=_joined(_plain)),
        Bar(name="tmux", line=_joined(_tmux)),
        Bar(name="waybar", line=_waybar),
        Bar(name="polybar", line=_joined(_polybar)),
        Bar(name="i3blocks", line=_joined(_pango)),
        Bar(name="i3bar", line=_i3bar, header='{"version":1}\n[\n'),
    )
}
"""Every bar by its name."""
