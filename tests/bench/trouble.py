"""Clients that are trouble: `python -m tests.bench.trouble PORT PATH`.

One never reads, one reads 1 kB/s, and 100 come each second, stay for one, and
go without a word. It runs until its stdin ends; then it says how many came,
after how many seconds the one that never reads was cut off, counted from when
nothing more reached it, and how much the slow one had.
"""

from __future__ import annotations

import asyncio
import json
import select
import socket
import struct
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import suppress
from fcntl import ioctl
from itertools import count

from tests.bench.wire import handshake, raise_open_files, sets, wish

COME = 100
SMALL = 4096


class Trouble:
    """All of them, and what became of them."""

    def __init__(self, port: int, path: str) -> None:
        self.figures: dict[str, float | None] = {"came": 0, "refused": 0, "stuck": None, "slow": 0}
        self._port, self._path = port, path
        self._wishes: Iterator[list[str]] = sets(3)

    async def never_reads(self) -> None:
        one = await self._connected()
        poll = select.poll()
        poll.register(one, 0)
        held, since = -1, 0.0
        while not poll.poll(0):
            (now,) = struct.unpack("i", ioctl(one, termios.FIONREAD, b"\0" * 4))
            if now != held:
                held, since = now, time.monotonic()
            await asyncio.sleep(0.05)
        self.figures["stuck"] = time.monotonic() - since
        one.close()

    async def reads_slowly(self) -> None:
        one = await self._connected()
        with suppress(OSError):
            while data := await asyncio.get_running_loop().sock_recv(one, 100):
                self.figures["slow"] = (self.figures["slow"] or 0) + len(data)
                await asyncio.sleep(0.1)
        self.figures["slow"] = -1

    async def come_and_go(self, number: int) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time() + number / COME
        for turn in count():
            await asyncio.sleep(began + turn - loop.time())
            reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
            try:
                writer.write(handshake(self._port, self._path))
                head = await reader.readuntil(b"\r\n\r\n")
                writer.write(wish(self._path, next(self._wishes)))
                self.figures["came" if b" 101 " in head else "refused"] += 1  # type: ignore[operator]
                with suppress(TimeoutError):
                    async with asyncio.timeout(began + turn + 1 - loop.time()):
                        while await reader.read(65536):
                            pass
            except (OSError, asyncio.IncompleteReadError):
                self.figures["refused"] += 1  # type: ignore[operator]
            writer.transport.abort()

    async def _connected(self) -> socket.socket:
        """A client with little room, that has said what it follows and read nothing of that."""
        one = socket.socket()
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
        # As on a network: loopback's segments of 64 KiB would come by one in a minute.
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1400)
        one.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(one, ("127.0.0.1", self._port))
        await loop.sock_sendall(one, handshake(self._port, self._path))
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += await loop.sock_recv(one, 1)
        await loop.sock_sendall(one, wish(self._path, next(self._wishes)))
        return one


async def main(port: str, path: str) -> None:
    trouble = Trouble(int(port), path)
    async with asyncio.TaskGroup() as group:
        work = [group.create_task(one) for one in (trouble.never_reads(), trouble.reads_slowly())]
        work += [group.create_task(trouble.come_and_go(number)) for number in range(COME)]
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.read)
        for task in work:
            task.cancel()
    print(json.dumps(trouble.figures), flush=True)


if __name__ == "__main__":
    raise_open_files()
    asyncio.run(main(*sys.argv[1:]))
