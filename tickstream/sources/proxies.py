"""The proxy of the environment: which one stands in between, and that it is what failed."""

from __future__ import annotations

import ssl
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from websockets.exceptions import ProxyError

from tickstream.core.text import clean
from tickstream.sources.dial import is_loopback
from tickstream.sources.trouble import judge

__all__ = ["proxy_to", "through"]

_SCHEMES = {
    "wss": ("wss", "socks", "https"),
    "ws": ("ws", "socks", "https", "http"),
    "https": ("https", "all"),
    "http": ("http", "all"),
}
"""Whose proxy is taken, the first that there is: as websockets reads the environment, and as httpx does."""


def proxy_to(url: str) -> str:
    """The proxy that is asked for `url`, without its password; empty where none is."""
    parts = urlsplit(url)
    host, proxies = parts.hostname or "", getproxies()
    proxy = next((proxies[each] for each in _SCHEMES.get(parts.scheme, ()) if proxies.get(each)), "")
    return "" if not proxy or is_loopback(host) or proxy_bypass(host) else _without_password(proxy)


def through(error: BaseException, url: str) -> BaseException:
    """What `error` is where a proxy stands in between: who was not reached is the proxy."""
    if isinstance(error, ssl.SSLError) or not isinstance(error, OSError):
        return error
    proxy = proxy_to(url)
    return ProxyError(judge(error, proxy.partition("://")[2]).reason) if proxy else error


def _without_password(url: str) -> str:
    # By hand: it may be no URL at all, and that must be sayable too.
    scheme, _, rest = url.rpartition("://")
    return clean(f"{scheme or 'http'}://{rest.rpartition('@')[2].partition('/')[0]}", 80)
