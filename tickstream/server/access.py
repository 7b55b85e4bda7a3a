"""Who is meant to be let in: checked before anything is opened."""

from __future__ import annotations

from tickstream.errors import UsageError
from tickstream.server.addresses import Place, read_host, read_origin
from tickstream.server.keys import Keys
from tickstream.server.settings import Access, Settings

__all__ = ["check_access", "check_host", "check_origin", "configured_host", "is_reachable"]

_LONG_ENOUGH = 16
"""Characters of an admin's key, where others than this machine's programs can try theirs."""


def check_access(settings: Settings, keys: Keys, loopback: bool) -> None:
    """Refuse, by a UsageError, to serve whom nobody meant to let in; before anything is opened."""
    access = settings.access
    for origin in access.origins:
        check_origin(origin)
    for host in access.hosts:
        check_host(host)
    exposed = not loopback or is_reachable(access)
    if access.admin_key and exposed and len(access.admin_key) < _LONG_ENOUGH:
        raise UsageError(
            f"ADMIN_API_KEY is short enough to be guessed: give it {_LONG_ENOUGH} characters or more,"
            " as `openssl rand -hex 16` makes"
        )
    if keys or access.anonymous:
        return
    if access.required:
        why = "keys are required, and there is none"
    elif not loopback:
        where = ascii(settings.host)[1:-1] or "every address"
        why = f"{where} can be reached from other machines, and there is no key"
    elif is_reachable(access):
        why = "--allow-origin, --allow-host and --trusted-proxy let others reach this, and there is no key"
    else:
        return
    raise UsageError(f"{why}: set ADMIN_API_KEY, or give --keys FILE, or --allow-anonymous for everybody")


def check_origin(origin: str) -> None:
    """Raise UsageError for what no browser would send."""
    if read_origin(origin) is None:
        raise UsageError(f"bad origin {origin[:80]!a}: use scheme://host[:port], as in https://example.com")


def check_host(host: str) -> None:
    """Raise UsageError for what no request would name."""
    if (place := configured_host(host)) is None or place.port is not None:
        raise UsageError(f"bad host {host[:80]!a}: use a name without a port, as in example.com")


def configured_host(host: str) -> Place | None:
    """A configured host; an IPv6 address may lack its brackets there."""
    return read_host(f"[{host}]" if host.count(":") > 1 and not host.startswith("[") else host)


def is_reachable(access: Access) -> bool:
    """Whether others than this machine's programs are meant to get here, though it is loopback."""
    return bool(access.origins or access.hosts or access.proxies)
