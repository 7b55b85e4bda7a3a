"""Channels: a document each, composed and encoded once an interval for all who follow it.

All channels share one poll, so a part is fetched once however many documents
it is in, and within one budget. A channel starts with its first follower and
ends with its last. Who comes later gets the newest document at once; the first
document of a new channel waits for its parts, five seconds at most, and then
goes with nulls.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import aclosing

from tickstream.core.documents import QuoteDocument
from tickstream.core.hours import hours_document
from tickstream.core.jsontext import json_text
from tickstream.core.ports import PartSource
from tickstream.core.snapshot import overlaid
from tickstream.core.values import KEEP, Part, Parts, Quote
from tickstream.core.views import market_document, profile_document, quotes_document
from tickstream.core.wishes import hours_wish, market_wish, profile_wish, quotes_wish
from tickstream.hub import Hub
from tickstream.poll import Poll
from tickstream.server.client import Client
from tickstream.server.fan import Fan
from tickstream.server.keeping import keep
from tickstream.server.sharing import Sharing
from tickstream.server.wire import text_frame

__all__ = ["PATIENCE", "Channel", "Channels"]

BASE = frozenset({"markettime"})
"""Fetched whoever follows: that it comes, and from whom, says whether upstream answers and what it is."""
PATIENCE = 5.0
"""Seconds that the first document of a channel waits for its parts."""
GRACE = 1.0
"""Seconds that the later ones do, so that they come evenly."""
AGAIN = 0.5
"""Seconds after which parts that nobody has seen yet are asked for again."""
_BREATH = 0.01
"""Seconds of composing after which others have their turn."""


class Channel:
    """What one document is made of, and who follows it."""

    def __init__(self, kind: str, names: tuple[str, ...]) -> None:
        self.kind, self.names = kind, names
        self.followers: dict[Client, tuple[str, ...]] = {}
        """Each with its own order of the symbols."""
        self.frames: dict[tuple[str, ...], bytes] = {}
        """The newest document, by the order of its symbols; empty before the first."""
        self.deadline = 0.0
        """When the first document goes, whatever is there by then; monotonic."""

    @property
    def key(self) -> str:
        """As in `hours`, `profile:AAPL`, `quotes:AAPL,MSFT`."""
        return f"{self.kind}:{','.join(self.names)}" if self.names else self.kind

    def wish(self, parts: Parts, now: float) -> frozenset[str]:
        """The parts that it is made of."""
        match self.kind:
            case "quotes":
                return quotes_wish(self.names)
            case "market":
                return market_wish()
            case "hours":
                return hours_wish(self.names)
            case _:
                return profile_wish(self.names[0], parts, now)


class Channels:
    """All channels, and the poll below them."""

    def __init__(
        self,
        source: PartSource,
        hub: Hub,
        fan: Fan,
        interval: float,
        sharing: Sharing,
        *,
        failed: Callable[[Exception], None],
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.poll = Poll(
            source,
            self._wish,
            wall=wall,
            monotonic=monotonic,
            spend=sharing.spend,
            fetches=sharing.fetches,
            told=sharing.tell,
        )
        self._sharing = sharing
        sharing.wish, sharing.accept, sharing.granted = self._own_wish, self.poll.accept, self._fetch
        self.interval = interval
        self.documents = 0
        """How many were composed."""
        self._hub, self._fan, self._failed = hub, fan, failed
        self._monotonic = monotonic
        self._channels: dict[str, Channel] = {}
        self._rows: dict[str, bytes] = {}
        """Rows of quotes as JSON, each made once a round."""
        self._changed = asyncio.Event()

    def __len__(self) -> int:
        return len(self._channels)

    def join(self, client: Client, kind: str, names: tuple[str, ...]) -> Channel:
        """Let `client` follow a document from now on; it gets the newest one at once, where there is one."""
        channel = Channel(kind, tuple(sorted(names)) if kind == "quotes" else names)
        channel = self._channels.setdefault(channel.key, channel)
        before = channel.followers.get(client)
        channel.followers[client] = names
        if before is not None and kind == "quotes":
            self._fan.release(before)
        if kind in ("quotes", "profile"):
            self._fan.hold(names)
        if channel.frames:
            client.put(self._frame(channel, names))
        elif not channel.deadline:
            channel.deadline = self._monotonic() + PATIENCE
            self.poll.fetch_new()
            self._changed.set()
            self._sharing.wish_changed()
        return channel

    def leave(self, client: Client, channel: Channel) -> None:
        names = channel.followers.pop(client)
        if channel.kind in ("quotes", "profile"):
            self._fan.release(names)
        if not channel.followers:
            self._channels.pop(channel.key, None)

    async def run(self) -> None:
        """Fetch and send until cancelled."""
        beginning = asyncio.create_task(self._begin_channels())
        watching = asyncio.create_task(self._watch_parts())
        try:
            await keep(self._go_round, self.interval, self._broke)
        finally:
            beginning.cancel()
            watching.cancel()
            await self.poll.close()

    def _broke(self, error: Exception) -> None:
        # A bug in one part must not take the others with it.
        self.poll.broke = None
        self._failed(error)

    async def _go_round(self) -> None:
        async with aclosing(self.poll.rounds(self.interval, patience=GRACE, grace=GRACE)) as rounds:
            async for _ in rounds:
                self._rows.clear()
                await self._send(channel for channel in tuple(self._channels.values()) if channel.frames)
                self._sharing.went_round()
                self.poll.forget(KEEP)

    async def _watch_parts(self) -> None:
        while True:
            await self.poll.changed()
            self.poll.fetch_new()
            self._changed.set()

    async def _begin_channels(self) -> None:
        """Send the first documents, each as soon as its parts are there or its time is up."""
        while True:
            waiting = [channel for channel in self._channels.values() if not channel.frames]
            now, wall = self._monotonic(), self.poll.now()
            ready = [channel for channel in waiting if self._is_ready(channel, now, wall)]
            self._rows.clear()
            await self._send(ready)
            left = [channel.deadline - now for channel in waiting if channel not in ready]
            try:
                async with asyncio.timeout(min(AGAIN, max(0.0, min(left))) if left else None):
                    await self._changed.wait()
            except TimeoutError:
                # What the budget put off may be had by now.
                self.poll.fetch_new()
            self._changed.clear()

    def _is_ready(self, channel: Channel, now: float, wall: float) -> bool:
        return now >= channel.deadline or not self.poll.waits_for(channel.wish(self.poll.parts, wall))

    async def _send(self, channels: Iterable[Channel]) -> None:
        """Compose and send, with a breath now and then: ticks are not to wait for documents."""
        began = self._monotonic()
        for channel in channels:
            if not channel.followers:
                continue
            try:
                self._compose(channel)
            except Exception as error:
                self._failed(error)
                continue
            for client, names in tuple(channel.followers.items()):
                client.put(self._frame(channel, names))
            if self._monotonic() - began > _BREATH:
                await asyncio.sleep(0)
                began = self._monotonic()

    def _compose(self, channel: Channel) -> None:
        self.documents += 1
        channel.frames = {channel.names: self._encode(channel, channel.names)}

    def _frame(self, channel: Channel, names: tuple[str, ...]) -> bytes:
        """The newest document in this order of its symbols."""
        order = names if channel.kind == "quotes" else channel.names
        frame = channel.frames.get(order)
        if frame is None:
            frame = channel.frames[order] = self._encode(channel, order)
        return frame

    def _encode(self, channel: Channel, order: tuple[str, ...]) -> bytes:
        now, parts = self.poll.now(), self.poll.parts
        match channel.kind:
            case "quotes":
                return text_frame(self._quotes(order, parts, now))
            case "market":
                document: Mapping[str, object] = market_document(parts, now)
            case "hours":
                document = hours_document(parts, now, channel.names)
            case _:
                symbol = channel.names[0]
                document = profile_document(symbol, self._overlaid(parts, channel.names), now)
        return text_frame(json_text(document))

    def _quotes(self, symbols: Sequence[str], parts: Parts, now: float) -> bytes:
        known = [symbol for symbol in symbols if f"quote:{symbol}" not in self.poll.unknown]
        missing = [symbol for symbol in known if symbol not in self._rows]
        rows: list[QuoteDocument] = quotes_document(missing, self._overlaid(parts, missing), now)
        self._rows.update((row["symbol"], json_text(row)) for row in rows)
        return b"[" + b",".join(self._rows[symbol] for symbol in known) + b"]"

    def _overlaid(self, parts: Parts, symbols: Iterable[str]) -> Parts:
        """The parts, with what was pushed since laid over the quotes of these symbols."""
        pushed: dict[str, Part] = {}
        for symbol in symbols:
            part = parts.get(f"quote:{symbol}")
            if part is not None and isinstance(part.value, Quote) and symbol in self._hub.heard:
                value = overlaid(part.value, self._hub.board.row(symbol).said)
                pushed[f"quote:{symbol}"] = part._replace(value=value)
        return {**parts, **pushed} if pushed else parts

    def _fetch(self) -> None:
        """Fetch what became ours to fetch, or can be paid for now."""
        self.poll.fetch_new()
        self.poll.fetch_put_off()

    def _own_wish(self) -> frozenset[str]:
        """The parts that clients of this instance need."""
        parts, now = self.poll.parts, self.poll.now()
        return BASE.union(*(channel.wish(parts, now) for channel in self._channels.values()))

    def _wish(self, parts: Parts, now: float) -> frozenset[str]:
        return self._own_wish() | self._sharing.others
