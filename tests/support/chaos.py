"""A line that can be disturbed, in front of whatever listens on a loopback port: simulator, server, Redis.

It passes all on as it comes. A test makes it worse while it runs: `holds`,
`delay` and `piece` are for what passes from then on, `reset`, `half_open`,
`half_close` and `cut` for the connections that there are, `refuse` and
`accept` for those to come.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

__all__ = ["Proxy", "proxied", "proxied_in_a_thread"]

_AT_ONCE = struct.pack("ii", 1, 0)
"""What SO_LINGER is told, so that closing is a RST."""


class Proxy:
    """A TCP proxy: it passes all on, until it is told otherwise."""

    def __init__(self, port: int) -> None:
        self.port = 0
        self.holds = False
        """Whether nothing gets through, in either direction, while connections stay open."""
        self.delay = 0.0
        """Seconds by which each piece is late."""
        self.piece = 0
        """The most bytes that come together; each piece is sent by itself. 0: as they come."""
        self.accepted = 0
        """How many connections there were."""
        self._target = port
        self._closed = False
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._clients: set[asyncio.StreamWriter] = set()
        self._targets: set[asyncio.StreamWriter] = set()
        self._deaf: set[asyncio.StreamWriter] = set()

    def half_open(self) -> None:
        """Let nothing come back on the connections that there are, which stay open; new ones are sound."""
        self._deaf |= self._clients | self._targets

    def half_close(self) -> None:
        """Say the end to all clients, and nothing more; what they say is passed on."""
        self._deaf |= self._clients
        for writer in self._clients:
            if writer.can_write_eof() and not writer.is_closing():
                writer.write_eof()

    def reset(self) -> None:
        """End all connections with a RST, at both ends."""
        for writer in self._clients | self._targets:
            end: socket.socket | None = writer.get_extra_info("socket")
            if end is not None and not writer.is_closing():
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        self.cut()

    def cut(self) -> None:
        """End all connections, at both ends, in the middle of whatever is said."""
        for writer in self._clients | self._targets:
            writer.transport.abort()

    def refuse(self) -> None:
        """Have nobody listen any more; who is connected stays so."""
        if self._server is not None:
            self._server.close()
            self._server = None

    async def accept(self) -> None:
        """Listen, on the same port whenever it is called."""
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # Called while the connection is made: no moment is left in which nobody would close it.
        self._clients.add(writer)
        self.accepted += 1
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
        self._targets.add(forth)
        self._start(self._pass(reader, forth))
        self._start(self._pass(back, writer))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                await self._pass_on(data, writer)
        except OSError:
            pass
        finally:
            writer.close()
            for kept in (self._clients, self._targets, self._deaf):
                kept.discard(writer)

    async def _pass_on(self, data: bytes, writer: asyncio.StreamWriter) -> None:
        size = self.piece or len(data)
        for start in range(0, len(data), size):
            if self.holds or writer in self._deaf:
                return
            piece = data[start : start + size]
            if self.delay:
                asyncio.get_running_loop().call_later(self.delay, _write, writer, piece)
                continue
            _write(writer, piece)
            if self.piece:
                # What is written at once may arrive at once: let the other end read it first.
                await writer.drain()
                await asyncio.sleep(0)

    async def close(self) -> None:
        self._closed = True
        self.refuse()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.cut()


def _write(writer: asyncio.StreamWriter, data: bytes) -> None:
    if not writer.is_closing():
        writer.write(data)


@asynccontextmanager
async def proxied(port: int) -> AsyncIterator[Proxy]:
    """A proxy in front of a loopback port."""
    proxy = Proxy(port)
    await proxy.accept()
    try:
        yield proxy
    finally:
        await proxy.close()


Act = Callable[[Callable[[], Any]], None]


@contextmanager
def proxied_in_a_thread(port: int) -> Iterator[tuple[Proxy, Act]]:
    """A proxy for tests that block, and what has it do something: `act(proxy.reset)`."""
    proxy, loop = Proxy(port), asyncio.new_event_loop()
    ready, stop = threading.Event(), asyncio.Event()

    async def pass_on() -> None:
        await proxy.accept()
        ready.set()
        await stop.wait()
        await proxy.close()

    async def done(what: Callable[[], Any]) -> None:
        made = what()
        if asyncio.iscoroutine(made):
            await made

    def act(what: Callable[[], Any]) -> None:
        asyncio.run_coroutine_threadsafe(done(what), loop).result(30)

    def run() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(pass_on())

    thread = threading.Thread(target=run, name="chaos")
    thread.start()
    assert ready.wait(30)
    try:
        yield proxy, act
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
