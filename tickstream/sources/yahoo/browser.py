"""Looking like a browser: Yahoo turns away what says it is an old one, or nothing at all (WIRE.md, C.4)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx

__all__ = ["browser_transport", "user_agent"]

_SINCE, _VERSION = date(2025, 10, 28), 142
"""When Chrome 142 came out; its versions have come every four to five weeks for years."""


def _today() -> date:
    return datetime.now(UTC).date()


def user_agent(today: Callable[[], date] = _today) -> str:
    """What a Chrome of today says it is, or one of a few weeks ago; never one from the future."""
    version = _VERSION + max(0, (today() - _SINCE).days // 35)
    return (
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
        f"Chrome/{version}.0.0.0 Safari/537.36"
    )


def browser_transport() -> httpx.AsyncBaseTransport | None:
    """A transport whose TLS is a browser's too, where the extra `[impersonate]` is installed.

    It names itself, and asks the environment for a proxy itself.
    """
    try:
        from httpx_curl_cffi import AsyncCurlTransport
    except ImportError:
        return None
    from urllib.request import getproxies

    proxies = getproxies()
    transport: httpx.AsyncBaseTransport = AsyncCurlTransport(
        impersonate="chrome", default_headers=True, proxy=proxies.get("https") or proxies.get("all")
    )
    return transport
