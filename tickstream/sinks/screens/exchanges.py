"""The exchanges on a screen: a line each, with the UTC day of its sessions as a bar, and what comes next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tickstream.core.calendar import day_of, local_date
from tickstream.core.documents import ExchangeDocument
from tickstream.core.exchanges import EXCHANGES
from tickstream.core.text import seconds_text
from tickstream.core.values import Span
from tickstream.sinks.frame import Piece, pieces_width
from tickstream.sinks.paint import fit, width_of
from tickstream.sinks.screens.blocks import cut, seconds_of
from tickstream.sinks.screens.chart import Stretch, day_pieces, day_titles, with_lunch
from tickstream.sinks.screens.page import Canvas

__all__ = ["LOOKS", "NOT_KNOWN", "OPEN", "Look", "exchange_lines", "time_of"]

OPEN = ("OPEN", "EARLY_CLOSE")
_DAY = 86_400.0
_LATEST = 4_102_444_800.0
"""The year 2100; what is later is no time, and might have no date in another zone."""
_REASON = 34
"""Columns in which the reasons can be read; the longest bars must leave them."""


class Look(NamedTuple):
    """How a status is shown: in a sentence, and in the table."""

    dot: str
    tone: str
    words: str
    label: str


LOOKS = {
    "OPEN": Look("●", "good", "OPEN", "OPEN"),
    "EARLY_CLOSE": Look("●", "warn", "OPEN", "EARLY"),
    "PRE_MARKET": Look("◐", "warn", "in PRE-MARKET", "PRE"),
    "AFTER_HOURS": Look("◐", "warn", "in AFTER HOURS", "POST"),
    "CLOSED": Look("○", "bold", "CLOSED", "CLOSED"),
}
NOT_KNOWN = Look("?", "warn", "", "?")


def time_of(text: str | None) -> float | None:
    """The time that a document says, in seconds since the epoch; None where it says none that can be."""
    seconds = seconds_of(text)
    return seconds if seconds is not None and 0 < seconds < _LATEST else None


class Columns(NamedTuple):
    """How wide the parts of a row are; what is left out has no width."""

    name: int
    short: int
    status: int
    cells: int


def exchange_lines(
    rows: Sequence[ExchangeDocument], now: float, canvas: Canvas, room: int | None
) -> list[str]:
    """A line an exchange, as many as there is room for."""
    columns = _columns(rows, now, canvas.width)
    lines = []
    if room is None or room >= 3:
        titles = f" {fit('EXCHANGE', columns.name + columns.short)}  "
        titles += fit("STATUS" if columns.status > 1 else "", columns.status + 2)
        titles += f"{day_titles(columns.cells, 'UTC')}  " if columns.cells else ""
        lines.append(canvas.painter.paint(fit(f"{titles}NEXT", canvas.width), "head"))
    left = len(rows) if room is None else room - len(lines)
    shown = rows if len(rows) <= left else rows[: max(0, left - 1)]
    lines += [canvas.line(_row(row, now, columns, canvas.width)) for row in shown]
    if len(shown) < len(rows) and left > 0:
        lines.append(canvas.line([(f" … and {len(rows) - len(shown)} more", "dim")]))
    return lines


def _columns(rows: Sequence[ExchangeDocument], now: float, width: int) -> Columns:
    """What fits: bars matter more than the words beside the dots, short names least."""

    def widest(texts: Iterable[str]) -> int:
        return max(map(width_of, texts), default=0)

    name = max(len("EXCHANGE"), widest(row["name"] for row in rows))
    word = max(len("STATUS"), 2 + widest(LOOKS.get(row["status"], NOT_KNOWN).label for row in rows))
    short = widest(map(_short, rows))
    rest = 1 + name + 2 + 2 + widest(_change(row, now)[0] for row in rows)
    for status, cells in ((word, 96), (word, 72), (word, 48), (word, 24), (1, 24), (word, 0), (1, 0)):
        spare = width - rest - status - (cells + 2 if cells else 0)
        if spare >= (short + _REASON if cells > 48 else 0):
            # On a day with holidays these matter more.
            note = 9 if any(map(_note, rows)) else 0
            return Columns(name, short if spare >= short + note else 0, status, cells)
    return Columns(max(4, name + spare), 0, 1, 0)


def _row(row: ExchangeDocument, now: float, columns: Columns, width: int) -> list[Piece]:
    look = LOOKS.get(row["status"], NOT_KNOWN)
    pieces: list[Piece] = [(f" {cut(row['name'], columns.name)}", "")]
    pieces += [(fit(_short(row), columns.short), "dim"), ("  ", "")]
    status = f"{look.dot} {look.label}" if columns.status > 1 else look.dot
    pieces += [(fit(status, columns.status), "dim" if look.label == "CLOSED" else look.tone), ("  ", "")]
    if columns.cells:
        start = now // _DAY * _DAY
        day = Span(start, start + _DAY)
        tone = "good" if row["status"] in OPEN else "dim"
        pieces += [*day_pieces(_stretches(row, day, now), day, now, columns.cells, tone), ("  ", "")]
    pieces.append(_change(row, now))
    reason = _note(row)
    room = width - pieces_width(pieces) - 2
    note = next((text for text in (reason, reason.partition(":")[0]) if width_of(text) <= room), "")
    return [*pieces, (f"  {note}", "warn")]


def _short(row: ExchangeDocument) -> str:
    """What an exchange is called for short, behind two blanks."""
    exchange = EXCHANGES.get(row["code"])
    return "" if row["code"] == "CRYPTO" else f"  {exchange.short if exchange else row['code']}"


def _note(row: ExchangeDocument) -> str:
    """What is out of the ordinary."""
    reason = row["reason"] or ""
    return reason if reason.startswith(("Holiday", "Early close", "Lunch")) else ""


def _change(row: ExchangeDocument, now: float) -> Piece:
    """When it closes or opens, with the day of the week where that is not within a day."""
    opens, closes = time_of(row["nextOpen"]), time_of(row["nextClose"])
    if row["status"] in OPEN:
        always = "always" if row["code"] == "CRYPTO" else ""
        return f"closes in {seconds_text(closes - now)}" if closes is not None else always, ""
    if opens is None:
        return "", ""
    day = f"{datetime.fromtimestamp(opens, _zone_of(row)):%a} " if opens - now >= _DAY else ""
    return f"opens {day}in {seconds_text(opens - now)}", "dim" if row["status"] == "CLOSED" else ""


def _zone_of(row: ExchangeDocument) -> tzinfo:
    exchange = EXCHANGES.get(row["code"])
    return ZoneInfo(exchange.zone) if exchange else UTC


def _stretches(row: ExchangeDocument, day: Span, now: float) -> list[Stretch]:
    """What an exchange does on a UTC day: the sessions of its own date, and the calendar's of the other one.

    The document says its own date's alone, and that is another day for half of the world.
    """
    stretches: list[Stretch] = []
    for session in row["sessions"]:
        start, end = time_of(session["open"]), time_of(session["close"])
        if start is not None and end is not None:
            stretches.append((session["kind"], Span(start, end)))
    exchange = EXCHANGES.get(row["code"])
    if exchange is not None and exchange.code != "CRYPTO":
        dates = {local_date(exchange, day.start), local_date(exchange, day.end - 1)}
        for date in dates - {local_date(exchange, now)}:
            stretches += day_of(exchange, date).spans
    return with_lunch(stretches)
