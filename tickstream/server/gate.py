"""The gate: who is let in, before a WebSocket is one and before anything is answered.

In this order: is it us that is meant (Host), is it no foreign page that asks
(Origin), is there a key where one is needed, and is there room. What is said
to those who are not let in is the same for a missing and for a wrong key.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

from tickstream.errors import UsageError
from tickstream.server.keys import Key, Keys
from tickstream.server.limits import Connections, Days, Failures, group_of
from tickstream.server.settings import Settings

__all__ = ["Admission", "Gate", "Head", "Refusal", "check_access", "is_loopback_host", "is_origin"]

PROTOCOL = "tickstream.v1"
_KEY_PROTOCOL = "tickstream.key."
_OPEN = frozenset({"/", "/healthz", "/readyz"})
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?")
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Head:
    """What a request says of itself, for a WebSocket or not."""

    path: str
    """Without its query."""
    headers: Sequence[tuple[str, str]]
    """Names in lower case; one that was given twice is there twice."""
    peer: str
    """The address that the connection came from."""
    websocket: bool

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key == name]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why somebody is not let in."""

    status: int
    reason: str
    """One word, for those who count."""
    text: str
    retry_after: int | None = None
    """Seconds."""


@dataclass(frozen=True, slots=True)
class Admission:
    """Somebody who was let in, until `Gate.leave`."""

    label: str = ""
    """Whose key it was; empty without one."""
    admin: bool = False
    address: str = ""
    subprotocol: str | None = None


def is_loopback_host(host: str) -> bool:
    """Whether what listens there can be reached from this machine alone."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


def is_origin(text: str) -> bool:
    """Whether it is scheme, name and port of a site, as browsers say it."""
    return _origin_of(text) is not None


def check_access(settings: Settings, keys: Keys, *, loopback: bool) -> None:
    """Raise UsageError where the server would be open to others without anybody having said so."""
    access = settings.access
    if keys or access.anonymous:
        return
    how = "set ADMIN_API_KEY, or add one with --new-key, or let anybody in with --allow-anonymous"
    if access.required:
        raise UsageError(f"keys are required, and there is none: {how}")
    if not loopback:
        raise UsageError(f"{settings.host} is open to others, and there is no key: {how}")
    if access.origins or access.hosts or access.proxies:
        raise UsageError(f"who names origins, hosts or proxies lets others in, and there is no key: {how}")


class Gate:
    """Lets in and counts. `keys` may be replaced at any time: those who are in stay."""

    def __init__(
        self,
        settings: Settings,
        keys: Keys,
        *,
        loopback: bool,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.keys = keys
        self.connections = Connections()
        self._access, self._limits = settings.access, settings.limits
        self._loopback = loopback
        self._wall, self._monotonic = wall, monotonic
        self._days, self._failures = Days(), Failures()
        self._origins = frozenset(filter(None, map(_origin_of, settings.access.origins)))
        self._hosts = frozenset(host.lower().rstrip(".") for host in settings.access.hosts)
        # On loopback all come from one address, unless a proxy says where from.
        self._counts_addresses = not loopback or bool(settings.access.proxies)

    def enter(self, head: Head) -> Admission | Refusal:
        """Let a WebSocket in and count it, or say why not."""
        admission = self.look(head)
        if isinstance(admission, Refusal):
            return admission
        group, now = group_of(admission.address), self._wall()
        if refusal := self._crowded(admission, group, now):
            return refusal
        self.connections.enter(group, admission.label)
        if not admission.admin:
            self._days.add(group, now)
        return admission

    def leave(self, admission: Admission) -> None:
        """Free the place of one who was let in."""
        self.connections.leave(group_of(admission.address), admission.label)

    def look(self, head: Head) -> Admission | Refusal:
        """Whether a request is answered; nothing is counted but wrong keys."""
        if refusal := self._misdirected(head) or self._foreign(head):
            return refusal
        address = self._address_of(head)
        protocols = [
            word.strip() for value in head.all("sec-websocket-protocol") for word in value.split(",")
        ]
        subprotocol = PROTOCOL if PROTOCOL in protocols else None
        key = self._key(head, address, protocols)
        if isinstance(key, Refusal):
            return key
        if key is None:
            return Admission(address=address, subprotocol=subprotocol)
        return Admission(key.label, key.admin, address, subprotocol)

    def _misdirected(self, head: Head) -> Refusal | None:
        hosts = head.all("host")
        if not hosts and head.path in ("/healthz", "/readyz"):
            return None
        match = _HOST.fullmatch(hosts[0]) if len(hosts) == 1 else None
        if match is None:
            return Refusal(HTTPStatus.BAD_REQUEST, "host", "one Host header, please")
        name = match[1].lower().rstrip(".")
        if name in self._hosts:
            return None
        own = self._loopback and is_loopback_host(name.strip("[]"))
        if own or not (self._loopback or self._hosts):
            return None
        return Refusal(HTTPStatus.MISDIRECTED_REQUEST, "host", "this server does not go by that name")

    def _foreign(self, head: Head) -> Refusal | None:
        """Browsers let any page connect to anywhere, and say which page it was."""
        origins = head.all("origin")
        if not origins:
            return None
        origin = _origin_of(origins[0]) if len(origins) == 1 else None
        host = (head.all("host") or [""])[0].lower()
        if origin is not None:
            scheme, name, port = origin
            if origin in self._origins or (name, port) == _netloc_of(host, _PORTS.get(scheme, 0)):
                return None
        return Refusal(HTTPStatus.FORBIDDEN, "origin", "this page may not connect here")

    def _key(self, head: Head, address: str, protocols: Sequence[str]) -> Key | Refusal | None:
        """Whose key the request has; None where it needs none and has none."""
        given = {word.removeprefix(_KEY_PROTOCOL) for word in protocols if word.startswith(_KEY_PROTOCOL)}
        given.update(head.all("x-api-key"))
        for value in head.all("authorization"):
            kind, _, rest = value.partition(" ")
            if kind.lower() == "bearer":
                given.add(rest.strip())
        needed = self._needs_key(head)
        if not needed and not self.keys:
            return None
        group, now = group_of(address), self._monotonic()
        refusal = Refusal(HTTPStatus.UNAUTHORIZED, "key", "a key is needed, and this is none")
        if not given:
            return refusal if needed else None
        if self._counts_addresses and (seconds := self._failures.locked(group, now)) is not None:
            text = "too many wrong keys from this address"
            return Refusal(HTTPStatus.TOO_MANY_REQUESTS, "failures", text, seconds)
        word = given.pop() if len(given) == 1 else ""
        key = self.keys.find(word.encode("utf-8", "surrogateescape")) if word else None
        if key is not None:
            return key
        if self._counts_addresses:
            self._failures.add(group, now)
        return refusal

    def _needs_key(self, head: Head) -> bool:
        if not head.websocket and (head.path in _OPEN or head.path.startswith("/page/")):
            return False
        if not head.websocket and head.path == "/metrics":
            # Who sits on this machine may look, but a proxy of it speaks for others.
            forwarded = head.all("x-forwarded-for") or head.all("forwarded")
            return not (is_loopback_host(head.peer) and not forwarded)
        return bool(self.keys) or self._access.required

    def _address_of(self, head: Head) -> str:
        """Where it comes from: the last address that a trusted proxy did not have from another one."""
        if not self._trusts(head.peer):
            return head.peer
        said = [word.strip() for value in head.all("x-forwarded-for") for word in value.split(",")]
        for word in reversed(said):
            if _address(word) is None:
                return head.peer
            if not self._trusts(word):
                return word
        return head.peer

    def _trusts(self, address: str) -> bool:
        found = _address(address)
        return found is not None and any(found in network for network in self._access.proxies)

    def _crowded(self, admission: Admission, group: str, now: float) -> Refusal | None:
        limits, here = self._limits, self.connections
        if admission.admin:
            return None
        if here.total >= limits.clients:
            return Refusal(HTTPStatus.SERVICE_UNAVAILABLE, "clients", "too many clients", 30)
        many = HTTPStatus.TOO_MANY_REQUESTS
        if admission.label and here.of_key(admission.label) >= limits.per_key:
            return Refusal(many, "per-key", "too many connections with this key", 30)
        if not self._counts_addresses:
            return None
        if here.of_address(group) >= limits.per_address:
            return Refusal(many, "address", "too many connections from this address", 30)
        if limits.per_day and self._days.count(group, now) >= limits.per_day:
            return Refusal(many, "day", "no more connections from this address today", self._days.left(now))
        return None


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(text.strip("[]").partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def _origin_of(text: str) -> tuple[str, str, int] | None:
    """Scheme, name and port of an origin; None where it is none, as `null`."""
    try:
        parts = urlsplit(text.strip().lower())
        if parts.scheme not in _PORTS or parts.username is not None or parts.path not in ("", "/"):
            return None
        netloc = _netloc_of(parts.netloc, _PORTS[parts.scheme])
    except ValueError:
        return None
    return (parts.scheme, *netloc) if netloc and not parts.query and not parts.fragment else None


def _netloc_of(text: str, default: int) -> tuple[str, int] | None:
    match = _HOST.fullmatch(text)
    if match is None:
        return None
    return match[1].lower().rstrip("."), int(match[2]) if match[2] else default
