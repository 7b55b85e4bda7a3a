"""The fan-out of ticks: one upstream for the union of what all clients follow, and few writes for many.

The hub puts each tick in here once, however many clients there are. A client
that conflates belongs to a slot, and slots take turns: each writes to its
clients what moved since its last turn, looked up by symbol. A row is made a
frame once for all who get it, and a client's frames are one write. A client
that has not taken the last of them is passed over, and gets the newest rows
when it has.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import ClassVar

from tickstream.core.jsontext import json_text
from tickstream.core.ports import Event, event_dict
from tickstream.core.tick import Tick
from tickstream.hub import Hub, Reading
from tickstream.server.client import Client
from tickstream.server.wire import row_frame, text_frame

__all__ = ["Fan", "Follower"]

TURN = 25
"""Milliseconds between the turns of two slots."""
_MOST_SLOTS = 40
_SETTLE = 0.02
"""Seconds for which wishes are gathered before the source is told: clients come and go in crowds."""


class Follower:
    """A client of the stream, and what it follows."""

    __slots__ = ("behind", "client", "events", "form", "frames", "lost", "slot", "symbols")

    def __init__(self, client: Client, form: str, *, events: bool = False) -> None:
        self.client, self.form, self.events = client, form, events
        self.symbols: dict[str, None] = {}
        self.slot: Slot | None = None
        """None where it gets each push as it came."""
        self.frames: list[bytes] = []
        """What the next write is made of."""
        self.behind: int | None = None
        """The last movement that it has seen, where it was passed over since."""
        self.lost = 0

    def flush(self) -> None:
        """Write what was gathered, in one go."""
        frames, self.frames = self.frames, []
        if self.client.open:
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
    """The slots of one `every`, and the task that gives each its turn."""

    def __init__(self, fan: Fan, every: int) -> None:
        count = max(1, min(every // TURN, _MOST_SLOTS))
        self.slots = [Slot(fan.movement) for _ in range(count)]
        self._fan = fan
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
                late = loop.time() - due
                if late > 1.0:
                    due += late  # what was missed is not made up for
                await asyncio.sleep(max(0.0, -late))
                if slot.size:
                    self._fan.flush(slot)


class Fan:
    """All followers, by symbol; a mailbox of the hub that wants rows kept."""

    rows: ClassVar[bool] = True
    polled: ClassVar[bool] = True
    crowded: ClassVar[bool] = False

    def __init__(self, hub: Hub) -> None:
        self.wake: Callable[[], None] = lambda: None
        self.movement = 0
        """Counts the ticks that came; a row's is the last that touched it."""
        self.conflated = 0
        """Ticks that a client did not get by themselves, since a newer one came before its turn."""
        self.dropped = 0
        self.followers: set[Follower] = set()
        self._hub = hub
        self._reading = Reading(hub, self)
        self._moved: dict[str, int] = {}
        """The movement of each row, the latest last."""
        self._frames: dict[tuple[str, str], tuple[int, bytes]] = {}
        self._counts: dict[str, int] = {}
        """How many follow a symbol, views included."""
        self._each: dict[str, dict[Follower, None]] = {}
        self._ready: set[Follower] = set()
        self._wheels: dict[int, Wheel] = {}
        self._telling: asyncio.TimerHandle | None = None
        hub.watch(self._report)

    @property
    def symbols(self) -> int:
        return len(self._counts)

    def close(self) -> None:
        for wheel in self._wheels.values():
            wheel.stop()
        if self._telling:
            self._telling.cancel()

    def hold(self, symbols: Iterable[str]) -> None:
        """Have these streamed for as long as `release` is not called for them."""
        for symbol in symbols:
            self._counts[symbol] = self._counts.get(symbol, 0) + 1
        self._tell_soon()

    def release(self, symbols: Iterable[str]) -> None:
        for symbol in symbols:
            left = self._counts[symbol] - 1
            if left:
                self._counts[symbol] = left
            else:
                del self._counts[symbol]
        self._tell_soon()

    def join(self, follower: Follower, every: int) -> None:
        """Let a client in, that follows nothing yet; `every` is in milliseconds."""
        self.followers.add(follower)
        if every:
            wheel = self._wheels.get(every)
            if wheel is None:
                wheel = self._wheels[every] = Wheel(self, every)
            follower.slot = min(wheel.slots, key=lambda slot: slot.size)
            follower.slot.size += 1

    def leave(self, follower: Follower) -> None:
        self.unfollow(follower, tuple(follower.symbols))
        self.followers.discard(follower)
        if follower.slot is not None:
            follower.slot.size -= 1
            for every in [every for every, wheel in self._wheels.items() if wheel.empty]:
                self._wheels.pop(every).stop()

    def follow(self, follower: Follower, symbols: Iterable[str]) -> None:
        """Follow these too. What is known of the new ones is sent at once, of the others nothing."""
        new = [symbol for symbol in dict.fromkeys(symbols) if symbol not in follower.symbols]
        for symbol in new:
            follower.symbols[symbol] = None
            self._table(follower, symbol)[follower] = None
            if symbol in self._moved:
                follower.frames.append(self._frame(symbol, follower.form))
        self.hold(new)
        if follower.frames:
            follower.flush()

    def unfollow(self, follower: Follower, symbols: Iterable[str]) -> None:
        gone = [symbol for symbol in dict.fromkeys(symbols) if symbol in follower.symbols]
        for symbol in gone:
            del follower.symbols[symbol]
            table = self._table(follower, symbol)
            table.pop(follower, None)
            if not table:
                self._forget_table(follower, symbol)
        self.release(gone)

    def put(self, tick: Tick) -> None:
        """Called by the hub with each tick, after its row is laid."""
        symbol = tick.id
        self.movement += 1
        # Taken out first, so that the latest is always last.
        self._moved.pop(symbol, None)
        self._moved[symbol] = self.movement
        if each := self._each.get(symbol):
            self._put_each(tick, each)

    def flush(self, slot: Slot) -> None:
        """Write to the clients of a slot what moved since its last turn."""
        seen, slot.seen = slot.seen, self.movement
        moved = self._moved_since(seen)
        touched: dict[Follower, None] = {}
        for form, table in slot.followers.items():
            for symbol in moved:
                if followers := table.get(symbol):
                    frame = self._frame(symbol, form)
                    for follower in followers:
                        follower.frames.append(frame)
                    touched |= followers
        for follower in touched:
            if follower.client.free:
                if follower.behind is not None:
                    self._catch_up(follower)
                follower.flush()
            else:
                self.conflated += len(follower.frames)
                follower.frames.clear()
                if follower.behind is None:
                    follower.behind = seen

    def catch_up(self) -> None:
        """Write the newest rows to those that were passed over and are free now."""
        for follower in self.followers:
            if follower.behind is not None and follower.client.free:
                self._catch_up(follower)
                follower.flush()

    def _catch_up(self, follower: Follower) -> None:
        since, follower.behind = follower.behind or 0, None
        moved = [symbol for symbol in follower.symbols if self._moved.get(symbol, 0) > since]
        follower.frames = [self._frame(symbol, follower.form) for symbol in moved]

    def _moved_since(self, seen: int) -> list[str]:
        moved = []
        for symbol in reversed(self._moved):
            if self._moved[symbol] <= seen:
                break
            moved.append(symbol)
        moved.reverse()
        return moved

    def _frame(self, symbol: str, form: str) -> bytes:
        """The row of a symbol as a finished frame, made once for all."""
        key, movement = (symbol, form), self._moved[symbol]
        made = self._frames.get(key)
        if made is None or made[0] != movement:
            made = self._frames[key] = movement, row_frame(self._hub.board.row(symbol).said, form)
        return made[1]

    def _put_each(self, tick: Tick, each: Iterable[Follower]) -> None:
        frames: dict[str, bytes] = {}
        for follower in each:
            if not follower.client.free and len(follower.frames) >= 1000:
                follower.lost += 1
                self.dropped += 1
                continue
            frame = frames.get(follower.form)
            if frame is None:
                frame = frames[follower.form] = row_frame(tick.said, follower.form)
            follower.frames.append(frame)
            if not self._ready:
                asyncio.get_running_loop().call_soon(self._flush_each)
            self._ready.add(follower)

    def _flush_each(self) -> None:
        ready, self._ready = self._ready, set()
        for follower in ready:
            if follower.frames and follower.client.free:
                self._tell_lost(follower)
                follower.flush()
            elif follower.frames and follower.client.open:
                self._ready.add(follower)
        if self._ready:
            asyncio.get_running_loop().call_later(0.05, self._flush_each)

    def _tell_lost(self, follower: Follower) -> None:
        if follower.lost and follower.events:
            said = {"type": "dropped", "count": follower.lost, "time": int(self._hub.now().wall * 1000)}
            follower.frames.append(text_frame(json_text(said)))
        follower.lost = 0

    def _report(self, event: Event) -> None:
        frame = None
        for follower in self.followers:
            if follower.events and follower.client.open:
                frame = frame or text_frame(json_text(event_dict(event)))
                follower.client.write(frame)

    def _table(self, follower: Follower, symbol: str) -> dict[Follower, None]:
        if follower.slot is None:
            return self._each.setdefault(symbol, {})
        return follower.slot.followers.setdefault(follower.form, {}).setdefault(symbol, {})

    def _forget_table(self, follower: Follower, symbol: str) -> None:
        if follower.slot is None:
            del self._each[symbol]
        else:
            del follower.slot.followers[follower.form][symbol]

    def _tell_soon(self) -> None:
        if self._telling is None:
            self._telling = asyncio.get_running_loop().call_later(_SETTLE, self._tell)

    def _tell(self) -> None:
        self._telling = None
        before, wanted = self._reading.follows, self._counts.keys()
        if before == wanted:
            return
        self._reading.follow(wanted)
        for symbol in before - wanted:
            # Its row is gone from the board as well.
            self._moved.pop(symbol, None)
            for form in ("1", "2", "json"):
                self._frames.pop((symbol, form), None)
