"""A URL becomes a Redis client; opening it connects to nothing.

`redis://`, `rediss://` and `unix://` are redis-py's own. For Sentinel, which has
no URL of its own: `redis+sentinel://[USER:PASSWORD@]HOST:PORT,HOST:PORT/SERVICE[/DB]`,
or `rediss+sentinel://` with TLS; the user and password are those of the servers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from tickstream.errors import UsageError

if TYPE_CHECKING:
    from redis.asyncio import Redis

__all__ = ["open_redis"]

TIMEOUT = 1.0
"""Seconds that one command, and one connect, may take."""
_SENTINEL = re.compile(
    r"redis(?P<tls>s?)\+sentinel://(?:(?P<user>[^:@/]*):(?P<password>[^@/]*)@)?"
    r"(?P<hosts>[^/@?]+)/(?P<service>[^/?]+)(?:/(?P<db>[0-9]+))?/?"
)
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::([0-9]{1,5}))?")
_HOW = "use redis://HOST:PORT/0, rediss:// for TLS, or redis+sentinel://HOST:PORT,HOST:PORT/SERVICE"


def open_redis(url: str) -> tuple[Redis, int]:
    """The client, and the number of its database.

    Raises:
        UsageError: it is no such URL, or redis-py is not installed. The URL, which may
            have a password in it, does not stand in the text.
    """
    try:
        from redis.asyncio import Redis
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff
    except ImportError:
        raise UsageError("Redis needs an extra: python3 -m pip install 'tickstream[redis]'") from None
    options: dict[str, Any] = {
        # Nothing is retried: what is too late is of no use, and what failed is tried again by us.
        "retry": Retry(NoBackoff(), 0),
        "socket_timeout": TIMEOUT,
        "socket_connect_timeout": TIMEOUT,
        "client_name": "tickstream",
        "protocol": 2,
    }
    if "+sentinel://" in url:
        return _by_sentinel(url, options)
    try:
        client = Redis.from_url(url, **options)
    except (ValueError, TypeError, AttributeError):
        raise UsageError(f"that is no URL of Redis: {_HOW}") from None
    return client, int(client.connection_pool.connection_kwargs.get("db") or 0)


def _by_sentinel(url: str, options: dict[str, Any]) -> tuple[Redis, int]:
    from redis.asyncio.sentinel import Sentinel

    found = _SENTINEL.fullmatch(url)
    hosts = [_HOST.fullmatch(host) for host in found["hosts"].split(",")] if found else []
    if found is None or not all(hosts):
        raise UsageError(f"that is no URL of a Sentinel: {_HOW}")
    places = [(host[1].strip("[]"), int(host[2] or 26379)) for host in hosts if host]
    number = int(found["db"] or 0)
    if found["user"]:
        options["username"] = unquote(found["user"])
    if found["password"]:
        options["password"] = unquote(found["password"])
    if found["tls"]:
        options["ssl"] = True
    timeouts = {name: options[name] for name in ("retry", "socket_timeout", "socket_connect_timeout")}
    sentinel = Sentinel(places, sentinel_kwargs=timeouts, **options)  # type: ignore[no-untyped-call]
    client: Redis = sentinel.master_for(found["service"], db=number)
    return client, number
