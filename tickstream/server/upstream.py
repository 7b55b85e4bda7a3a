"""What is known of upstream: the state and age of its stream, and a line for each change."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from tickstream.core.ports import Event, Gap, Link, Status
from tickstream.hub import Hub
from tickstream.server.log import Log

__all__ = ["Upstream"]


class Upstream:
    """Watches the stream by way of the hub, and the views by `trouble`: what is wrong with them, in words.

    `look` is to be called now and then, with the monotonic clock.
    """

    def __init__(self, hub: Hub, log: Log, trouble: Callable[[], str]) -> None:
        self._hub, self._log, self._trouble = hub, log, trouble
        self._failing = False
        self._said = ("", "")
        self._pushes, self._heard, self._looked = 0, -math.inf, 0.0
        hub.watch(self._note)

    def look(self, now: float) -> None:
        """See whether there were ticks since the last look, and how the views are."""
        self._looked = now
        trouble = self._trouble()
        if bool(trouble) != self._failing:
            self._failing = bool(trouble)
            self._log("views", state="failing" if trouble else "fetched", reason=trouble or "-")
        if self._hub.pushes != self._pushes:
            self._pushes, self._heard = self._hub.pushes, now

    @property
    def states(self) -> Mapping[str, float]:
        """1 for the state that it is in, 0 for the others."""
        return {state.value: self._hub.status.state is state for state in Link}

    @property
    def age(self) -> Mapping[str, float]:
        """Seconds since the last tick, to the precision of the looks; nothing where there was none."""
        return {"": self._looked - self._heard} if self._heard > -math.inf else {}

    def _note(self, event: Event) -> None:
        if isinstance(event, Status):
            said = (str(event.state), event.reason or "-")
            # Trying again is no news; that it is up, or down for another reason, is.
            if said != self._said and event.state is not Link.CONNECTING:
                self._said = said
                marked: dict[str, Any] = {"prices": event.mark} if event.mark else {}
                self._log("upstream", state=said[0], reason=said[1], **marked)
        elif isinstance(event, Gap):
            self._log("gap", seconds=round((event.end - event.start) / 1000, 1), reason=event.reason or "-")
