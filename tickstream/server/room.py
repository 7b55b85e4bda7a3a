"""Room for connections before they have said a word.

Each takes a file descriptor for as long as it may be silent, so nobody may have many
of those, and some are left for upstream, Redis and the keys whatever comes.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable

from tickstream.server.addresses import counted_as
from tickstream.server.gate import Gate

if sys.platform != "win32":  # which has no such limit
    import resource

__all__ = ["RESERVE", "Room", "descriptor_limit", "raise_descriptor_limit"]

RESERVE = 64
"""File descriptors that are not for clients."""
_UNOPENED = 5
"""Connections of an address that are no WebSockets, or not yet, for each that may be one."""


def descriptor_limit() -> int | None:
    """How many file descriptors this process may have; None where there is no limit."""
    if sys.platform == "win32":
        return None
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return None if soft == resource.RLIM_INFINITY else soft


def raise_descriptor_limit() -> None:
    """Have as many file descriptors as the system lets us."""
    if sys.platform != "win32":
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class Room:
    """Admits connections as they come; `refused` is told the reason and the address of those it does not."""

    def __init__(
        self, gate: Gate, per_address: int, descriptors: int | None, refused: Callable[[str, str], None]
    ) -> None:
        self._gate, self._refused = gate, refused
        self._most = None if descriptors is None else max(descriptors - RESERVE, descriptors // 2)
        self._most_unopened = _UNOPENED * per_address
        self._unopened: Counter[str] = Counter()

    @property
    def unopened(self) -> int:
        """Connections that are no WebSockets, or not yet."""
        return self._unopened.total()

    def admit(self, peer: str) -> bool:
        """Whether there is room for one more connection from this address."""
        if self._most is not None and self.unopened + self._gate.connections.total >= self._most:
            self._refused("descriptors", peer)
            return False
        name = counted_as(peer)
        if self._unopened[name] >= self._most_unopened and self._gate.is_one_client(peer):
            self._refused("unopened", peer)
            return False
        self._unopened[name] += 1
        return True

    def settle(self, peer: str) -> None:
        """One that was admitted is a WebSocket now, or gone."""
        name = counted_as(peer)
        self._unopened[name] -= 1
        if not self._unopened[name]:
            del self._unopened[name]
