"""Yahoo's streamer: who follows what, and what each connection is sent.

It keeps what was measured of the real one: subscriptions add up, and nothing
is ever acknowledged; of more than 100 symbols a connection the rest is silent,
unknown symbols take slots too; malformed input aborts the connection. The
first message about a symbol is its last known state.

Sending never waits: a client whose buffer is full is dropped.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed
from websockets.protocol import State

from tickstream.simulator.faults import FaultKind, Faults
from tickstream.simulator.frames import Frame, Message, afflicted
from tickstream.simulator.pace import Pace
from tickstream.simulator.prices import Prices
from tickstream.simulator.pushes import push
from tickstream.sources.yahoo.subscriptions import Malformed, read_subscriptions

__all__ = ["MOST_SYMBOLS", "Client", "Streamer", "Timing"]

MOST_SYMBOLS = 100
_MOST_UNSENT = 1_048_576
_ENDINGS = (FaultKind.CLOSE, FaultKind.HOLE)


@dataclass(frozen=True, slots=True)
class Timing:
    """Time as the streamer sees it."""

    now: Callable[[], float]
    later: Callable[[float, Callable[[], None]], None]
    """Calls a function after so many seconds."""
    snapshot_delay: float = 0.0


@dataclass(eq=False, slots=True)
class Client:
    """One connection, and what it follows."""

    socket: ServerConnection
    version: int
    flowed: float
    """When anything last went either way."""
    symbols: dict[str, float] = field(default_factory=dict)
    """Each symbol that takes a slot, and when it was last asked for."""
    sent: int = 0
    silent: bool = False
    """Whether it is sent no data any more."""
    ended: bool = False
    """Whether it was closed, aborted, or left half open."""
    unwritten: bool = False
    """Whether messages are framed and not yet written."""

    def put(self, message: Message) -> None:
        """Send without waiting; who does not read is dropped."""
        if self.silent:
            return
        if self.socket.transport.get_write_buffer_size() > _MOST_UNSENT:
            self.abort()
            return
        if self.socket.state is not State.OPEN:
            return
        # Framed now and written once for all messages of this turn of the loop: half the cost.
        if not self.unwritten:
            self.unwritten = True
            self.socket.loop.call_soon(self.flush)
        if isinstance(message, str):
            self.socket.protocol.send_text(message.encode())
        else:
            self.socket.protocol.send_binary(message)
        self.sent += 1

    def flush(self) -> None:
        """Write what was framed."""
        self.unwritten = False
        if data := b"".join(self.socket.protocol.data_to_send()):
            self.socket.transport.write(data)

    def abort(self) -> None:
        """End the connection without a close frame."""
        self.silent = self.ended = True
        self.socket.transport.abort()

    def close(self, code: int) -> None:
        """Begin to close with `code`; the client's answer ends the connection."""
        if code == 1006:
            self.abort()
            return
        self.silent = self.ended = True
        self.flush()
        # Written by hand: 1005, 1015 and codes that nobody may use have to go out as well.
        payload = b"" if code == 1005 else code.to_bytes(2, "big")
        self.socket.transport.write(bytes((0x88, len(payload))) + payload)

    def stop_answering(self) -> None:
        """Stay connected and answer nothing any more, not even pings."""
        self.silent = self.ended = True
        self.flush()
        self.socket.transport.pause_reading()


class Streamer:
    """All connections, and the pushes that go to them."""

    def __init__(self, prices: Prices, pace: Pace, faults: Faults, timing: Timing) -> None:
        self.clients: set[Client] = set()
        self.connects = 0
        self._prices = prices
        self._pace = pace
        self._faults = faults
        self._timing = timing
        self._followers: dict[str, set[Client]] = {}

    async def attend(self, socket: ServerConnection) -> None:
        """Serve one connection until it ends."""
        client = Client(socket, _version_of(socket), self._timing.now())
        self.connects += 1
        self.clients.add(client)
        try:
            self.strike(client)
            async for message in socket:
                client.flowed = self._timing.now()
                self._hear(client, message)
        except Malformed:
            client.abort()
        except ConnectionClosed:
            pass
        finally:
            self.clients.discard(client)
            for symbol in tuple(client.symbols):
                self._unsubscribe(client, symbol)

    def tick(self, symbol: str) -> bool:
        """Let `symbol` trade, and push that to all who follow it; False where nothing is traded."""
        quote = self._prices.tick(symbol, self._timing.now())
        if quote is None:
            return False
        frame = Frame(push(quote))
        for client in tuple(self._followers.get(symbol, ())):
            self._send(client, frame)
        return True

    def advance(self, now: float) -> None:
        """Push all that is due, and see to subscriptions and connections that end with time."""
        self._pace.advance(now, self.tick)
        if forget := self._faults.of(FaultKind.FORGET):
            for client in self.clients:
                for symbol, asked in tuple(client.symbols.items()):
                    if now - asked >= forget.number:
                        self._unsubscribe(client, symbol)
        if idle := self._faults.of(FaultKind.IDLE):
            for client in self.clients:
                if now - client.flowed >= idle.number and not client.ended:
                    self._faults.strike(FaultKind.IDLE)
                    client.close(1001)

    def strike(self, client: Client) -> None:
        """Let the faults that are due strike the connection itself."""
        if client.ended:
            return
        kinds = _ENDINGS if client.silent else (*_ENDINGS, FaultKind.MUTE)
        fault = self._faults.strike(*kinds, sent=client.sent)
        if fault is None:
            return
        match fault.kind:
            case FaultKind.CLOSE:
                client.close(int(fault.number))
            case FaultKind.HOLE:
                client.stop_answering()
            case FaultKind.MUTE:
                client.silent = True

    def _hear(self, client: Client, message: Message) -> None:
        for action, symbols in read_subscriptions(message):
            if action == "subscribe":
                self._subscribe(client, symbols)
            else:
                for symbol in symbols:
                    self._unsubscribe(client, symbol)

    def _subscribe(self, client: Client, symbols: list[str]) -> None:
        now = self._timing.now()
        new = []
        for symbol in symbols:
            if symbol in client.symbols or len(client.symbols) < MOST_SYMBOLS:
                client.symbols[symbol] = now
                new.append(symbol)
        if self._timing.snapshot_delay > 0:
            self._timing.later(self._timing.snapshot_delay, partial(self._begin, client, new))
        else:
            self._begin(client, new)

    def _begin(self, client: Client, symbols: list[str]) -> None:
        """Send the last known state of these, and from now on what they do."""
        now = self._timing.now()
        for symbol in symbols:
            quote = self._prices.quote(symbol, now)
            followers = self._followers.setdefault(symbol, set()) if quote else None
            # It may be followed already, or have been dropped by now.
            if quote is None or followers is None or symbol not in client.symbols or client in followers:
                continue
            followers.add(client)
            kind = quote.listing.kind
            self._pace.follow(symbol, 1.0 if quote.listing.lively else kind.gap, now)
            self._send(client, Frame(push(quote)))

    def _unsubscribe(self, client: Client, symbol: str) -> None:
        client.symbols.pop(symbol, None)
        followers = self._followers.get(symbol, set())
        followers.discard(client)
        if not followers:
            self._followers.pop(symbol, None)
            self._pace.unfollow(symbol)

    def _send(self, client: Client, frame: Frame) -> None:
        client.flowed = self._timing.now()
        if not self._faults:
            client.put(frame.text(client.version))
            return
        self.strike(client)
        if client.silent:
            return
        slow = self._faults.strike(FaultKind.SLOW, sent=client.sent)
        for message in afflicted(frame, client.version, self._faults, client.sent):
            if slow:
                self._timing.later(slow.number, partial(client.put, message))
            else:
                client.put(message)
        self.strike(client)


def _version_of(socket: ServerConnection) -> int:
    path = socket.request.path if socket.request else ""
    return 2 if parse_qs(urlsplit(path).query).get("version") == ["2"] else 1
