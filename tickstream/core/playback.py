"""How a tape is played: from where, how fast, how often. Pure: whoever plays it waits by itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from math import inf

from tickstream.core.tape import Record
from tickstream.errors import UsageError

__all__ = ["Playback", "Start", "paced", "parse_speed", "parse_start"]


def paced(records: Iterable[Record], speed: float) -> Iterator[tuple[float, Record]]:
    """Each record, and how many seconds to wait for it, at `speed` times the pace it was recorded at.

    A clock that was set back while it was recorded is no wait.
    """
    before: int | None = None
    for record in records:
        late = 0 if before is None else max(0, record.at - before)
        before = record.at
        yield late / 1000 / speed, record


@dataclass(frozen=True, slots=True)
class Start:
    """Where on a tape to begin: at a time of day (UTC), the first that it has, or on a day at that time."""

    text: str
    moment: datetime | None
    clock: time | None = None

    def after(self, first: int) -> int:
        """The moment that is meant on a tape whose first record is of `first`; both are ms UTC."""
        moment = self.moment
        if moment is None:
            assert self.clock is not None
            began = datetime.fromtimestamp(first / 1000, UTC)
            moment = datetime.combine(began.date(), self.clock, UTC)
            if moment < began.replace(microsecond=0):
                moment += timedelta(days=1)
        return int(moment.timestamp() * 1000)


@dataclass(frozen=True, slots=True)
class Playback:
    """How a tape is played."""

    speed: float = 1.0
    """Times as fast as it was recorded; infinity is as fast as it can be read."""
    loop: bool = False
    start: Start | None = None


def parse_speed(text: str) -> float:
    """A speed, from `10`, `0.5`, `10x` or `max`."""
    if text.strip().lower() == "max":
        return inf
    number = re.fullmatch(r"([0-9]*\.?[0-9]+)x?", text.strip().lower())
    speed = float(number[1]) if number else 0.0
    if not 0.001 <= speed <= 1e6:
        raise UsageError(f"bad --speed {text!r}: use a number from 0.001 to 1,000,000, as in 10, or max")
    return speed


def parse_start(text: str) -> Start:
    """Where to begin, from `10:30`, `10:30:05` or `2026-08-11T10:30`; all UTC."""
    try:
        if re.fullmatch(r"\d\d?:\d\d(:\d\d)?Z?", text.strip()):
            hour, _, rest = text.strip().rstrip("Z").partition(":")
            return Start(text, None, time.fromisoformat(f"{hour:0>2}:{rest}"))
        moment = datetime.fromisoformat(text.strip())
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        if not 2000 <= moment.year < 2100:
            raise ValueError
    except ValueError:
        how = "use a time of day or a date and a time, in UTC, as in 10:30 or 2026-08-11T10:30"
        raise UsageError(f"bad --from {text!r}: {how}") from None
    return Start(text, moment)
