"""Data in. A name becomes a source here, imported when it is asked for."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from tickstream.core.ports import Source
from tickstream.core.text import clean
from tickstream.errors import UsageError
from tickstream.sources.yahoo import YAHOO

_SCHEMES = {"yahoo+http": "ws", "yahoo+https": "wss", "ws": "ws", "wss": "wss"}
_HOST = re.compile(r"[A-Za-z0-9._:-]+(%[A-Za-z0-9._-]+)?")

__all__ = ["open_source", "streamer_url"]

_HOW = "use yahoo, demo, yahoo+http://HOST:PORT, or the ws:// URL of a streamer"


def open_source(name: str) -> Source:
    """The source that `name` stands for; constructing it connects to nothing. All but `demo`.

    Raises:
        UsageError: there is no such source.
    """
    url = streamer_url(name)
    from tickstream.sources.yahoo.stream import YahooStream

    return YahooStream(url)


def streamer_url(name: str) -> str:
    """The URL of the streamer behind `yahoo`, `yahoo+http://HOST:PORT`, or a `ws://` URL itself."""
    if name == "yahoo":
        return YAHOO
    try:
        parts = urlsplit(name)
        port = parts.port
    except ValueError:
        raise UsageError(f"bad address in source {clean(name)!r}: {_HOW}") from None
    scheme = _SCHEMES.get(parts.scheme)
    if scheme is None:
        raise UsageError(f"unknown source {clean(name)!r}: {_HOW}")
    if not _HOST.fullmatch(parts.hostname or "") or port == 0 or not (name.isascii() and name.isprintable()):
        raise UsageError(f"bad address in source {clean(name)!r}: {_HOW}")
    if parts.scheme == scheme:
        return name
    if parts.query or parts.fragment:
        raise UsageError(f"bad address in source {clean(name)!r}: {_HOW}")
    return f"{scheme}://{parts.netloc}{parts.path.rstrip('/')}/?version=2"
