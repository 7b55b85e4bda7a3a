"""A gate with keys and clocks of its own, and requests that ask it."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from ipaddress import ip_network
from typing import Any

from tickstream.server.gate import Admission, Gate, Head, Refusal
from tickstream.server.keys import Key, Keys
from tickstream.server.settings import Access, Limits, Settings

ADMIN, ALICE, BOB = "admins-key", "alices-key", "bobs-key"
STRANGER = "203.0.113.9"
NOON = 20_000 * 86_400 + 43_200.0

KEYS = Keys(
    (Key(label, admin=label == "admin"), sha256(key.encode()).digest())
    for label, key in (("admin", ADMIN), ("alice", ALICE), ("bob", BOB))
)
NO_KEYS = Keys()


@dataclass
class Clock:
    """Both clocks of a gate, in seconds."""

    now: float = 0.0
    """Monotonic; at 0 it is noon of some day, UTC."""
    ahead: float = 0.0
    """By how much the wall clock has been set."""

    def wall(self) -> float:
        return NOON + self.now + self.ahead

    def monotonic(self) -> float:
        return self.now


def gate(
    keys: Keys = NO_KEYS,
    *,
    loopback: bool = False,
    limits: Limits | None = None,
    clock: Clock | None = None,
    proxies: tuple[str, ...] = (),
    **access: Any,
) -> Gate:
    networks = tuple(ip_network(proxy) for proxy in proxies)
    settings = Settings(access=Access(proxies=networks, **access), limits=limits or Limits())
    clock = clock or Clock()
    return Gate(settings, keys, loopback=loopback, wall=clock.wall, monotonic=clock.monotonic)


def public(keys: Keys = KEYS, **more: Any) -> Gate:
    """Reached from everywhere, with keys or open to everybody."""
    return gate(keys, anonymous=not keys, **more)


def head(
    *headers: tuple[str, str],
    path: str = "/quotes",
    peer: str = STRANGER,
    websocket: bool = True,
    host: str | None = "ticker.example",
) -> Head:
    hosts = [] if host is None else [("host", host)]
    return Head(path, (*hosts, *headers), peer, websocket)


def local(*headers: tuple[str, str], **more: Any) -> Head:
    return head(*headers, **{"peer": "127.0.0.1", "host": "localhost:8000", **more})


def key(given: str) -> tuple[str, str]:
    return ("x-api-key", given)


def status(found: Admission | Refusal) -> int:
    """Of the answer; 101 where a request is let in."""
    return found.status if isinstance(found, Refusal) else 101


def reason(found: Admission | Refusal) -> str:
    return found.reason if isinstance(found, Refusal) else ""


def admitted(found: Admission | Refusal) -> Admission:
    assert isinstance(found, Admission), found
    return found


def refused(found: Admission | Refusal) -> Refusal:
    assert isinstance(found, Refusal), found
    return found
