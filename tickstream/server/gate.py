"""The gate: who is let in, before a WebSocket is opened and for plain HTTP.

A request is asked, in this order, whether it names this server (Host), whether the
page that it comes from may connect (Origin), whether it has a key, and whether there
is room. The first no is the answer. What is refused says neither what was given nor
what would have been right, and one answer is for a wrong key and for none.

On loopback, with nothing configured, only Host and Origin are asked: they keep out
the pages of other sites that run in a browser on this machine.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tickstream.server.access import configured_host, is_reachable
from tickstream.server.addresses import (
    client_address,
    is_loopback_host,
    is_within,
    read_host,
    read_origin,
)
from tickstream.server.keys import Key, Keys
from tickstream.server.limits import Connections, Days, Failures
from tickstream.server.settings import Settings

__all__ = [
    "SUBPROTOCOL",
    "Admission",
    "Gate",
    "Head",
    "Refusal",
]

SUBPROTOCOL = "tickstream.v1"
_KEY_PROTOCOL = "tickstream.key."
_KEYLESS = frozenset({"/", "/healthz", "/readyz"})
_PROBES = frozenset({"/healthz", "/readyz"})
_FORWARDED = frozenset({"forwarded", "via", "x-real-ip"})
_RETRY_FULL = 10
"""Seconds after which a client that found no room may ask again."""

_BAD_HOST = "there has to be one Host header, with a host and perhaps a port"
_WRONG_HOST = "this server does not go by that name; its operator can allow it with --allow-host"
_WRONG_ORIGIN = (
    "pages of that origin may not connect; this server's operator can allow it with --allow-origin"
)
_NO_KEY = (
    "a valid key is needed: as X-API-Key, as Authorization: Bearer,"
    f" or as WebSocket subprotocol {_KEY_PROTOCOL}KEY beside {SUBPROTOCOL}"
)


@dataclass(frozen=True, slots=True)
class Head:
    """What a request says of itself, WebSocket or plain."""

    path: str
    """Without the query, as the routes see it."""
    headers: Sequence[tuple[str, str]] = field(repr=False)  # a key may be among them
    """Names in lower case, those given twice kept."""
    peer: str
    """The address of the TCP connection; "" where unknown."""
    websocket: bool

    def all(self, name: str) -> list[str]:
        """The values of all headers of this name (in lower case)."""
        return [value.strip(" \t") for key, value in self.headers if key == name]

    def listed(self, name: str) -> list[str]:
        """The same, taken apart at their commas."""
        return [item.strip(" \t") for value in self.all(name) for item in value.split(",")]


@dataclass(frozen=True, slots=True)
class Refusal:
    """The answer to a request that is not let in."""

    status: int
    reason: str
    """One word for the metric: host, origin, key, failures, clients, address, label, day or route."""
    text: str
    """One line for the client."""
    retry_after: int | None = None
    """Seconds; None where waiting does not help, or nobody knows how long."""

    @property
    def headers(self) -> dict[str, str]:
        """What the answer has to say beside its text."""
        headers = {"WWW-Authenticate": "Bearer"} if self.status == 401 else {}
        if self.retry_after is not None:
            headers["Retry-After"] = str(self.retry_after)
        return headers


@dataclass(slots=True)
class Admission:
    """A request that was let in; that of a WebSocket is given back to `Gate.leave`."""

    label: str = ""
    """Of its key; empty is anonymous."""
    admin: bool = False
    address: str = ""
    """Whose it is: the client's, where a trusted proxy names it."""
    subprotocol: str | None = None
    """What the handshake answers."""
    key: Key | None = None
    """What it was let in by; None where none was asked for."""
    counted: bool = field(default=False, repr=False)
    """Whether it takes a place that `Gate.leave` has to give back."""


class Gate:
    """Lets in or refuses, and counts who is in. It never raises, whatever a request has in it."""

    keys: Keys
    """Who has a key; may be replaced at any time, and holds from the next request on."""

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
        self._loopback, self._wall, self._monotonic = loopback, wall, monotonic
        self._days = Days(settings.limits.per_day)
        self._failures = Failures()
        self._hosts = {place.bare for host in self._access.hosts if (place := configured_host(host))}
        self._origins = {origin for text in self._access.origins if (origin := read_origin(text))}

    def enter(self, head: Head) -> Admission | Refusal:
        """Whether a WebSocket may be opened; if so it takes a place."""
        found = self.look(head)
        if isinstance(found, Refusal):
            return found
        if not found.admin and (refusal := self._no_room(found)):
            return refusal
        self.connections.enter(*_counted(found))
        if not found.admin and self._by_address:
            self._days.count(found.address, self._wall())
        found.counted = True
        return found

    def look(self, head: Head) -> Admission | Refusal:
        """Whether a plain request is answered; takes no place (a wrong key is remembered, though)."""
        refusal = self._wrong_host(head) or self._wrong_origin(head)
        if refusal:
            return refusal
        address = self.address(head)
        key = self._key(head, address) if self._needs_key(head) else None
        if isinstance(key, Refusal):
            return key
        asked = head.websocket and SUBPROTOCOL in head.listed("sec-websocket-protocol")
        subprotocol = SUBPROTOCOL if asked else None
        if key is None:
            return Admission("", False, address, subprotocol)
        return Admission(key.label, key.admin, address, subprotocol, key)

    def leave(self, admission: Admission) -> None:
        """Give back the place of a WebSocket that has closed; a second time does nothing."""
        if admission.counted:
            admission.counted = False
            self.connections.leave(*_counted(admission))

    def address(self, head: Head) -> str:
        """Whose request it is: the client's address, where a trusted proxy names it."""
        return client_address(head.peer, head.all("x-forwarded-for"), self._access.proxies)

    def is_one_client(self, peer: str) -> bool:
        """Whether all connections from this address are one client's: not a proxy's, and not on loopback."""
        return self._by_address and not is_within(peer, self._access.proxies)

    @property
    def _by_address(self) -> bool:
        """Whether addresses tell clients apart: on loopback they do not, unless a proxy names them."""
        return not self._loopback or bool(self._access.proxies)

    def _wrong_host(self, head: Head) -> Refusal | None:
        given = head.all("host")
        if not given and self._loopback and not head.websocket and head.path in _PROBES:
            return None  # HTTP/1.0, which small health checks still speak
        place = read_host(given[0]) if len(given) == 1 else None
        if place is None:
            return Refusal(400, "host", _BAD_HOST)
        if self._loopback:
            known = is_loopback_host(place.bare) or place.bare in self._hosts
        else:
            known = not self._hosts or place.bare in self._hosts
        return None if known else Refusal(421, "host", _WRONG_HOST)

    def _wrong_origin(self, head: Head) -> Refusal | None:
        given = head.all("origin")
        if not given:
            return None
        origin = read_origin(given[0]) if len(given) == 1 else None
        if origin is not None:
            hosts = head.all("host")
            place = read_host(hosts[0]) if hosts else None
            own = place is not None and place.at(origin.scheme) == origin.place
            if origin in self._origins or (own and origin.scheme in ("http", "https")):
                return None
        return Refusal(403, "origin", _WRONG_ORIGIN)

    def _needs_key(self, head: Head) -> bool:
        if not head.websocket:
            if head.path in _KEYLESS or _is_page_file(head.path):
                return False
            if head.path == "/metrics":
                # Also where everybody else is let in: what it says is for whoever runs this.
                return not is_loopback_host(head.peer) or _was_forwarded(head)
        if self.keys:
            return True
        access = self._access
        return not access.anonymous and (access.required or not self._loopback or is_reachable(access))

    def _key(self, head: Head, address: str) -> Key | Refusal:
        if wait := self._failures.wait(address, self._monotonic()):
            return Refusal(429, "failures", f"too many wrong keys; try again in {wait} s", wait)
        given = _given_keys(head)
        # Without a key there is a search all the same, so that it takes as long as with a wrong one.
        found = self.keys.find(next(iter(given)) if len(given) == 1 else b"")
        if found is not None:
            return found
        if given - {b""} and self._by_address:
            self._failures.count(address, self._monotonic())
        return Refusal(401, "key", _NO_KEY)

    def _no_room(self, admission: Admission) -> Refusal | None:
        limits, address, label = self._limits, admission.address, admission.label
        if self.connections.total >= limits.clients:
            return Refusal(503, "clients", "this server has no room; try again later", _RETRY_FULL)
        if self._by_address and self.connections.of_address(address) >= limits.per_address:
            return Refusal(429, "address", "too many connections from this address; close some")
        if label and self.connections.of_key(label) >= limits.per_key:
            return Refusal(429, "label", "too many connections with this key; close some")
        if wait := self._days.wait(address, self._wall()):
            return Refusal(429, "day", "no more connections from this address until midnight UTC", wait)
        return None


def _is_page_file(path: str) -> bool:
    # Below /page/ and nowhere else, however the path is read.
    parts = path.removeprefix("/page/").split("/")
    return path.startswith("/page/") and "\\" not in path and not {"", ".", ".."} & set(parts)


def _was_forwarded(head: Head) -> bool:
    return any(name in _FORWARDED or name.startswith("x-forwarded") for name, _ in head.headers)


def _given_keys(head: Head) -> set[bytes]:
    """All that is given as a key, by any of the three ways."""
    given = head.all("x-api-key")
    for value in head.all("authorization"):
        scheme, _, rest = value.partition(" ")
        if scheme.lower() == "bearer":
            given.append(rest.strip(" \t"))
    if head.websocket:
        protocols = head.listed("sec-websocket-protocol")
        given += [item.removeprefix(_KEY_PROTOCOL) for item in protocols if item.startswith(_KEY_PROTOCOL)]
    return {key.encode("utf-8", "surrogatepass") for key in given}


def _counted(admission: Admission) -> tuple[str | None, str | None]:
    # The admin's connections take no place from others of the same address.
    return (None, None) if admission.admin else (admission.address, admission.label or None)
