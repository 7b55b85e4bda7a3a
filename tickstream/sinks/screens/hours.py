"""The hours view on a screen: are the markets open, why, until when; and the day of each exchange as a bar.

The first line answers the everyday question. With exchanges there is a table
over the UTC day, without any New York's own day.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from tickstream.core.documents import ExchangeDocument, HoursDocument
from tickstream.core.exchanges import EXCHANGES
from tickstream.core.hours import clock_offset, uses_calendar_only
from tickstream.core.text import seconds_text
from tickstream.core.values import Periods, Span, value_of
from tickstream.sinks.frame import Piece, line_of, pieces_width
from tickstream.sinks.paint import Painter, fit
from tickstream.sinks.screens.blocks import seconds_of
from tickstream.sinks.screens.page import Canvas, View

__all__ = ["hours_body"]

_NEW_YORK = ZoneInfo("America/New_York")
_DAY = 86_400.0
_STATUS = {
    "OPEN": ("●", "up", "OPEN"),
    "EARLY_CLOSE": ("●", "warn", "OPEN"),
    "PRE_MARKET": ("◐", "warn", "in PRE-MARKET"),
    "AFTER_HOURS": ("◐", "warn", "in AFTER HOURS"),
    "CLOSED": ("○", "down", "CLOSED"),
}
_LABEL = {
    "OPEN": "OPEN",
    "EARLY_CLOSE": "EARLY",
    "PRE_MARKET": "PRE",
    "AFTER_HOURS": "POST",
    "CLOSED": "CLOSED",
}
_OPEN = ("OPEN", "EARLY_CLOSE")
_LEGEND: Sequence[Piece] = (
    ("▒", "up"),
    (" pre-market and after hours  ", "dim"),
    ("█", "up"),
    (" regular session  ", "dim"),
    ("│", "warn"),
    (" now", "dim"),
)


def hours_body(view: View, canvas: Canvas, *, zone: tzinfo | None = None) -> list[str]:
    """The answer, then the day; `zone` is the user's, by default the system's."""
    document: HoursDocument = view.document
    now = seconds_of(document["timestamp"]) or view.now
    lines = _answer(document, now, canvas)
    roomy = canvas.height is None or canvas.height >= 12
    lines = [canvas.empty, *lines, canvas.empty] if roomy else lines
    if "exchanges" in document:
        left = None if canvas.height is None else max(1, canvas.height - len(lines) - 2)
        lines += _table(document["exchanges"], now, canvas, left)
    else:
        lines += _new_york(document, view, now, canvas, zone)
    clock = _clock(view, canvas)
    return [*lines, *([canvas.empty] if roomy and clock else []), *clock]


def _answer(document: HoursDocument, now: float, canvas: Canvas) -> list[str]:
    """Open or not, why, and until when; at the right what time it is."""
    status = document["status"]
    dot, tone, words = _STATUS.get(status or "", ("?", "warn", "not known"))
    left: list[Piece] = [(f" {dot} ", tone)]
    left += [("U.S. markets are ", "bold"), (words, tone if status else "warn")]
    said = [document["reason"] or "", _next_change(document, now)]
    why = " · ".join(text for text in said if text)
    when = datetime.fromtimestamp(now, _NEW_YORK), datetime.fromtimestamp(now, UTC)
    date: list[Piece] = [
        (f"{when[0]:%a} {when[0].day} {when[0]:%b %Y  %H:%M} ET · {when[1]:%H:%M} UTC", "dim")
    ]
    whole = [*left, (f"  {why}", "")]
    if pieces_width(whole) + pieces_width(date) + 3 <= canvas.width:
        return [canvas.line(whole, date)]
    if pieces_width(whole) + 1 <= canvas.width:
        return [canvas.line([], date), canvas.line(whole)]
    lines = [canvas.line(left, date if pieces_width(left) + pieces_width(date) + 3 <= canvas.width else ())]
    return [*lines, *(canvas.line([(f"   {text}", "")]) for text in said if text)]


def _next_change(document: HoursDocument, now: float) -> str:
    opens, closes = seconds_of(document["nextOpen"]), seconds_of(document["nextClose"])
    if document["status"] in _OPEN and closes is not None:
        return f"close in {_long(closes - now)} at {_at(closes, now)}"
    if opens is not None:
        return f"open {_at(opens, now)} in {_long(opens - now)}"
    return ""


def _at(time: float, now: float) -> str:
    """A time in New York, with its day where that is not today."""
    local, today = datetime.fromtimestamp(time, _NEW_YORK), datetime.fromtimestamp(now, _NEW_YORK)
    day = "" if local.date() == today.date() else f"{local:%a} {local.day} {local:%b} "
    return f"{day}{local:%H:%M} ET"


def _long(seconds: float) -> str:
    """A countdown to the minute, as in `2h 14m`, `3d 02h`; the last one in seconds."""
    whole = max(0, int(seconds))
    minutes, hours = whole // 60 % 60, whole // 3600
    if hours >= 48:
        return f"{hours // 24}d {hours % 24:02d}h"
    if hours:
        return f"{hours}h {minutes:02d}m"
    return f"{minutes}m" if minutes else f"{whole}s"


def _clock(view: View, canvas: Canvas) -> list[str]:
    """By whose clock this is, and how wrong the user's is."""
    if uses_calendar_only(view.parts, view.now):
        return [canvas.line([(" calendar only: no answer from Yahoo", "warn")])]
    offset = clock_offset(view.parts)
    text = " Yahoo's clock"
    # The answer is to the second, and was some time on its way.
    if offset is not None and abs(offset) >= 2:
        text += f" · yours is {seconds_text(abs(offset))} {'ahead' if offset > 0 else 'behind'}"
    return [canvas.line([(text, "dim")])]


def _table(rows: Sequence[ExchangeDocument], now: float, canvas: Canvas, height: int | None) -> list[str]:
    painter, width = canvas.painter, canvas.width
    wide = width >= 110
    name_width = 22 if wide else min(13, max(6, width - 22))
    status_width = 9 if width >= 36 else 2
    next_width = 16
    cells = 48 if width >= name_width + status_width + next_width + 48 + 8 else 24
    if width < name_width + status_width + next_width + 24 + 6:
        cells = 0
    midnight = now // _DAY * _DAY
    room = len(rows) if height is None else max(1, height - 1)
    shown = rows if len(rows) <= room else rows[: max(1, room - 1)]
    lines = [_titles(painter, width, name_width, status_width, cells)]
    for row in shown:
        dot, tone, _ = _STATUS.get(row["status"], ("?", "warn", ""))
        tone = "dim" if row["status"] == "CLOSED" else tone
        exchange = EXCHANGES.get(row["code"])
        short = exchange.short if exchange and row["code"] != "CRYPTO" else ""
        name: list[Piece] = [(row["name"], "")]
        if wide and short:
            name += [(f"  {short}", "dim")]
        status = f"{dot} {_LABEL.get(row['status'], row['status'])}" if status_width > 2 else dot
        line = f" {line_of(painter, name_width, name, [])} {painter.paint(fit(status, status_width), tone)} "
        taken = name_width + status_width + 3
        if cells:
            line += _bar(painter, row, midnight, now, cells) + "  "
            taken += cells + 2
        lines.append(line + line_of(painter, max(0, width - taken), _next(row, now), []))
    if len(shown) < len(rows):
        lines.append(canvas.line([(f" … and {len(rows) - len(shown)} more", "dim")]))
    return lines


def _titles(painter: Painter, width: int, name_width: int, status_width: int, cells: int) -> str:
    status = "STATUS" if status_width > 2 else ""
    text = f" {fit('EXCHANGE', name_width)} {fit(status, status_width)} "
    if cells:
        step = 3 if cells >= 48 else 6
        text += "".join(fit(f"{hour:02d}", cells * step // 24) for hour in range(0, 24, step)) + "  "
    return painter.paint(fit(f"{text}NEXT", width), "head")


def _next(row: ExchangeDocument, now: float) -> list[Piece]:
    opens, closes = seconds_of(row["nextOpen"]), seconds_of(row["nextClose"])
    open_now = row["status"] in _OPEN
    pieces: list[Piece]
    if open_now and closes is not None:
        pieces = [(f"closes in {seconds_text(closes - now)}", "")]
    elif open_now:
        pieces = [("always", "")] if row["code"] == "CRYPTO" else [("open", "")]
    elif opens is not None:
        pieces = [(f"opens in {seconds_text(opens - now)}", "dim")]
    else:
        pieces = [("", "")]
    reason = row["reason"] or ""
    if reason.startswith(("Holiday", "Early close")):
        pieces.append((f"  {reason}", "warn"))
    elif reason == "Lunch break":
        pieces.append((f"  {reason}", "dim"))
    return pieces


def _bar(painter: Painter, row: ExchangeDocument, midnight: float, now: float, cells: int) -> str:
    """The UTC day of an exchange: regular sessions, what is around them, and a line for now."""
    spans: list[tuple[str, Span]] = []
    for session in row["sessions"]:
        start, end = seconds_of(session["open"]), seconds_of(session["close"])
        if start is not None and end is not None:
            spans.append((session["kind"], Span(start, end)))
    tone = "up" if row["status"] in _OPEN else "dim"
    return bar_of(painter, spans, Span(midnight, midnight + _DAY), now, cells, tone)


def bar_of(
    painter: Painter, spans: Sequence[tuple[str, Span]], day: Span, now: float, cells: int, tone: str
) -> str:
    """`day` in so many cells: █ regular, ▒ extended hours and lunch, · closed, and │ for now."""
    size = (day.end - day.start) / cells
    marks = [_mark(spans, day.start + (cell + 0.5) * size) for cell in range(cells)]
    at = int((now - day.start) // size) if day.start <= now < day.end else -1
    painted, start = "", 0
    for cell in range(cells + 1):
        ends = cell == cells or marks[cell] != marks[start] or at in (cell, cell - 1)
        if ends and cell > start:
            text = "".join(marks[start:cell])
            if start == at:
                painted += painter.paint("│", "warn")
            else:
                painted += painter.paint(text, "dim" if text[0] == "·" else tone)
            start = cell
    return painted


def _mark(spans: Sequence[tuple[str, Span]], moment: float) -> str:
    regular = [span for kind, span in spans if kind == "regular"]
    if any(span.start <= moment < span.end for span in regular):
        return "█"
    if any(span.start <= moment < span.end for _, span in spans):
        return "▒"
    # A lunch break is what lies between two regular sessions.
    before = any(span.end <= moment for span in regular)
    after = any(moment < span.start for span in regular)
    return "▒" if before and after else "·"


def _new_york(
    document: HoursDocument, view: View, now: float, canvas: Canvas, zone: tzinfo | None
) -> list[str]:
    """New York's own day as a bar, and when it next opens and closes, by three clocks."""
    painter, width = canvas.painter, canvas.width
    lines: list[str] = []
    local = datetime.fromtimestamp(now, _NEW_YORK)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()
    periods = value_of(Periods, view.parts, "periods:SPY", view.now)
    spans: list[tuple[str, Span]] = []
    if periods is not None:
        pairs = (("pre", periods.pre), ("regular", periods.regular), ("post", periods.post))
        spans = [(kind, span) for kind, span in pairs if span is not None]
    cells = next((cells for cells in (96, 72, 48, 24) if cells + 10 <= width), 0)
    if cells and spans and (canvas.height is None or canvas.height >= 8):
        tone = "up" if document["status"] in _OPEN else "warn" if document["status"] != "CLOSED" else "dim"
        step = 2 if cells >= 72 else 4 if cells >= 48 else 6
        hours = "".join(fit(f"{hour:02d}", cells * step // 24) for hour in range(0, 24, step))
        bar = bar_of(painter, spans, Span(midnight, midnight + _DAY), now, cells, tone)
        margin = " " * (width - cells - 10)
        lines.append(painter.paint(fit(f" New York {hours}", width), "head"))
        thick = 3 if canvas.height is None or canvas.height >= 18 else 1
        for row in range(thick):
            name = "ET" if row == thick // 2 else ""
            lines.append(f" {painter.paint(fit(name, 8), 'dim')} {bar}{margin}")
        lines += [canvas.line([(" " * 10, ""), *_LEGEND]), canvas.empty]
    return lines + _changes(document, now, canvas, zone)


def _changes(document: HoursDocument, now: float, canvas: Canvas, zone: tzinfo | None) -> list[str]:
    """When it next opens and closes: in New York, in UTC, and where the user is."""
    times = [("Opens", document["nextOpen"]), ("Closes", document["nextClose"])]
    known = [(name, time) for name, text in times if (time := seconds_of(text)) is not None]
    lines = []
    for name, time in sorted(known, key=lambda change: change[1]):
        here = datetime.fromtimestamp(time, zone) if zone else datetime.fromtimestamp(time, UTC).astimezone()
        universal = datetime.fromtimestamp(time, UTC)
        pieces: list[Piece] = [(f" {name:<8} ", "dim"), (f"{_at(time, now):<20}", "bold")]
        pieces += [(f"{universal:%a %H:%M} UTC", "dim")]
        if here.utcoffset() != universal.utcoffset():
            pieces += [(f"   {here:%a %H:%M} here ({here:%Z})", "dim")]
        pieces += [(f"   in {_long(time - now)}", "")]
        lines.append(canvas.line(pieces))
    return lines
