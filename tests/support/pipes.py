"""Pipes: one for a test, read to its end or filled to the brim."""

from __future__ import annotations

import os
from contextlib import suppress

Pipe = tuple[int, int]
"""Where to read, and where to write."""


def read_all(fd: int) -> bytes:
    return b"".join(iter(lambda: os.read(fd, 65536), b""))


def fill(fd: int) -> int:
    """Fill the pipe to the brim; how many bytes that took."""
    os.set_blocking(fd, False)
    size = 0
    with suppress(BlockingIOError):
        while True:
            size += os.write(fd, b"x")
    os.set_blocking(fd, True)
    return size
