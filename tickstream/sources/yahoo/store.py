"""The cookie and the crumb on disk, so that the next start asks for neither.

They are no secret of the user's, but they stand for a session: the file is
readable by its owner alone. A file that cannot be read or written costs a few
requests, never more.
"""

from __future__ import annotations

import re
from contextlib import suppress
from http.cookiejar import Cookie, CookieJar
from pathlib import Path

import msgspec

from tickstream.files import write_whole

__all__ = ["Kept", "KeptCookie", "Store"]


class KeptCookie(msgspec.Struct, frozen=True):
    """What of a cookie has to be known to send it again."""

    name: str
    value: str
    domain: str
    path: str
    secure: bool
    expires: int | None

    def restored(self) -> Cookie:
        dotted = self.domain.startswith(".")
        return Cookie(
            version=0,
            name=self.name,
            value=self.value,
            port=None,
            port_specified=False,
            domain=self.domain,
            domain_specified=dotted,
            domain_initial_dot=dotted,
            path=self.path,
            path_specified=True,
            secure=self.secure,
            expires=self.expires,
            discard=self.expires is None,
            comment=None,
            comment_url=None,
            rest={},
        )


class Kept(msgspec.Struct, frozen=True):
    """What is kept between two runs."""

    crumb: str
    cookies: tuple[KeptCookie, ...]

    @classmethod
    def of(cls, crumb: str, jar: CookieJar) -> Kept:
        cookies = (
            KeptCookie(
                cookie.name, cookie.value or "", cookie.domain, cookie.path, cookie.secure, cookie.expires
            )
            for cookie in jar
        )
        return cls(crumb, tuple(cookies))


class Store:
    """A file for the session with one host. Constructing it touches nothing."""

    def __init__(self, folder: Path, host: str) -> None:
        self.path = folder / f"session-{re.sub(r'[^a-z0-9.]+', '-', host.lower())[:100]}.json"

    def load(self) -> Kept | None:
        """What was kept; None where there is nothing that can be used."""
        try:
            return msgspec.json.decode(self.path.read_bytes(), type=Kept)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError, ValueError):
            return None

    def save(self, kept: Kept) -> None:
        """Keep it, whole or not at all: another process may be reading."""
        with suppress(OSError):
            write_whole(self.path, msgspec.json.encode(kept))

    def clear(self) -> None:
        """Forget what was kept."""
        with suppress(OSError):
            self.path.unlink(missing_ok=True)
