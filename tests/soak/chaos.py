"""A proxy that is trouble for as long as one likes: what `tests.support.chaos` does, slowness, and refusals.

It passes on in order and with back-pressure, and counts the WebSockets that came about through it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.support.chaos import Proxy

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

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.refuses:
            writer.transport.abort()
        else:
            super()._connected(reader, writer)

    async def _pass_on(self, data: bytes, writer: asyncio.StreamWriter) -> None:
        self.upgrades += writer in self._clients and data.startswith(_UPGRADED)
        size = _SLICE if self.slow else len(data)
        for start in range(0, len(data), size):
            await asyncio.sleep(self.slow)
            await super()._pass_on(data[start : start + size], writer)
            if not writer.is_closing():
                await writer.drain()


@asynccontextmanager
async def chaos(port: int) -> AsyncIterator[Chaos]:
    proxy = Chaos(port)
    await proxy.accept()
    try:
        yield proxy
    finally:
        await proxy.close()
