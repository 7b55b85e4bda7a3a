"""The hours view on a screen: are the markets open, why, until when; and the day as a bar.

The first line answers the everyday question. Below it stands the UTC day of the
exchanges that were asked for, or where none were New York's own day. The time
is the document's, which is Yahoo's.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from tickstream.core.calendar import day_of, local_date, look
from tickstream.core.documents import HoursDocument
from tickstream.core.exchanges import EXCHANGES
from tickstream.core.hours import clock_offset, uses_calendar_only
from tickstream.core.text import seconds_text
from tickstream.core.values import Periods, Span, value_of
from tickstream.sinks.frame import Piece, pieces_width
from tickstream.sinks.screens.chart import Stretch, day_names, day_pieces, day_titles
from tickstream.sinks.screens.exchanges import LOOKS, NOT_KNOWN, OPEN, exchange_lines, time_of
from tickstream.sinks.screens.page import Canvas, View

__all__ = ["hours_body"]

_NEW_YORK = EXCHANGES["XNYS"]
_ET = ZoneInfo(_NEW_YORK.zone)
_ROOMY = 12
"""Lines from which on there is air between the parts."""
_CELLS = (144, 120, 96, 72, 48, 24)
_THICK = ((16, 5), (6, 3), (3, 2), (0, 1))
"""How many lines New York's bar is high, by those that are left for it."""
_NAMED = 72
"""Cells below which the parts of a day have no room for their names."""
_MOMENT = 16
"""Columns of a time with its day, as in `Mon 23 Nov 13:46`."""


def hours_body(view: View, canvas: Canvas, *, zone: tzinfo | None = None) -> list[str]:
    """The answer, then the day; `zone` is the user's, None the system's."""
    document: HoursDocument = view.document
    now = time_of(document["timestamp"]) or view.now
    roomy = canvas.height is None or canvas.height >= _ROOMY
    air = [canvas.empty] if roomy else []
    lines = _answer(document, now, canvas, air)
    clock = _clock(view, canvas, legend="exchanges" in document)
    room = None
    if canvas.height is not None:
        room = canvas.height - len(lines) - len(clock) - 2 * len(air)
        if room < 0:
            return [*lines, *clock][: canvas.height]
    if "exchanges" in document:
        middle = exchange_lines(document["exchanges"], now, canvas, room)
    else:
        middle = _new_york(document, view, now, canvas, room, zone)
    return [*lines, *air, *middle, *air, *clock]


def _answer(document: HoursDocument, now: float, canvas: Canvas, air: list[str]) -> list[str]:
    """Open or not, why, and until when, in as few lines as it takes; at the right what time it is."""
    shown, width = LOOKS.get(document["status"] or "", NOT_KNOWN), canvas.width
    left: list[Piece] = [(f" {shown.dot} ", shown.tone)]
    if shown is NOT_KNOWN:
        left.append(("Not known", shown.tone))
    else:
        left += [("U.S. markets are " if width >= 34 else "U.S. ", "bold"), (shown.words, shown.tone)]
    local = datetime.fromtimestamp(now, _ET)
    utc = datetime.fromtimestamp(now, UTC)
    date: list[Piece] = [(f"{local:%a} {local.day} {local:%b %Y  %H:%M} ET · {utc:%H:%M} UTC", "dim")]
    why = [part for part in (_reason(document), _next_change(document, now)) if part]
    joined = [piece for part in why for piece in ((" · ", "dim"), *part)][1:]
    whole: list[Piece] = [*left, ("  ", ""), *joined]
    if pieces_width([*whole, *date]) + 3 <= width:
        return [*air, canvas.line(whole, date)]
    # Without exchanges there is a table of times anyway.
    dated = air and "exchanges" in document and pieces_width(date) < width
    above = [canvas.line([], date)] if dated else air
    if pieces_width(whole) <= width:
        return [*above, canvas.line(whole)]
    rest = [joined] if pieces_width(joined) + 3 <= width else why
    return [*above, canvas.line(left), *(canvas.line([("   ", ""), *part]) for part in rest)]


def _reason(document: HoursDocument) -> list[Piece]:
    """Why; nothing where the status says it already."""
    reason, status = document["reason"] or "", document["status"]
    if status is None:
        return [(reason or "nobody said yet whether they are open", "dim")]
    if status == "EARLY_CLOSE":
        return [(reason or "Early close", "warn")]
    if status in ("PRE_MARKET", "AFTER_HOURS") or not reason:
        return []
    return [(reason, "warn" if reason.startswith("Holiday") else "")]


def _next_change(document: HoursDocument, now: float) -> list[Piece]:
    opens, closes = time_of(document["nextOpen"]), time_of(document["nextClose"])
    if document["status"] in OPEN and closes is not None:
        return [("close in ", ""), (_long(closes - now), "bold"), (f" at {_at(closes, now)}", "")]
    if document["status"] not in OPEN and opens is not None:
        return [(f"open {_at(opens, now)} in ", ""), (_long(opens - now), "bold")]
    return []


def _at(time: float, now: float) -> str:
    """A time in New York, with its day where that is not today."""
    local, today = datetime.fromtimestamp(time, _ET), datetime.fromtimestamp(now, _ET)
    day = "" if local.date() == today.date() else f"{local:%a} {local.day} {local:%b} "
    return f"{day}{local:%H:%M} ET"


def _long(seconds: float) -> str:
    """A countdown, as in `3d 02h`, `2h 14m`, `14m`, `59s`."""
    whole = max(0, int(seconds))
    hours, minutes = whole // 3600, whole // 60 % 60
    if hours >= 48:
        return f"{hours // 24}d {hours % 24:02d}h"
    return f"{hours}h {minutes:02d}m" if hours else f"{minutes}m" if minutes else f"{whole}s"


def _clock(view: View, canvas: Canvas, *, legend: bool) -> list[str]:
    """By whose clock this is, and how wrong the user's is; at the right what the bars mean."""
    left: list[Piece] = [(" Yahoo's clock", "dim")]
    offset = clock_offset(view.parts)
    if uses_calendar_only(view.parts, view.now):
        left = [(" calendar only: no answer from Yahoo", "warn")]
    elif offset is not None and abs(offset) >= 2:
        # The answer is to the second, and was some time on its way.
        way = "ahead" if offset > 0 else "behind"
        left.append((f" · yours is {seconds_text(abs(offset))} {way}", ""))
    right = _legend("extended hours, lunch") if legend else []
    return [canvas.line(left, right if pieces_width([*left, *right]) + 3 <= canvas.width else [])]


def _legend(extended: str) -> list[Piece]:
    return [("█ session  ", "dim"), (f"▒ {extended}  ", "dim"), ("│", "warn"), (" now", "dim")]


def _new_york(
    document: HoursDocument, view: View, now: float, canvas: Canvas, room: int | None, zone: tzinfo | None
) -> list[str]:
    """New York's day as a bar, and below it when things change, by several clocks."""
    changes = _changes(document, now, canvas, zone)
    cells = next((cells for cells in _CELLS if cells + 2 <= canvas.width), 0)
    # The hours above the bar, two lines below it, and one of air.
    left = 3 if room is None else room - len(changes) - 4
    if not cells or left < 1:
        return changes[:room]
    day, stretches = _day(document, view, now)
    if not stretches and document["status"] in OPEN:
        # It is open, and nobody says since when and until when: an empty bar would say that it is not.
        return changes
    tone = "good" if document["status"] in OPEN else "dim"
    bar = [(" ", ""), *day_pieces(stretches, day, now, cells, tone)]
    below = day_names(stretches, day, cells, _ET)
    if cells < _NAMED:
        below = [_legend("extended hours" if cells >= 48 else "extended"), []]
    lines = [canvas.line([(f" {day_titles(cells, 'ET')}", "head")])]
    lines += [canvas.line(bar)] * next(thick for least, thick in _THICK if left >= least)
    lines += [canvas.line([(" ", ""), *pieces]) for pieces in below]
    return [*lines, *([canvas.empty] if changes and cells >= _NAMED else []), *changes]


def _day(document: HoursDocument, view: View, now: float) -> tuple[Span, list[Stretch]]:
    """Today in New York, and what goes on then: as the source says, or the calendar where both agree."""
    midnight = datetime.fromtimestamp(now, _ET).replace(hour=0, minute=0, second=0, microsecond=0)
    day = Span(midnight.timestamp(), (midnight + timedelta(days=1)).timestamp())
    periods = value_of(Periods, view.parts, f"periods:{_NEW_YORK.symbol}", view.now)
    if periods is not None:
        named = (("pre", periods.pre), ("regular", periods.regular), ("post", periods.post))
        stretches = [(kind, span) for kind, span in named if span is not None]
        today = [(kind, span) for kind, span in stretches if span.start < day.end and span.end > day.start]
        if today:
            return day, today
    if look(_NEW_YORK, now).status != document["status"]:
        return day, []
    return day, list(day_of(_NEW_YORK, local_date(_NEW_YORK, now)).spans)


def _changes(document: HoursDocument, now: float, canvas: Canvas, zone: tzinfo | None) -> list[str]:
    """Now, and when it closes and opens: in New York, where the user is, and in UTC."""
    here = datetime.fromtimestamp(now, UTC).astimezone(zone)
    clocks: list[tuple[str, tzinfo | None]] = [("NEW YORK", _ET), ("UTC", UTC)]
    if here.utcoffset() not in {datetime.fromtimestamp(now, clock).utcoffset() for _, clock in clocks}:
        clocks.insert(1, (f"HERE ({here:%Z})"[:_MOMENT], zone))
    clocks = clocks[: max(1, (canvas.width - 18) // (_MOMENT + 3))]
    if canvas.width < 18 + _MOMENT:
        return []
    titles = "".join(f"{name:<{_MOMENT + 3}}" for name, _ in clocks)
    lines = [canvas.line([(f"{'':9}{titles}IN", "head")])]
    known = [("Opens", time_of(document["nextOpen"])), ("Closes", time_of(document["nextClose"]))]
    times = sorted((time, name) for name, time in known if time is not None)
    for time, name in ((now, "Now"), *times):
        pieces: list[Piece] = [(f" {name:<8}", "dim")]
        for _, clock in clocks:
            local = datetime.fromtimestamp(time, UTC).astimezone(clock)
            text = f"{local:%a} {local.day:>2} {local:%b %H:%M}"
            pieces.append((f"{text:<{_MOMENT + 3}}", "" if clock is _ET else "dim"))
        lines.append(canvas.line([*pieces, ("" if name == "Now" else _long(time - now), "bold")]))
    return lines
