"""A real Redis on a free loopback port, and a line to it that can be disturbed."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

import pytest

REDIS = shutil.which("redis-server")
needs_redis = pytest.mark.skipif(REDIS is None, reason="there is no redis-server on this machine")
LONG = 20.0


class Redis:
    """A Redis server that can be stopped and started again, with nothing kept.

    With `sentinel`, a file of settings, it is a Sentinel.
    """

    def __init__(self, *options: str, sentinel: str = "") -> None:
        self.port = free_port()
        self._options, self._sentinel = options, sentinel
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        assert REDIS is not None
        first = [self._sentinel] if self._sentinel else []
        last = ["--sentinel"] if self._sentinel else ["--save", "", "--appendonly", "no"]
        place = ["--port", str(self.port), "--bind", "127.0.0.1"]
        command = [REDIS, *first, *place, *last, *self._options]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + LONG
        while not self._answers():
            assert time.monotonic() < deadline, "redis-server did not start"
            assert self._process.poll() is None, "redis-server ended"

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(LONG)
            self._process = None

    def command(self, *words: str | bytes) -> bytes:
        """Have it do something; its answer as it stands on the wire."""
        parts = [word if isinstance(word, bytes) else word.encode() for word in words]
        lines = [b"*%d\r\n" % len(parts), *(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)]
        with socket.create_connection(("127.0.0.1", self.port), LONG) as connection:
            connection.sendall(b"".join(lines))
            return connection.recv(65536)

    @property
    def stopped(self) -> bool:
        return self._process is None

    def _answers(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1.0) as connection:
            connection.sendall(b"PING\r\n")
            return bool(connection.recv(64))
        return False


@contextmanager
def redis(*options: str) -> Iterator[Redis]:
    server = Redis(*options)
    server.start()
    try:
        yield server
    finally:
        server.stop()


class Proxy:
    """A TCP proxy: it passes all on, holds all back, or is slow to pass it on."""

    def __init__(self, port: int) -> None:
        self.port = 0
        self.holds = False
        """Whether nothing gets through, in either direction, while connections stay open."""
        self.delay = 0.0
        """Seconds by which each piece is late."""
        self._target = port
        self._closed = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._deaf: set[asyncio.StreamWriter] = set()

    def half_open(self) -> None:
        """Let nothing come back on the connections that there are, which stay open; new ones are sound."""
        self._deaf |= self._writers

    def reset(self) -> None:
        """Cut all connections."""
        for writer in self._writers:
            writer.transport.abort()

    def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # Called while the connection is made: no moment is left in which nobody would close it.
        self._writers.add(writer)
        if self._closed:
            writer.transport.abort()
        else:
            self._start(self._connect(reader, writer))

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            back, forth = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.transport.abort()
            return
        self._writers.add(forth)
        self._start(self._pass(reader, forth))
        self._start(self._pass(back, writer))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        try:
            while data := await reader.read(65536):
                if self.holds or writer in self._deaf:
                    continue
                if self.delay:
                    loop.call_later(self.delay, writer.write, data)
                else:
                    writer.write(data)
        except OSError:
            pass
        finally:
            writer.close()

    async def close(self) -> None:
        self._closed = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.reset()


@asynccontextmanager
async def proxied(port: int) -> AsyncIterator[Proxy]:
    """A proxy in front of a loopback port."""
    proxy = Proxy(port)
    server = await asyncio.start_server(proxy.connected, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
        await proxy.close()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
