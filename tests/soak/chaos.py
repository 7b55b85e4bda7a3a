"""A proxy that is trouble: what `tests.support.redis.Proxy` does, and half-closes, slowness, and refusals.

It passes on in order and with back-pressure, and counts the WebSockets that came about through it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from tests.support.redis import Proxy

__all__ = ["Chaos", "chaos"]

_UPGRADED = b"HTTP/1.1 101"
_SLICE = 1024
"""Bytes that a slow link takes at a time."""


class Chaos(Proxy):
    """One such proxy, in front of a loopback port."""

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.refuses = False
        """Whether new connections are accepted and cut at once."""
        self.slow = 0.0
        """Seconds that each slice takes, in either direction."""
        self.upgrades = 0
        self._clients: set[asyncio.StreamWriter] = set()

    def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.refuses:
            writer.transport.abort()
            return
        self._clients.add(writer)
        super().connected(reader, writer)

    def half_close(self) -> None:
        """Say the end to all who are connected, and go on listening to them."""
        self.half_open()
        for writer in self._clients:
            with suppress(OSError, RuntimeError):
                writer.write_eof()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(_SLICE if self.slow else 65536):
                if writer in self._deaf:
                    continue
                self.upgrades += writer in self._clients and data.startswith(_UPGRADED)
                await asyncio.sleep(self.slow)
                # Meanwhile it may have become deaf.
                if writer not in self._deaf:
                    writer.write(data)
                    await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()
            for kept in (self._writers, self._deaf, self._clients):
                kept.discard(writer)


@asynccontextmanager
async def chaos(port: int) -> AsyncIterator[Chaos]:
    proxy = Chaos(port)
    server = await asyncio.start_server(proxy.connected, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
        await proxy.close()
