"""Keys: who has one, and a new one.

A key itself is kept nowhere: the file has labels and SHA-256 digests, memory has
digests. No key and no line of the file ever stands in a text that we make: a line
that is wrong is named by its number, because what is in it may be the key.
"""

from __future__ import annotations

import errno
import hmac
import os
import re
import secrets
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from tickstream.errors import UsageError
from tickstream.files import write_whole
from tickstream.server.settings import Access

__all__ = ["Key", "Keys", "add_key"]

ADMIN = "admin"
"""The label of the admin's key, which no line of the file may have."""

_LABEL = re.compile(r"[A-Za-z0-9._-]{1,64}")
_LINE = re.compile(rb"([A-Za-z0-9._-]{1,64})[ \t]+([0-9A-Fa-f]{64})")
_SENDABLE = re.compile(rb"[\x21-\x7e]{1,1024}")
"""What a key may be made of, so that any header can carry it."""
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True)
class Key:
    """Whose key it is; not the key."""

    label: str
    admin: bool = False
    digest: bytes = field(default=b"", repr=False, compare=False)
    """Its SHA-256: a label may get another key."""


class Keys:
    """All keys that open this server; true where there is any."""

    __slots__ = ("_digests",)

    def __init__(self, digests: Iterable[tuple[Key, bytes]] = ()) -> None:
        self._digests = tuple(digests)

    @classmethod
    def load(cls, access: Access) -> Keys:
        """The admin's key and those of the file; a UsageError says what is wrong with either."""
        digests: list[tuple[Key, bytes]] = []
        if access.admin_key:
            given = access.admin_key.encode("utf-8", "surrogatepass")
            if not _SENDABLE.fullmatch(given):
                raise UsageError(
                    "the admin's key must be up to 1024 characters of ASCII without spaces; set another one"
                )
            digest = sha256(given).digest()
            digests.append((Key(ADMIN, admin=True, digest=digest), digest))
        if access.keys_file:
            digests += _parse(_read(access.keys_file)[0], access.keys_file)
            if not digests:
                # Whoever names a file of keys does not mean to let everybody in.
                raise UsageError(f"{_shown(access.keys_file)} has no key in it; add one with --new-key LABEL")
        return cls(digests)

    def find(self, given: bytes) -> Key | None:
        """Whose key `given` is.

        It takes as long for any key, right or wrong: digests are compared, so that no
        prefix of a key can be told from another, and all of them, found or not.
        """
        sendable = _SENDABLE.fullmatch(given) is not None
        digest = sha256(given if sendable else b"").digest()
        found = None
        for key, known in self._digests:
            if hmac.compare_digest(known, digest) and found is None:
                found = key
        return found if sendable else None

    def __contains__(self, key: object) -> bool:
        return isinstance(key, Key) and any(
            key == own and key.digest == own.digest for own, _ in self._digests
        )

    def __len__(self) -> int:
        return len(self._digests)

    def __repr__(self) -> str:
        return f"<Keys of {', '.join(key.label for key, _ in self._digests) or 'nobody'}>"


def add_key(path: str, label: str) -> str:
    """Make a key of 256 bits, add its digest to the file, return it: it is nowhere else."""
    if not _LABEL.fullmatch(label) or label.lower() == ADMIN:
        raise UsageError(f"bad label {label[:64]!a}: use up to 64 of A-Z a-z 0-9 . _ -, and not {ADMIN!r}")
    key = secrets.token_urlsafe(32)
    try:
        with _locked(Path(path).parent) as directory:
            old, status = _read(path, follow=False) if os.path.lexists(path) else (b"", None)
            if any(known.label == label for known, _ in _parse(old, path)):
                raise UsageError(f"{_shown(path)} already has a key labelled {label}; choose another label")
            if old and not old.endswith(b"\n"):
                old += b"\n"
            line = f"{label} {sha256(key.encode()).hexdigest()}\n".encode()
            # Added by root, it must still be readable to the user that the server runs as.
            owner = (status.st_uid, status.st_gid) if status else None
            write_whole(Path(path), old + line, owner=owner, durable=True)
            if directory is not None:
                os.fsync(directory)
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot add a key to {_shown(path)}: {_why(error)}") from None
    return key


def _parse(content: bytes, path: str) -> list[tuple[Key, bytes]]:
    found = []
    for number, line in enumerate(content.removeprefix(b"\xef\xbb\xbf").splitlines(), 1):
        line = line.strip()
        if not line or line.startswith(b"#"):
            continue
        match = _LINE.fullmatch(line)
        if match is None or match[1].lower() == ADMIN.encode():
            raise UsageError(
                f"{_shown(path)}, line {number}: expected a label (not {ADMIN!r}) and the SHA-256 of its key"
            )
        digest = bytes.fromhex(match[2].decode())
        found.append((Key(match[1].decode(), digest=digest), digest))
    return found


def _read(path: str, *, follow: bool = True) -> tuple[bytes, os.stat_result]:
    # Without O_NONBLOCK a pipe in its place would hold us up before we can see that it is one.
    flags = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0)
    if not follow:
        flags |= getattr(os, "O_NOFOLLOW", 0)
    try:
        descriptor = os.open(path, flags)
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise UsageError(f"{_shown(path)} is not a file of keys")
            if os.name == "posix" and status.st_mode & _OTHERS:
                raise UsageError(f"others may use {_shown(path)}: run chmod 600 {_shown(path)}")
            with open(descriptor, "rb", closefd=False) as file:  # a descriptor, not a path
                return file.read(), status
        finally:
            os.close(descriptor)
    except FileNotFoundError:
        raise UsageError(f"there is no {_shown(path)}; make it with --new-key LABEL") from None
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot read the keys in {_shown(path)}: {_why(error)}") from None


@contextmanager
def _locked(directory: Path) -> Iterator[int | None]:
    """One at a time, so that none of two keys that are added at once is lost."""
    if sys.platform == "win32":
        yield None
        return
    import fcntl

    # The directory's lock: the file itself is replaced by another.
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def _shown(path: str) -> str:
    return path if path.isprintable() else ascii(path)


def _why(error: Exception) -> str:
    if isinstance(error, OSError) and error.errno == errno.ELOOP:
        return "it is a symbolic link"
    return getattr(error, "strerror", None) or str(error)
