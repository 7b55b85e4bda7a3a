"""Work that goes on whatever happens to it: a bug that is met is told, and costs one round."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

__all__ = ["keep"]


async def keep(
    work: Callable[[], Awaitable[None]], again: float, failed: Callable[[Exception], None]
) -> None:
    """Do `work` until cancelled, anew `again` seconds after it ended or failed."""
    while True:
        try:
            await work()
        except Exception as error:
            failed(error)
        await asyncio.sleep(again)
