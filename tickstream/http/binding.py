"""Listening sockets that keep their wits when the process has no file descriptor left.

asyncio goes on accepting where there is none (CPython 3.11): it fails as often as
its backlog is long, logs each, comes back a second later as often again, and does so
after the server has closed. libuv, and uvloop with it, keeps one descriptor spare to
turn away whom it has none for. So do these.
"""

from __future__ import annotations

import asyncio
import errno
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any

__all__ = ["ListeningSocket", "bind"]

_NONE_LEFT = (errno.EMFILE, errno.ENFILE)


class ListeningSocket(socket.socket):
    """A listening socket that turns away whom there is no descriptor for, and calls `full`."""

    def __init__(self, fileno: int, full: Callable[[], None]) -> None:
        super().__init__(fileno=fileno)
        self._full = full
        self._spare = _open_spare()

    def accept(self) -> tuple[socket.socket, Any]:
        try:
            return super().accept()
        except OSError as error:
            if error.errno not in _NONE_LEFT:
                raise
        self._turn_away()
        self._full()
        raise BlockingIOError  # what asyncio takes for "nobody is waiting any more"

    def close(self) -> None:
        self._give_spare()
        super().close()

    def _turn_away(self) -> None:
        self._give_spare()
        with suppress(OSError):
            super().accept()[0].close()
        self._spare = _open_spare()

    def _give_spare(self) -> None:
        spare, self._spare = self._spare, None
        if spare is not None:
            os.close(spare)


def _open_spare() -> int | None:
    with suppress(OSError):
        return os.open(os.devnull, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
    return None


async def bind(
    host: str, port: int, backlog: int, full: Callable[[], None] = lambda: None
) -> list[ListeningSocket]:
    """A listening socket for each address of `host`, all on one port; an empty host is every address.

    Raises:
        OSError: one of them cannot be listened on; then none is.
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    sockets: list[ListeningSocket] = []
    try:
        for family, address in dict.fromkeys((family, address) for family, _, _, _, address in found):
            # Where the system chooses the port, it does so once.
            chosen = sockets[0].getsockname()[1] if sockets else port
            bound = socket.create_server(
                (address[0], chosen, *address[2:]),
                family=family,
                backlog=backlog,
            )
            sockets.append(ListeningSocket(bound.detach(), full))
    except OSError:
        for opened in sockets:
            opened.close()
        raise
    return sockets
