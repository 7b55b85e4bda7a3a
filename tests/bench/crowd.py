"""A crowd of clients that read bytes and discard them: `python -m tests.bench.crowd PORT PATH COUNT SEED`.

They all connect at once, and answer pings, or they would be cut off. It says
on stdout how many seconds passed until the last of them had its first data,
then reads until its stdin ends, and says how many bytes came and how many
connections were lost. With `quiet` for a seed they follow what never ticks.
"""

from __future__ import annotations

import json
import select
import socket
import sys
import time
from collections.abc import Iterator
from itertools import repeat

from tests.bench.wire import handshake, raise_open_files, sets, wish

READ = 262_144
PING = b"\x89\x04"
"""How a ping of websockets begins; no byte of our payloads has its highest bit set."""
NEVER = ["NOSUCH1"]
"""What no upstream ever says anything of."""
PONG = b"\x8a\x84\0\0\0\0"
"""How its answer begins, masked with nothing."""


class Crowd:
    """Sockets, each in one of three states: shaking hands, waiting for data, having had some."""

    def __init__(self, port: int, path: str, wishes: Iterator[list[str]]) -> None:
        self.bytes = self.lost = 0
        self._port, self._path, self._wishes = port, path, wishes
        self._hello = handshake(port, path)
        self._sockets: dict[int, socket.socket] = {}
        self._heads: dict[int, bytes] = {}
        self.waiting: set[int] = set()
        """Those that had no data yet."""
        self._poll = select.epoll()
        self._buffer = bytearray(READ)

    def connect(self, count: int) -> None:
        for _ in range(count):
            one = socket.create_connection(("127.0.0.1", self._port), 60.0)
            one.setblocking(False)
            one.send(self._hello)
            number = one.fileno()
            self._sockets[number], self._heads[number] = one, b""
            self.waiting.add(number)
            self._poll.register(number, select.EPOLLIN)
            self.read(0.0)

    def watch(self, number: int) -> None:
        self._poll.register(number, select.EPOLLIN)

    def read(self, timeout: float) -> set[int]:
        """Read what is there; the descriptors that are none of the crowd's and have something."""
        others = set()
        for number, _ in self._poll.poll(timeout):
            if number in self._sockets:
                self._read(number)
            else:
                others.add(number)
        return others

    def _read(self, number: int) -> None:
        try:
            count = self._sockets[number].recv_into(self._buffer)
        except OSError:
            count = 0
        if not count:
            self.lost += 1
            self.waiting.discard(number)
            self._poll.unregister(number)
            self._sockets.pop(number).close()
        elif number in self._heads:
            self._greet(number, bytes(self._buffer[:count]))
        else:
            self.bytes += count
            self.waiting.discard(number)
            if (place := self._buffer.find(PING, 0, count)) >= 0:
                self._sockets[number].send(PONG + self._buffer[place + 2 : place + 6])

    def _greet(self, number: int, data: bytes) -> None:
        head = self._heads[number] = self._heads[number] + data
        if b"\r\n\r\n" not in head:
            return
        if b" 101 " not in head[:20]:
            sys.exit(f"refused: {head[:100]!r}")
        del self._heads[number]
        symbols = next(self._wishes)
        self._sockets[number].send(wish(self._path, symbols))
        if symbols is NEVER:
            self.waiting.discard(number)


def main() -> None:
    port, path, count, seed = sys.argv[1:]
    raise_open_files()
    began = time.monotonic()
    crowd = Crowd(int(port), path, repeat(NEVER) if seed == "quiet" else sets(int(seed)))
    crowd.connect(int(count))
    while crowd.waiting:
        crowd.read(1.0)
    print(time.monotonic() - began, flush=True)
    crowd.watch(sys.stdin.fileno())
    while not crowd.read(1.0):
        pass
    print(json.dumps({"bytes": crowd.bytes, "lost": crowd.lost}), flush=True)


if __name__ == "__main__":
    main()
