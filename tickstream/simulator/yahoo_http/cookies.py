"""Cookies and the crumbs that belong to them.

A cookie is a number with a signature, so that any that was issued is known
again without being kept, also after a restart with the same seed; a crumb is a
digest of its cookie.
"""

from __future__ import annotations

from hashlib import sha256

from tickstream.http import Request

__all__ = ["Cookies", "header_of", "jar_of", "of_a_page"]

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_YEAR = 31_536_000


class Cookies:
    """Issues cookies, and says whether those that come back are good."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._issued = 0
        self._first_good = 0

    def issue(self) -> str:
        """A new cookie's value."""
        self._issued += 1
        return self._value(self._issued)

    def revoke(self) -> None:
        """Take back all that were issued so far."""
        self._first_good = self._issued + 1

    def shown_by(self, request: Request) -> str | None:
        """The good cookie of a request, A3 or A1."""
        jar = jar_of(request)
        return next((jar[name] for name in ("A3", "A1") if name in jar and self._is_good(jar[name])), None)

    def crumb_of(self, cookie: str) -> str:
        """The crumb that goes with a cookie; . and / are always in it, which have to survive a URL."""
        digest = sha256(f"{self._seed}:{cookie}:crumb".encode()).digest()
        letters = [_ALPHABET[byte % len(_ALPHABET)] for byte in digest[:11]]
        letters[3], letters[7] = ".", "/"
        return "".join(letters)

    def _value(self, number: int) -> str:
        signature = sha256(f"{self._seed}:{number}:cookie".encode()).hexdigest()
        return f"d=AQAB{number:x}&S=AQAA{signature[:24]}"

    def _is_good(self, value: str) -> bool:
        number = value.partition("&")[0].removeprefix("d=AQAB")
        try:
            return int(number, 16) >= self._first_good and value == self._value(int(number, 16))
        except ValueError:
            return False


def jar_of(request: Request) -> dict[str, str]:
    """The cookies of a request by their names."""
    said = "; ".join(value for name, value in request.headers if name == "cookie")
    pairs = (pair.strip().partition("=") for pair in said.split(";") if "=" in pair)
    return {name: value for name, _, value in pairs}


def header_of(name: str, value: str, *, age: int | None = _YEAR, http_only: bool = True) -> tuple[str, str]:
    """A Set-Cookie header. Neither Domain nor Secure: on loopback no client would send it back."""
    lasting = "" if age is None else f"; Max-Age={age}"
    return "set-cookie", f"{name}={value}{lasting}; Path=/{'; HttpOnly' if http_only else ''}"


def of_a_page(value: str) -> list[tuple[str, str]]:
    """The headers with which a page sets its three cookies."""
    return [
        header_of("A3", value),
        header_of("A1", value),
        header_of("A1S", value, age=None, http_only=False),
    ]
