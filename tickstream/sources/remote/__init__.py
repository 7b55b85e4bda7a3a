"""A tickstream server: where it is, what its answers mean. Its ticks and its documents come from here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tickstream.core.text import clean
from tickstream.errors import UsageError
from tickstream.sources.kind import address_in

if TYPE_CHECKING:
    from websockets.datastructures import Headers

__all__ = ["MARK", "Address", "is_server", "said_mark", "server_of"]

MARK = "Tickstream-Mark"
"""The header of a handshake's response that says what the data must be marked as."""


@dataclass(frozen=True, slots=True)
class Address:
    """A tickstream server, and the key that it knows us by."""

    root: str
    """As in `wss://host:8000`."""
    key: str = field(default="", repr=False)

    @classmethod
    def of(cls, name: str, key: str) -> Address:
        """The server that the source `name` stands for.

        Raises:
            UsageError: the key cannot be said in a header, or there is no host in the name.
        """
        address_in(name, "ws://HOST:PORT")
        if not (key.isascii() and key.isprintable() and " " not in key):
            raise UsageError("bad API key: it is of letters, digits and signs, without blanks or line ends")
        return cls(name.rstrip("/"), key)

    @property
    def is_private(self) -> bool:
        """Whether nobody on the way can read what is said to it."""
        from tickstream.sources.proxies import is_loopback

        parts = urlsplit(self.root)
        return parts.scheme == "wss" or is_loopback(parts.hostname or "")

    @property
    def headers(self) -> dict[str, str]:
        """What a request says beside its path."""
        return {"X-API-Key": self.key} if self.key else {}


def said_mark(headers: Headers) -> str:
    """What the data must be marked as, by the headers of a tickstream server; empty where they do not say."""
    return clean(", ".join(headers.get_all(MARK)), 40).strip()


def is_server(name: str) -> bool:
    """Whether this source is a tickstream server: a `ws://` URL with neither a path nor a query."""
    scheme, found, rest = name.partition("://")
    root, _, path = rest.partition("/")
    return bool(found) and scheme.lower() in ("ws", "wss") and not path and not {"?", "#"} & set(root)


def server_of(name: str, key: str = "") -> Address | None:
    """The tickstream server that `name` stands for; None where it stands for another source.

    Raises:
        UsageError: the address or the key is none.
    """
    return Address.of(name, key) if is_server(name) else None
