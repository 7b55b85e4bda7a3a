"""Keys: whom they belong to, and how they are kept. Only their hashes are, and none is ever printed."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path

from tickstream.errors import UsageError
from tickstream.server.settings import Access

__all__ = ["Key", "Keys", "add_key"]

ADMIN = "admin"
_LABEL = re.compile(r"[A-Za-z0-9._-]{1,64}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_MOST_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Key:
    """Whom a key belongs to."""

    label: str
    admin: bool = False
    """Whether it has no limits."""


class Keys:
    """The keys that open the server, as their hashes."""

    def __init__(self, digests: dict[bytes, Key]) -> None:
        self._digests = digests

    def __bool__(self) -> bool:
        return bool(self._digests)

    @classmethod
    def load(cls, access: Access) -> Keys:
        """The admin's key, and those of the file.

        Raises:
            UsageError: the file cannot be read, others may read it, or a line of it is no key.
        """
        digests = _read(Path(access.keys_file)) if access.keys_file else {}
        if access.admin_key:
            digests[_digest(access.admin_key.encode("utf-8", "surrogateescape"))] = Key(ADMIN, admin=True)
        return cls(digests)

    def find(self, given: bytes) -> Key | None:
        """Whose key this is. All are compared, so that the time says nothing about any."""
        digest, found = _digest(given), None
        for known, key in self._digests.items():
            if hmac.compare_digest(known, digest):
                found = key
        return found


def add_key(path: Path, label: str) -> str:
    """Make a key, add its hash to the file, and return it: it is the only time that it can be seen.

    Raises:
        UsageError: the label is none, or is there already, or the file cannot be written.
    """
    if not _LABEL.fullmatch(label) or label == ADMIN:
        raise UsageError(f"bad label {label!a}: use up to 64 of A-Z a-z 0-9 . _ -, but not {ADMIN}")
    known = _read(path) if path.exists() else {}
    if any(key.label == label for key in known.values()):
        raise UsageError(f"there is a key {label!a} in {path} already: choose another label")
    key = secrets.token_urlsafe(32)
    line = f"{label} {_digest(key.encode()).hex()}\n".encode()
    try:
        fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            os.write(fd, line)
            os.fsync(fd)
        finally:
            os.close(fd)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror or error}") from None
    return key


def _digest(key: bytes) -> bytes:
    return hashlib.sha256(key).digest()


def _read(path: Path) -> dict[bytes, Key]:
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            text = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(f"cannot read the keys in {path}: {error.strerror or error}") from None
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise UsageError(f"others may read the keys in {path}: chmod 600 {path}")
    if len(text) > _MOST_BYTES:
        raise UsageError(f"{path} is too large to be a list of keys")
    digests: dict[bytes, Key] = {}
    labels: set[str] = set()
    for number, line in enumerate(text.decode("utf-8", "replace").splitlines(), 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        whole = len(words) == 2 and _LABEL.fullmatch(words[0]) and _DIGEST.fullmatch(words[1].lower())
        if not whole or words[0] == ADMIN:
            raise UsageError(f"line {number} of {path} is no key: it has to be a label and a SHA-256 in hex")
        if words[0] in labels:
            raise UsageError(f"line {number} of {path} has a label that was there before")
        labels.add(words[0])
        digests[bytes.fromhex(words[1])] = Key(words[0])
    return digests
