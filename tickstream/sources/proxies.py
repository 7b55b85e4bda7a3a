"""The proxy of the environment: which one stands in between, and that it is what failed."""

from __future__ import annotations

import ssl
from typing import Literal
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from websockets.exceptions import ProxyError

from tickstream.core.text import clean
from tickstream.sources.trouble import judge

__all__ = ["is_loopback", "proxy_option", "proxy_to", "through"]

_SCHEMES = {
    "wss": ("wss", "socks", "https", "all"),
    "ws": ("ws", "socks", "https", "http", "all"),
    "https": ("https", "all"),
    "http": ("http", "all"),
}
"""Whose proxy is taken, the first that there is: as websockets reads the environment, and as httpx does.

Of `all` websockets knows nothing: it is told.
"""


def proxy_to(url: str) -> str:
    """The proxy that is asked for `url`, without its password; empty where none is."""
    _, proxy = _found(url)
    return _without_password(proxy) if proxy else ""


def proxy_option(url: str) -> str | Literal[True] | None:
    """The option `proxy` of websockets: None to loopback, True where it finds out by itself."""
    if is_loopback(urlsplit(url).hostname or ""):
        return None
    name, proxy = _found(url)
    # As httpx reads it.
    return (proxy if "://" in proxy else f"http://{proxy}") if name == "all" else True


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine, to which no proxy leads."""
    return host in ("localhost", "::1") or host.startswith("127.")


def _found(url: str) -> tuple[str, str]:
    """What the environment has for `url`: the scheme that it is for, and the proxy; both may be empty."""
    parts = urlsplit(url)
    host, proxies = parts.hostname or "", getproxies()
    name = next((each for each in _SCHEMES.get(parts.scheme, ()) if proxies.get(each)), "")
    port = parts.port or (443 if parts.scheme in ("wss", "https") else 80)
    if not name or is_loopback(host) or proxy_bypass(f"{host}:{port}"):
        return "", ""
    return name, proxies[name]


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
