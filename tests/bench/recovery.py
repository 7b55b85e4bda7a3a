"""How soon trouble is noticed and over: processes of `watch` and `serve` before a streamer that misbehaves.

Nothing here is a ratio: times are waits, not work, so they are run all at once,
and a machine that is loaded makes them longer, never shorter.
"""

from __future__ import annotations

import asyncio
import json
import re
import signal
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress

from tests.bench.measure import TICKSTREAM, Row, environment
from tests.bench.watch import SYMBOLS, in_terminal
from tests.bench.wire import handshake
from tests.support.streamer import FakeStreamer, Visit, frame

COIN = "BTC-USD"
"""What always ticks, so that its silence means something."""
SHORT, LONG = 1.0, 10.0
"""Seconds of an outage."""
MANY = [f"S{number:03d}" for number in range(250)]
"""More symbols than two connections hold."""
EACH = 0.3
"""Seconds that each further connection may take."""


class Watcher:
    """A `tickstream watch --json --events`, and what it says of its link."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.waits: list[float] = []
        """Seconds until the next try, of each time that it said so."""

    async def until(self, state: str, *, but: bool = False) -> float:
        """When it said that its link is in this state, or, with `but`, in any other one."""
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            said = json.loads(line)
            if said.get("type") != "status":
                continue
            if said.get("retry_in") is not None:
                self.waits.append(said["retry_in"])
            if (said["state"] == state) != but:
                return time.monotonic()
        raise RuntimeError(f"watch ended before it was {'anything but ' if but else ''}{state}")

    async def end(self, number: int = signal.SIGINT) -> float:
        """Seconds from a signal to its end."""
        began = time.monotonic()
        self.process.send_signal(number)
        assert self.process.stdout is not None
        while await self.process.stdout.read(65536):
            pass
        await self.process.wait()
        return time.monotonic() - began


@asynccontextmanager
async def watching(url: str, *symbols: str) -> AsyncIterator[Watcher]:
    command = [*TICKSTREAM, "watch", *symbols, "--json", "--events", "--source", url]
    pipe, nothing = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=nothing, env=environment())
    try:
        yield Watcher(process)
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def tick(visit: Visit, symbol: str = COIN) -> None:
    await visit.send(frame(symbol, 100.0, int(time.time() * 1000), quote_type=41))


async def dead() -> float:
    """Seconds until a link is called dead that answers nothing any more."""
    return await _silence(lambda visit: visit.ws.transport.pause_reading())


async def mute() -> float:
    """Seconds until a link is called stale that is up, and says nothing of what always ticks."""
    return await _silence(lambda visit: None)


async def _silence(begin: Callable[[Visit], None]) -> float:
    began: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    async def script(visit: Visit) -> None:
        await visit.wish()
        await tick(visit)
        if not began.done():
            begin(visit)
            began.set_result(time.monotonic())
        await visit.stay()

    async with FakeStreamer(script, ping_interval=None).serving() as streamer, _first(streamer) as watcher:
        since = await began
        return await watcher.until("live", but=True) - since


@asynccontextmanager
async def _first(streamer: FakeStreamer, *symbols: str) -> AsyncIterator[Watcher]:
    """A watcher that is live."""
    async with watching(streamer.url, *(symbols or (COIN,))) as watcher:
        await watcher.until("live")
        yield watcher


class Wishes:
    """What the connections of one client asked for, and when they came."""

    def __init__(self, symbols: Sequence[str]) -> None:
        self._symbols = frozenset(symbols)
        self.forget()

    def forget(self) -> None:
        self.connected = float("inf")
        self._wished: set[str] = set()
        self._whole = asyncio.Event()

    def came(self, _: int) -> None:
        """Somebody connects; nobody is refused."""
        self.connected = min(self.connected, time.monotonic())

    async def attend(self, visit: Visit) -> None:
        wish = (await visit.wish())["subscribe"]
        self._wished.update(wish)
        if self._wished >= self._symbols:
            self._whole.set()
        await tick(visit, wish[0])
        await visit.stay()

    async def whole(self) -> float:
        """When all symbols were subscribed."""
        async with asyncio.timeout(120):
            await self._whole.wait()
        return time.monotonic()


async def outage(seconds: float, symbols: Sequence[str]) -> tuple[float, float, float]:
    """An upstream that is away so long. Seconds until it is connected to again, the longest wait that was
    announced before, and seconds until all symbols are subscribed after that."""
    wishes = Wishes(symbols)
    streamer = FakeStreamer(wishes.attend, refuse=wishes.came)
    async with AsyncExitStack() as stack:
        async with streamer.serving():
            watcher = await stack.enter_async_context(_first(streamer, *symbols))
            await wishes.whole()
        stack.enter_context(_draining(watcher))
        wishes.forget()
        await asyncio.sleep(seconds)
        async with streamer.serving(streamer.port):
            back = time.monotonic()
            whole = await wishes.whole()
    return wishes.connected - back, max(watcher.waits), whole - wishes.connected


@contextmanager
def _draining(watcher: Watcher) -> Iterator[None]:
    """Read what it says, for the waits that it announces."""
    reading = asyncio.create_task(watcher.until("closed"))
    try:
        yield
    finally:
        reading.cancel()


async def quitting() -> dict[str, float]:
    """Seconds from Ctrl-C to the end, by the state it was in."""

    async def live(visit: Visit) -> None:
        await visit.wish()
        await tick(visit)
        await visit.stay()

    async def stuck(visit: Visit) -> None:
        await visit.wish()
        await tick(visit)
        visit.ws.transport.pause_reading()
        await visit.stay()

    found: dict[str, float] = {}
    for name, script in {"live": live, "half open": stuck}.items():
        streamer = FakeStreamer(script, ping_interval=None)
        async with streamer.serving(), _first(streamer) as watcher:
            found[name] = await watcher.end()
    found["away"] = await _quit_at(_free_port(), "backoff")
    async with _silent_listener() as port:
        found["handshake"] = await _quit_at(port, "connecting")
    return found


async def _quit_at(port: int, state: str) -> float:
    async with watching(f"ws://127.0.0.1:{port}/?version=2", COIN) as watcher:
        await watcher.until(state)
        await asyncio.sleep(0.5)
        return await watcher.end()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@asynccontextmanager
async def _silent_listener() -> AsyncIterator[int]:
    """A port that takes connections, and answers none."""
    waiting = asyncio.Event()

    async def keep(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await waiting.wait()
        writer.transport.abort()

    server = await asyncio.start_server(keep, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        waiting.set()
        server.close()
        await asyncio.sleep(0)


async def typed() -> float:
    """Seconds from q to the end of a live table, in a terminal."""
    return await asyncio.to_thread(_typed)


def _typed() -> float:
    with in_terminal([*TICKSTREAM, "watch", *SYMBOLS, "--demo"]) as terminal:
        terminal.until(b"live")
        began = time.monotonic()
        terminal.type(b"q")
        terminal.process.wait(30)
        return time.monotonic() - began


async def draining(clients: int = 200) -> float:
    """Seconds from SIGTERM to the end of a server, of whose clients none ever says good-bye."""
    command = [*TICKSTREAM, "serve", "--demo", "--port", "0"]
    process = await asyncio.create_subprocess_exec(
        *command, stderr=asyncio.subprocess.PIPE, env=environment()
    )
    assert process.stderr is not None
    sockets: list[socket.socket] = []
    try:
        port = 0
        while not port:
            found = re.search(rb"url=http://\S+?:(\d+)/", await process.stderr.readline())
            port = int(found[1]) if found else 0
        for _ in range(clients):
            one = socket.create_connection(("127.0.0.1", port), 30.0)
            one.sendall(handshake(port, "/market"))
            sockets.append(one)
        await asyncio.sleep(1.0)
        began = time.monotonic()
        process.terminate()
        while await process.stderr.read(65536):
            pass
        await process.wait()
        return time.monotonic() - began
    finally:
        for one in sockets:
            one.close()
        with suppress(ProcessLookupError):
            process.kill()


async def measure() -> list[Row]:
    outages = asyncio.gather(outage(SHORT, [COIN]), outage(LONG, [COIN]), outage(SHORT, MANY))
    gone, silent, (short, long, many) = await asyncio.gather(dead(), mute(), outages)
    quits = await quitting() | {"a table": await typed()}
    drained = await draining()
    worst = max(quits, key=lambda name: quits[name])
    further = (len(MANY) - 1) // 100
    return [
        _row("recovery: a dead link is noticed, in seconds", gone, 16.0),
        _row("… a mute one, while something should tick", silent, 75.0),
        _row(f"… upstream back after {SHORT:g} s: connected", short[0], 3.0),
        _row(f"… after {LONG:g} s: connected, within the longest wait that was announced", long[0], long[1]),
        _row("… all symbols subscribed after that", short[2], 1.0),
        _row(f"… {len(MANY)} symbols, by {further + 1} connections", many[2], 1.0 + EACH * further),
        _row(f"… quit, the slowest of {', '.join(quits)} ({worst})", quits[worst], 1.0),
        _row("… a server with 200 clients that never say good-bye ends", drained, 10.0),
    ]


def _row(name: str, seconds: float, bar: float) -> Row:
    return Row(name, f"{seconds:.2f} s", "-", seconds, "<=", round(bar, 2))


def rows() -> list[Row]:
    return asyncio.run(measure())
