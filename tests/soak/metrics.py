"""What a server says of itself at /metrics."""

from __future__ import annotations

import asyncio
from contextlib import closing

__all__ = ["read_metrics"]


async def read_metrics(place: str) -> dict[str, float]:
    """Its numbers by their names, labels and all, without `tickstream_`; none where it does not answer."""
    host, _, port = place.rpartition(":")
    try:
        async with asyncio.timeout(5.0):
            reader, writer = await asyncio.open_connection(host, int(port))
            with closing(writer):
                writer.write(f"GET /metrics HTTP/1.1\r\nHost: {place}\r\nConnection: close\r\n\r\n".encode())
                text = (await reader.read()).decode()
    except (OSError, TimeoutError):
        return {}
    lines = [line for line in text.splitlines() if line.startswith("tickstream_")]
    pairs = (line.removeprefix("tickstream_").rpartition(" ")[::2] for line in lines)
    return {name: float(value) for name, value in pairs}
