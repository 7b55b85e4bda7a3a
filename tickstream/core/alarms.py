"""Alarms: alerts that are watched over, tick by tick. Pure: time is a parameter.

The rules they keep: an alert fires once when what it asks for comes true, and
again only after it was back by the margin of its side. What is true already at
the first push fires then, and says so; so does what came true while nothing
could be received. A push that is older than the newest has no price any more.
"""

from __future__ import annotations

from collections.abc import Iterable

from tickstream.core.alerts import Alert, Side
from tickstream.core.board import FRESH, Board, Now, Row
from tickstream.core.gauges import Seen
from tickstream.core.ports import Fired
from tickstream.core.text import seconds_text
from tickstream.core.tick import Tick

__all__ = ["Alarms"]


class _Latch:
    """One side of an alert, and whether it has fired since it was last back."""

    def __init__(self, side: Side) -> None:
        self._side = side
        self._gauge = side.gauge()
        self._fired = False
        self.first = True
        """Whether nothing had been measured before."""

    def fires(self, seen: Seen) -> float | None:
        """The figure, where it has just come true; else None."""
        figure = self._gauge(seen)
        if figure is None:
            return None
        if self._fired:
            self._fired = not self._side.is_back(figure)
        elif self._side.holds(figure):
            self._fired = True
            return figure
        self.first = False
        return None


class _Alarm:
    """An alert and its latches, watched over from `began` on."""

    def __init__(self, alert: Alert, began: Now) -> None:
        self.alert, self.began = alert, began
        self._latches = [_Latch(side) for side in alert.sides]

    def look(self, seen: Seen) -> list[Fired]:
        return [
            self._fired(seen, figure, already=latch.first and not self.alert.kind.clock)
            for latch in self._latches
            if (figure := latch.fires(seen)) is not None
        ]

    def _fired(self, seen: Seen, figure: float, *, already: bool) -> Fired:
        alert, row = self.alert, seen.row
        pieces = [f"{alert.text}: {alert.kind.says(figure, row.said)}"]
        if already:
            pieces.append("so from the start")
        age = row.age(seen.now)
        if age is not None and age > FRESH and not alert.kind.clock:
            pieces.append(f"{seconds_text(age)} old")
        said = {"id": alert.symbol} | row.said
        return Fired(alert.symbol, alert.text, int(seen.now.wall * 1000), ", ".join(pieces), said)


class Alarms:
    """Watches over alerts."""

    def __init__(self) -> None:
        self._board = Board()
        self._alarms: dict[str, list[_Alarm]] = {}

    def follow(self, alerts: Iterable[Alert], now: Now) -> None:
        """Watch over just these from `now` on; one that stays goes on as it is."""
        before = {alarm.alert.text: alarm for alarms in self._alarms.values() for alarm in alarms}
        gone = self.symbols
        self._alarms = {}
        for alert in alerts:
            alarm = before.get(alert.text) or _Alarm(alert, now)
            self._alarms.setdefault(alert.symbol, []).append(alarm)
        for symbol in gone - self.symbols:
            # What it said is old when it is watched again.
            self._board.forget(symbol)

    def rewind(self, now: Now) -> None:
        """Time begins anew, and so does what is watched over."""
        self._board = Board()
        for symbol, alarms in self._alarms.items():
            self._alarms[symbol] = [_Alarm(alarm.alert, now) for alarm in alarms]

    @property
    def symbols(self) -> frozenset[str]:
        return frozenset(self._alarms)

    @property
    def needs_clock(self) -> bool:
        """Whether some of them come true by the time that passes."""
        return any(alarm.alert.kind.clock for alarms in self._alarms.values() for alarm in alarms)

    def see(self, tick: Tick, now: Now) -> list[Fired]:
        """What fires by this tick."""
        row = self._row(tick, now)
        time = tick.said.get("time")
        late = time is not None and time != row.said.get("time")
        alarms = self._alarms.get(tick.id, ())
        return [
            fired
            for alarm in alarms
            if alarm.alert.kind.day or not late
            for fired in alarm.look(Seen(tick, row, now, alarm.began, late))
        ]

    def pass_time(self, now: Now) -> list[Fired]:
        """What fires because it is this late, and nothing was said."""
        return [
            fired
            for symbol, alarms in self._alarms.items()
            for alarm in alarms
            if alarm.alert.kind.clock
            for fired in alarm.look(Seen(None, self._board.row(symbol), now, alarm.began))
        ]

    def _row(self, tick: Tick, now: Now) -> Row:
        self._board.apply(tick, now)
        return self._board.row(tick.id)
