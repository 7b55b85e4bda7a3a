"""Yahoo as a source: its own hosts, or a server that speaks its protocols, as our simulator does."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from tickstream.core.ports import PartSource, Source
from tickstream.core.text import clean
from tickstream.errors import UsageError
from tickstream.sources.kind import Dialled, Kind, Terms, address_in
from tickstream.sources.remote import is_server
from tickstream.sources.yahoo import WEB, YAHOO, Web

__all__ = ["KIND", "streamer_url", "web_of"]

_SCHEMES = {"yahoo+http": "ws", "yahoo+https": "wss", "ws": "ws", "wss": "wss"}


class _Yahoo(Kind):
    """`yahoo`, `yahoo+http://HOST:PORT` with all that Yahoo has, or the `ws://` URL of a streamer alone.

    `demo` is of this kind, too: whoever opens it runs a simulator, and opens that by its URL.
    """

    def owns(self, name: str) -> bool:
        scheme, found, _ = name.partition("://")
        return name in ("yahoo", "demo") or bool(found and scheme.lower() in _SCHEMES and not is_server(name))

    def open(self, name: str, terms: Terms) -> Source:
        from tickstream.sources.yahoo.stream import YahooStream

        return YahooStream(streamer_url(name))

    def check(self, name: str, terms: Terms) -> None:
        if name != "demo":
            streamer_url(name)

    def check_views(self, name: str, *, taped: bool = False) -> None:
        if name != "demo":
            web_of(name)

    def open_views(self, name: str) -> PartSource:
        web = web_of(name)
        from platformdirs import user_cache_dir

        from tickstream.sources.proxies import is_loopback
        from tickstream.sources.yahoo.session import Session
        from tickstream.sources.yahoo.store import Store
        from tickstream.sources.yahoo.views import YahooViews

        # What a server of one's own gives is worth nothing the next time.
        local = is_loopback(urlsplit(web.api).hostname or "")
        store = None if local else Store(Path(user_cache_dir("tickstream", appauthor=False)), web.host)
        return YahooViews(Session(web, store=store))

    def dialled(self, name: str, terms: Terms) -> Dialled | None:
        return Dialled(streamer_url(name), {})


KIND = _Yahoo()


def web_of(name: str) -> Web:
    """Where the HTTP of a source of this kind is.

    Raises:
        UsageError: it is a streamer alone, or its address is none.
    """
    if name == "yahoo":
        return WEB
    url = streamer_url(name)
    if not name.lower().startswith("yahoo+"):
        Kind.check_views(KIND, name)
    scheme = "https" if url.startswith("wss") else "http"
    return Web.at(f"{scheme}://{url.partition('://')[2].removesuffix('/?version=2')}")


def streamer_url(name: str) -> str:
    """The URL of the streamer behind `yahoo`, `yahoo+http://HOST:PORT`, or a `ws://` URL itself.

    Raises:
        UsageError: its address is none.
    """
    if name == "yahoo":
        return YAHOO
    if name == "demo":
        raise UsageError("demo is no server, but what is simulated here: there is nothing to connect to")
    parts = address_in(name, "ws://HOST:PORT/" if name.lower().startswith("ws") else "yahoo+http://HOST:PORT")
    scheme = _SCHEMES[parts.scheme]
    if parts.scheme == scheme:
        if parts.path == "/stream" and "format=json" in parts.query.split("&"):
            how = f"for a tickstream server write {scheme}://{parts.netloc}, else leave format=json out"
            raise UsageError(f"source {clean(name)!r} speaks JSON, and a streamer Yahoo's protocol: {how}")
        return name
    if parts.query or parts.fragment:
        raise UsageError(f"bad address in source {clean(name)!r}: leave out what stands behind its path")
    return f"{scheme}://{parts.netloc}{parts.path.rstrip('/')}/?version=2"
