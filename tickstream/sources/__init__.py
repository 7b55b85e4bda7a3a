"""Data in. A name becomes a source of ticks or of parts here, imported when it is asked for."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tickstream.core.ports import PartSource, Source
from tickstream.core.text import clean
from tickstream.errors import UsageError
from tickstream.sources.remote import Address, is_server
from tickstream.sources.tape import is_tape
from tickstream.sources.yahoo import WEB, YAHOO, Web

if TYPE_CHECKING:
    from tickstream.core.playback import Playback

_SCHEMES = {"yahoo+http": "ws", "yahoo+https": "wss", "ws": "ws", "wss": "wss"}
_HOST = re.compile(r"[A-Za-z0-9._:-]+(%[A-Za-z0-9._-]+)?")

__all__ = ["check_tape", "check_views", "open_source", "open_views", "server_of", "streamer_url", "web_of"]

_HOW = "use yahoo, demo, yahoo+http://HOST:PORT, ws://HOST:PORT of a tickstream server, or a tape"


def open_source(name: str, *, key: str = "", each: bool = True, playback: Playback | None = None) -> Source:
    """The source that `name` stands for; constructing it connects to nothing. All but `demo`.

    A tickstream server is asked for each push, or for rows, and with a key where
    it wants one. `playback` is how a tape is played.

    Raises:
        UsageError: there is no such source, or the key is of no use to it.
    """
    if is_tape(name):
        from tickstream.core.playback import Playback
        from tickstream.sources.tape.player import TapeSource

        return TapeSource(Path(name), playback or Playback())
    url = streamer_url(name)
    if address := server_of(name, key):
        from tickstream.sources.remote.stream import RemoteStream

        return RemoteStream(address, each=each)
    from tickstream.sources.yahoo.stream import YahooStream

    return YahooStream(url)


def server_of(name: str, key: str = "") -> Address | None:
    """The tickstream server that `name` stands for; None where it stands for another source.

    Raises:
        UsageError: the key is none, or `name` has no use for one.
    """
    if is_server(name):
        streamer_url(name)
        return Address.of(name, key)
    if key:
        raise UsageError("a key is for a tickstream server: name one, as in ws://HOST:PORT, or give no key")
    return None


def check_tape(name: str, playback: Playback | None = None) -> None:
    """Raise UsageError where `name` is a tape that cannot be played, or none, and is to be played so."""
    if is_tape(name):
        from tickstream.sources.tape.reading import check_tape

        check_tape(Path(name))
    elif playback is not None:
        raise UsageError(f"speed, loop and start are for tapes, and {clean(name)!r} is none: leave them out")


def check_views(name: str, *, taped: bool = False) -> None:
    """Raise UsageError where no source of parts has this name; with `taped`, quotes alone will do."""
    if not (taped and is_tape(name)):
        web_of(name)


def open_views(name: str) -> PartSource:
    """The source of parts that `name` stands for; constructing it connects to nothing. All but `demo`.

    Raises:
        UsageError: there is no such source, or it has no views.
    """
    if is_tape(name):
        from tickstream.sources.tape.quotes import TapeQuotes

        return TapeQuotes(Path(name))
    web = web_of(name)
    from platformdirs import user_cache_dir

    from tickstream.sources.dial import is_loopback
    from tickstream.sources.yahoo.session import Session
    from tickstream.sources.yahoo.store import Store
    from tickstream.sources.yahoo.views import YahooViews

    # What a server of one's own gives is worth nothing the next time.
    local = is_loopback(urlsplit(web.api).hostname or "")
    store = None if local else Store(Path(user_cache_dir("tickstream", appauthor=False)), web.host)
    return YahooViews(Session(web, store=store))


def web_of(name: str) -> Web:
    """Where the HTTP of a source of parts is.

    Raises:
        UsageError: there is no such source, or it has no parts.
    """
    if name == "yahoo":
        return WEB
    if is_tape(name):
        raise UsageError(f"{clean(name)} is a tape, and has ticks alone: watch and quotes show them")
    url = streamer_url(name)
    if is_server(name):
        how = "use yahoo, demo or yahoo+http://…"
        raise UsageError(
            f"source {clean(name)!r} is a tickstream server, and this has to ask Yahoo itself: {how}"
        )
    if not name.startswith("yahoo+"):
        raise UsageError(f"source {clean(name)!r} has ticks, and no views: use yahoo, demo or yahoo+http://…")
    scheme = "https" if url.startswith("wss") else "http"
    return Web.at(f"{scheme}://{url.partition('://')[2].removesuffix('/?version=2')}")


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
