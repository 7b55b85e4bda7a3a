"""Data in. A name becomes a source here, imported when it is asked for."""

from __future__ import annotations

from urllib.parse import urlsplit

from tickstream.core.ports import Source
from tickstream.errors import UsageError

__all__ = ["open_source", "streamer_url"]

_HOW = "use yahoo, demo, or yahoo+http://HOST:PORT"


def open_source(name: str) -> Source:
    """The source that `name` stands for; constructing it connects to nothing. All but `demo`.

    Raises:
        UsageError: there is no such source.
    """
    url = streamer_url(name)
    from tickstream.sources.yahoo.stream import YahooStream

    return YahooStream(url)


def streamer_url(name: str) -> str:
    """The URL of the streamer behind `yahoo`, `yahoo+http://HOST:PORT` or `yahoo+https://…`."""
    if name == "yahoo":
        return "wss://streamer.finance.yahoo.com/?version=2"
    try:
        parts = urlsplit(name)
    except ValueError:
        raise UsageError(f"bad address in source {name!r}: {_HOW}") from None
    scheme = {"yahoo+http": "ws", "yahoo+https": "wss"}.get(parts.scheme)
    if scheme is None:
        raise UsageError(f"unknown source {name!r}: {_HOW}")
    try:
        port = parts.port
    except ValueError:
        raise UsageError(f"bad port in source {name!r}: {_HOW}") from None
    if not parts.hostname or parts.query or parts.fragment or port == 0:
        raise UsageError(f"bad address in source {name!r}: {_HOW}")
    return f"{scheme}://{parts.netloc}{parts.path.rstrip('/')}/?version=2"
