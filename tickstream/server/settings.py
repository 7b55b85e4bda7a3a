"""What a server is told: where it listens, whom it lets in, and what one client may cost.

The numbers are those of faults.md, S5 to S8, each an option of `tickstream serve`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network

from tickstream.core.playback import Playback

__all__ = ["Access", "Limits", "Place", "Settings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What clients may cost; times in seconds."""

    clients: int = 10_000
    """In all."""
    per_address: int = 20
    """Connections of one address at the same time; not on loopback, unless a proxy is trusted."""
    per_key: int = 1_000
    """Connections with one key at the same time; the admin's has no limit."""
    per_day: int = 0
    """Connections of one address in a day, UTC; 0 is no limit. The admin's are not counted."""
    symbols: int = 200
    """Of one client."""
    commands: float = 5.0
    """Of one client in a second, over time; twice as many at once."""
    errors: int = 10
    """Messages that cannot be understood before the client is closed."""
    handshake: float = 10.0
    """Seconds for the whole request that opens a connection, however slowly it comes."""
    ping: float = 12.0
    """Seconds between two looks whether a client is still there: with the answer's time and that for
    closing, one that vanished is gone after 25."""
    pong: float = 10.0
    """Seconds for its answer."""
    first_message: float = 10.0
    """Seconds to say what is wanted, where the route asks for it."""
    progress: float = 6.0
    """Seconds for which a client may take nothing of what it is sent; with what its system still took
    for it, a stuck one is gone within ten."""
    rate: float = 32_768.0
    """Bytes a second that are read of what one client sends; who stays within `commands` sends less."""
    unsent: int = 262_144
    """Bytes that may wait for one client."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Who may come in."""

    admin_key: str = field(default="", repr=False)
    """A key without limits; empty is none."""
    keys_file: str = ""
    """A line a key: its label and its SHA-256."""
    required: bool = False
    """Whether a key is asked for, also on loopback."""
    anonymous: bool = False
    """Whether a public address without keys was asked for."""
    origins: tuple[str, ...] = ()
    """Pages of other sites that may connect: scheme, host and port, as browsers say it."""
    hosts: tuple[str, ...] = ()
    """Names that this server goes by, without port; on loopback its own are added."""
    proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    """Whose X-Forwarded-For is believed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All that a server is told."""

    host: str = "localhost"
    port: int = 8000
    source: str = "yahoo"
    playback: Playback | None = None
    """How the source is played, where it is a tape."""
    interval: float = 5.0
    """Seconds between two documents of a view."""
    upstream_rate: int = 30
    """HTTP requests a minute, of all instances together."""
    redis_url: str = field(default="", repr=False)  # a password may be in it
    """Where instances meet; empty is none."""
    access: Access = Access()
    limits: Limits = Limits()
    tls_cert: str = ""
    tls_key: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the server listens."""

    host: str
    port: int
    secure: bool = False

    @property
    def netloc(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        return f"{'https' if self.secure else 'http'}://{self.netloc}/"
