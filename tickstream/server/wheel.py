"""Those who follow ticks, and when it is whose turn.

Clients that conflate by the same number of milliseconds are spread over slots,
which take turns, so that their writes are spread over that time as well.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from tickstream.server.client import Client

__all__ = ["TURN", "Follower", "Slot", "Told", "Wheel"]

TURN = 25
"""Milliseconds between the turns of two slots."""
_MOST_SLOTS = 40


class Told(bytes):
    """A frame that tells of an event, and is never lost for want of room."""

    __slots__ = ()


class Follower:
    """A client of the stream, and what it follows."""

    __slots__ = ("behind", "client", "events", "form", "frames", "given", "lost", "size", "slot", "symbols")

    def __init__(self, client: Client, form: str, *, events: bool = False) -> None:
        self.client, self.form, self.events = client, form, events
        self.symbols: dict[str, None] = {}
        self.slot: Slot | None = None
        """None where it gets each push as it came."""
        self.frames: list[bytes] = []
        """What the next write is made of; empty between turns where it has a slot."""
        self.size = 0
        """Bytes of them, where it gets each push."""
        self.behind: int | None = None
        """The last movement that it has seen, where it was passed over since."""
        self.lost = 0
        """Pushes that were lost since it was last told."""
        self.given: dict[str, int] = {}
        """The rows that it was given when it began to follow them, and their movements; until its turn."""

    def lose(self) -> int:
        """Lose the older half of the pushes that wait; how many those are."""
        half = (len(self.frames) + 1) // 2
        told = [frame for frame in self.frames[:half] if isinstance(frame, Told)]
        count = half - len(told)
        self.frames[:half] = told
        self.size = sum(map(len, self.frames))
        self.lost += count
        return count

    def flush(self) -> None:
        """Write what was gathered, in one go."""
        frames, self.frames, self.size = self.frames, [], 0
        if frames and self.client.open:
            self.client.write(b"".join(frames), len(frames))


class Slot:
    """Clients whose turn it is at the same time."""

    __slots__ = ("followers", "seen", "size")

    def __init__(self, seen: int) -> None:
        self.followers: dict[str, dict[str, dict[Follower, None]]] = {}
        """By form and symbol."""
        self.seen = seen
        self.size = 0


class Wheel:
    """The slots of one `every`, and the task that gives each its turn; to be stopped with its last one."""

    def __init__(self, every: int, seen: int, turn: Callable[[Slot], None]) -> None:
        count = max(1, min(every // TURN, _MOST_SLOTS))
        self.slots = [Slot(seen) for _ in range(count)]
        self._give_turn = turn
        self._turn = every / 1000 / count
        self._task = asyncio.create_task(self._run())

    def stop(self) -> None:
        self._task.cancel()

    @property
    def empty(self) -> bool:
        return not any(slot.size for slot in self.slots)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            for slot in self.slots:
                due += self._turn
                if not slot.size:
                    continue  # no waking up for nobody; whoever joins makes its slot's next turn the first
                late = loop.time() - due
                if late > 1.0:
                    due += late  # what was missed is not made up for
                await asyncio.sleep(max(0.0, -late))
                self._give_turn(slot)
