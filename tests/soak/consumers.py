"""Those who take what is sent, and keep an account of it: lines, tables, and clients of the servers."""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
import termios
import time
from contextlib import suppress
from typing import Any, ClassVar

import pexpect
import pyte
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from tests.bench.wire import handshake, wish
from tests.soak.child import BUG, LONG, Child
from tests.soak.ledger import SYMBOLS, Account, number_of, price_of
from tests.support.process import TICKSTREAM, environment

__all__ = ["Lines", "Stuck", "Table", "Ticks", "Views"]


class Lines(Child):
    """`watch --json --events` in a pipe, whose reader may pause."""

    def __init__(self, name: str, source: str) -> None:
        super().__init__(name, [*TICKSTREAM, "watch", *SYMBOLS, "--json", "--events", "--source", source])
        self.account = Account(name, every=True)
        self.reading = asyncio.Event()
        self.reading.set()
        self.read = self._read

    async def _read(self, stream: asyncio.StreamReader) -> None:
        async for line in stream:
            await self.reading.wait()
            take(self.account, line)


class Table:
    """`watch` in a terminal of its own, read as people do: what stands on the screen."""

    ROW = re.compile(r"^.(" + "|".join(SYMBOLS) + r") +.*?([\d,]+\.\d\d) ")
    MODES = re.compile(rb"\x1b\[\?(1049|25|7)([hl])")
    GIVEN_BACK: ClassVar = {b"1049": b"l", b"25": b"h", b"7": b"h"}

    def __init__(self, name: str, source: str, columns: int = 100, lines: int = 24) -> None:
        self.name, self.account = name, Account(name, every=False)
        self.bugs: list[str] = []
        self.reconnects = 0
        """The most that its footer said."""
        self._source, self._size = source, (lines, columns)
        self._screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self._screen)
        self._tail = b""
        self._modes = dict(self.GIVEN_BACK)
        self._lower: dict[str, int] = {}

    @property
    def pid(self) -> int:
        return int(self._child.pid or 0)

    async def start(self) -> None:
        program, *rest = TICKSTREAM
        command = [*rest, "watch", *SYMBOLS, "--source", self._source]
        self._child = pexpect.spawn(
            program, command, env=environment(), dimensions=self._size, echo=True, timeout=LONG
        )
        self._before = self.termios()
        asyncio.get_running_loop().add_reader(self._child.child_fd, self._take)

    def termios(self) -> list[Any]:
        """The settings of the terminal."""
        return termios.tcgetattr(self._child.child_fd)

    def send_signal(self, number: int) -> None:
        self._child.kill(number)

    def resize(self, columns: int, lines: int) -> None:
        self._screen.resize(lines, columns)
        self._child.setwinsize(lines, columns)

    @property
    def lines(self) -> list[str]:
        return [str(line) for line in self._screen.display]

    def look(self) -> None:
        """Read what stands there. A number counts as lower only when it still is at the next look."""
        lower: dict[str, int] = {}
        for line in self.lines:
            if (found := self.ROW.match(line)) is None:
                continue
            symbol, number = found[1], number_of(float(found[2].replace(",", "")))
            if number >= self.account.last.get(symbol, 0) or symbol in self._lower:
                self.account.tick({"id": symbol, "day_volume": number, "price": price_of(number)})
            else:
                lower[symbol] = number
        self._lower = lower
        footer = self.lines[-1]
        self.account.live = "● live" in footer
        if found := re.search(r"(\d+) reconnects?", footer):
            self.reconnects = max(self.reconnects, int(found[1]))

    async def ended(self, key: str) -> int:
        """Its exit code after a key was pressed."""
        self._child.send(key)
        deadline = time.monotonic() + LONG
        while self._child.isalive():
            if time.monotonic() > deadline:
                self._child.kill(9)
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.2)  # for the last of what it wrote
        code = self._child.exitstatus
        return -int(self._child.signalstatus or 0) if code is None else int(code)

    @property
    def wrong(self) -> list[str]:
        """What is not as it was before, now that it has ended."""
        kept = {"25": "the cursor", "1049": "the normal screen", "7": "wrapped lines"}
        missing = [
            f"{self.name}: {kept[mode.decode()]} is not given back"
            for mode, state in self._modes.items()
            if state != self.GIVEN_BACK[mode]
        ]
        same = self.termios() == self._before
        return missing + ([] if same else [f"{self.name}: the terminal's settings are not as before"])

    def close(self) -> None:
        if hasattr(self, "_child"):
            asyncio.get_running_loop().remove_reader(self._child.child_fd)
            self._child.close(force=True)

    def _take(self) -> None:
        try:
            data = os.read(self._child.child_fd, 65536)
        except OSError:
            data = b""
        if not data:
            asyncio.get_running_loop().remove_reader(self._child.child_fd)
            return
        self._stream.feed(data)
        seen = self._tail + data
        self._modes |= {found[1]: found[2] for found in self.MODES.finditer(seen)}
        if BUG.search(seen.decode(errors="replace")) and not self.bugs:
            self.bugs.append(f"{self.name}: {seen.decode(errors='replace')!r}")
        self._tail = data[-64:]


class Client:
    """A WebSocket client of a server that comes back whenever it is lost."""

    def __init__(self, name: str, url: str, first: str) -> None:
        self.name, self._url, self._first = name, url, first
        self.lost = 0

    def take(self, message: str | bytes) -> None:
        raise NotImplementedError

    async def run(self) -> None:
        # Pings are the server's to send: what is tried here is what it does.
        options: dict[str, Any] = {"proxy": None, "ping_interval": None, "max_queue": 1024}
        while True:
            with suppress(OSError, WebSocketException, TimeoutError):
                async with connect(self._url, **options) as ws:
                    if self._first:
                        await ws.send(self._first)
                    async for message in ws:
                        self.take(message)
            self.lose()
            await asyncio.sleep(0.5)

    def lose(self) -> None:
        """The link is lost."""
        self.lost += 1


class Ticks(Client):
    """A client of `/stream`: each push, or rows."""

    def __init__(self, name: str, place: str, *, every: bool) -> None:
        path = f"/stream?format=json&events=1{'&every=0' if every else ''}"
        super().__init__(name, f"ws://{place}{path}", json.dumps({"subscribe": SYMBOLS}))
        self.account = Account(name, every=every)
        self._heard = 0.0
        self._anew = False

    def take(self, message: str | bytes) -> None:
        now = time.time()
        if self._anew and b'"type":' not in data_of(message):
            # Whoever sees a link end knows no more than when something last came over it.
            self.account.gap(self._heard, now)
            self._anew = False
        if not self._anew:
            self._heard = now
        take(self.account, message)

    def lose(self) -> None:
        super().lose()
        self._anew, self.account.live = bool(self._heard), False


class Views(Client):
    """A client of a view: how many documents come, and how long none does."""

    def __init__(self, name: str, place: str, path: str, first: str = "") -> None:
        super().__init__(name, f"ws://{place}{path}", first)
        self.documents = 0
        self.longest = 0.0
        self._last = 0.0

    def take(self, message: str | bytes) -> None:
        json.loads(message)
        now = time.monotonic()
        self.longest = max(self.longest, now - self._last if self._last else 0.0)
        self.documents, self._last = self.documents + 1, now


class Stuck:
    """A client that wants each push and never reads."""

    def __init__(self, place: str) -> None:
        port = int(place.rpartition(":")[2])
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        # As on a network: loopback's segments of 64 KiB would come by one in a minute.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1400)
        self._socket.connect(("127.0.0.1", port))
        path = "/stream?format=json&every=0"
        self._socket.sendall(handshake(port, path))
        self._socket.sendall(wish(path, list(SYMBOLS)))

    def close(self) -> None:
        self._socket.close()


def data_of(message: str | bytes) -> bytes:
    return message.encode() if isinstance(message, str) else message


def take(account: Account, line: str | bytes) -> None:
    """A line of JSON: a tick, or an event."""
    said = json.loads(line)
    if "type" in said:
        account.event(said)
    else:
        account.tick(said)
