"""Everything that knows Yahoo: its streamer and its HTTP, and how both are read."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlsplit

from tickstream.core.ports import SIMULATED

__all__ = ["MOST", "SIMULATOR", "WEB", "YAHOO", "Web", "mark_of"]

YAHOO = "wss://streamer.finance.yahoo.com/?version=2"
"""Yahoo's streamer, in version 2 of its protocol."""

MOST = 100
"""Symbols a connection, as measured (WIRE.md A.2), the rest are dropped silently; unknown ones count too."""

SIMULATOR = "tickstream-simulator"
"""How our simulator names itself in the header `Server`."""


class Web(NamedTuple):
    """Where Yahoo's HTTP is."""

    api: str
    """The root of the endpoints."""
    cookie: str
    """Answers with a cookie, whatever else it says."""
    page: str
    """A page that sets cookies, by way of the consent form where there is one."""

    @classmethod
    def at(cls, root: str) -> Web:
        """A server that stands for all of Yahoo's hosts."""
        return cls(root, f"{root}/", f"{root}/quote/AAPL")

    @property
    def host(self) -> str:
        return urlsplit(self.api).netloc


WEB = Web("https://query1.finance.yahoo.com", "https://fc.yahoo.com/", "https://finance.yahoo.com/quote/AAPL")
"""Yahoo's own hosts."""


def mark_of(server: str | None) -> str:
    """What data must be marked as, by the header `Server`: our simulator's never looks real, whoever asks."""
    return SIMULATED if (server or "").startswith(SIMULATOR) else ""
