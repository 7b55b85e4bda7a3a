"""A real Redis on a free loopback port."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from tests.support.chaos import Proxy, proxied

__all__ = ["REDIS", "Proxy", "Redis", "free_port", "needs_redis", "proxied", "redis"]

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


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
