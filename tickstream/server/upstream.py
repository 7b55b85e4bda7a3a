"""What is known of upstream's stream: its state and its age, for the metrics, and a line for each change."""

from __future__ import annotations

import math
from collections.abc import Mapping

from tickstream.core.ports import Event, Gap, Link, Status
from tickstream.hub import Hub
from tickstream.server.log import Log

__all__ = ["Upstream"]


class Upstream:
    """Watches the stream by way of the hub; `look` is to be called now and then, with the monotonic clock."""

    def __init__(self, hub: Hub, log: Log) -> None:
        self._hub, self._log = hub, log
        self._said = ("", "")
        self._pushes, self._heard, self._looked = 0, -math.inf, 0.0
        hub.watch(self._note)

    def look(self, now: float) -> None:
        """See whether there were ticks since the last look."""
        self._looked = now
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
                self._log("upstream", state=said[0], reason=said[1])
        elif isinstance(event, Gap):
            self._log("gap", seconds=round((event.end - event.start) / 1000, 1), reason=event.reason or "-")
