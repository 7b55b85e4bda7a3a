"""The fan-out of ticks: one upstream for the union of what all clients follow, and few writes for many.

The hub puts each tick in here once, however many clients there are. A client
that conflates belongs to a slot, and slots take turns: each writes to its
clients what moved since its last turn, looked up by symbol. A row is made a
frame once for all who get it, and a client's frames are one write. A client
that has not taken the last of them is passed over, and gets the newest rows
when it has. For one that wants each push some wait meanwhile; when they become
too many the older half is lost, counted, and said to who wants events.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import ClassVar

from tickstream.core.jsontext import json_text
from tickstream.core.ports import Dropped, Event, Rewound, event_dict
from tickstream.core.tick import Tick, Value
from tickstream.hub import Hub, Reading
from tickstream.server.wheel import Follower, Slot, Told, Wheel
from tickstream.server.wire import row_frame, text_frame

__all__ = ["Fan"]

_MOST_WAITING = 131_072
"""Bytes of pushes that may wait for a client that wants each; half of what may wait behind a write."""
_SETTLE = 0.02
"""Seconds for which wishes are gathered before the source is told: clients come and go in crowds."""


class Fan:
    """All followers, by symbol; a mailbox of the hub that wants rows kept."""

    rows: ClassVar[bool] = True
    polled: ClassVar[bool] = True
    crowded: ClassVar[bool] = False

    def __init__(self, hub: Hub, *, failed: Callable[[Exception], None]) -> None:
        self._failed = failed
        self.wake: Callable[[], None] = lambda: None
        self.movement = 0
        """Counts the ticks that came; a row's is the last that touched it."""
        self.conflated = 0
        """Rows that were not sent to a client at its turn, since it had not taken the last ones."""
        self.dropped = 0
        """Pushes that were lost to clients that want each."""
        self.followers: set[Follower] = set()
        self._hub = hub
        self._reading = Reading(hub, self)
        self._moved: dict[str, int] = {}
        """The movement of each row, the latest last."""
        self._frames: dict[tuple[str, str], tuple[int, bytes]] = {}
        self._counts: dict[str, int] = {}
        """How many follow a symbol, views included."""
        self._each: dict[str, dict[Follower, None]] = {}
        self._ready: dict[Follower, None] = {}
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
            # Now, since later there is no loop: who has left reads nothing any more.
            self._telling.cancel()
            self._tell()

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
                wheel = self._wheels[every] = Wheel(every, self.movement, self._turn)
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
        self.hold(new)
        known = [symbol for symbol in new if symbol in self._moved]
        if follower.slot is None:
            for symbol in known:
                self._add_each(follower, self._frame(symbol, follower.form))
        elif follower.client.free:
            follower.frames = [self._frame(symbol, follower.form) for symbol in known]
            follower.flush()
            follower.given |= {symbol: self._moved[symbol] for symbol in known}
        elif known:
            follower.behind = 0  # it gets all that is known once it is free

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

    def _turn(self, slot: Slot) -> None:
        try:
            self.flush(slot)
        except Exception as error:
            # Whatever one turn meets, the next ones come.
            self._failed(error)

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
            if follower.given:
                self._leave_out(follower, moved)
            if follower.client.free:
                self._catch_up(follower)
                follower.flush()
            else:
                self.conflated += len(follower.frames)
                follower.frames.clear()
                if follower.behind is None:
                    follower.behind = seen

    def _leave_out(self, follower: Follower, moved: Iterable[str]) -> None:
        """Leave the rows out of its first turn that it was given when it began to follow them."""
        given, follower.given = follower.given, {}
        new = [symbol for symbol in moved if self._moved[symbol] > given.get(symbol, 0)]
        own = [symbol for symbol in new if symbol in follower.symbols]
        follower.frames = [self._frame(symbol, follower.form) for symbol in own]

    def catch_up(self) -> None:
        """Write the newest rows to those that were passed over and are free now."""
        for follower in self.followers:
            if (follower.frames or follower.behind is not None) and follower.client.free:
                self._catch_up(follower)
                self._write_each(follower)

    def _catch_up(self, follower: Follower) -> None:
        if follower.behind is None:
            return
        since, follower.behind = follower.behind, None
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
            made = self._frames[key] = movement, self._made(self._hub.board.row(symbol).said, form)
        return made[1]

    def _made(self, said: Mapping[str, Value], form: str) -> bytes:
        try:
            return row_frame(said, form)
        except Exception as error:
            # One row that cannot be written must not keep the others from anybody.
            self._failed(error)
            return b""

    def _put_each(self, tick: Tick, each: Iterable[Follower]) -> None:
        frames: dict[str, bytes] = {}
        for follower in each:
            frame = frames.get(follower.form)
            if frame is None:
                frame = frames[follower.form] = self._made(tick.said, follower.form)
            self._add_each(follower, frame)

    def _add_each(self, follower: Follower, frame: bytes) -> None:
        """Let a frame be written together with all others of this turn of the loop."""
        follower.frames.append(frame)
        follower.size += len(frame)
        if follower.size > _MOST_WAITING:
            if follower.client.free:
                self._write_each(follower)
            else:
                self.dropped += follower.lose()
        if not self._ready:
            asyncio.get_running_loop().call_soon(self._flush_each)
        self._ready[follower] = None

    def _flush_each(self) -> None:
        ready, self._ready = self._ready, {}
        for follower in ready:
            # Who is not free is asked again with its next push, and now and then (catch_up).
            if follower.frames and follower.client.free:
                self._write_each(follower)

    def _write_each(self, follower: Follower) -> None:
        """Write all that waits; what was lost is said in its place, before what was not."""
        if follower.lost and follower.events:
            said = event_dict(Dropped(follower.lost, int(self._hub.now().wall * 1000)))
            follower.frames.insert(0, Told(text_frame(json_text(said))))
        follower.lost = 0
        follower.flush()

    def _report(self, event: Event) -> None:
        frame = b""
        if isinstance(event, Rewound):
            self._rewind()
        for follower in self.followers:
            if follower.events and follower.client.open:
                frame = frame or Told(text_frame(json_text(event_dict(event))))
                if follower.slot is None:
                    self._add_each(follower, frame)  # behind the pushes that came before it
                else:
                    follower.client.add(frame)

    def _rewind(self) -> None:
        """Time begins anew: what is due from before goes out first, and no row of then comes after that."""
        for wheel in self._wheels.values():
            for slot in wheel.slots:
                if slot.size:
                    self.flush(slot)
        self._moved.clear()
        self._frames.clear()

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
