"""A tickstream server: where it is, what its answers mean. Its ticks and its documents come from here."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tickstream.errors import UsageError

__all__ = ["MARK", "Address", "is_server"]

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
            UsageError: the key cannot be said in a header.
        """
        if not (key.isascii() and key.isprintable() and " " not in key):
            raise UsageError("bad API key: it is of letters, digits and signs, without blanks or line ends")
        return cls(name.rstrip("/"), key)

    @property
    def is_private(self) -> bool:
        """Whether nobody on the way can read what is said to it."""
        from tickstream.sources.dial import is_loopback

        parts = urlsplit(self.root)
        return parts.scheme == "wss" or is_loopback(parts.hostname or "")

    @property
    def headers(self) -> dict[str, str]:
        """What a request says beside its path."""
        return {"X-API-Key": self.key} if self.key else {}


def is_server(name: str) -> bool:
    """Whether this source is a tickstream server: a `ws://` URL with neither a path nor a query."""
    try:
        parts = urlsplit(name)
    except ValueError:
        return False
    return parts.scheme in ("ws", "wss") and parts.path in ("", "/") and "?" not in name and "#" not in name
