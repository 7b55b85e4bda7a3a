"""A tape on the disk, for one writer: appended to, never overwritten, and whole whenever that ends.

What is written is whole lines, or one packed member (core/packing): where the
disk takes a part of it only, that part is taken back to where it is whole. A
file that is not a tape of ours is left as it was found.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tickstream.core.packing import PIECE, Damaged, packing_for, packing_in
from tickstream.core.tape import check_head, version_line
from tickstream.core.text import clean
from tickstream.errors import OutputError, UsageError, WireError

__all__ = ["Rotation", "TapeFile", "parse_rotation"]

_MODE = 0o600
_FLAGS = ("O_APPEND", "O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY")
_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "ki": 2**10, "mi": 2**20, "gi": 2**30}
_LOCKED_BYTE = 1 << 40
"""Where Windows locks: what is locked there cannot be read by others either."""


@dataclass(frozen=True, slots=True)
class Rotation:
    """When a tape is put away and the next one begun."""

    size: int | None = None
    """Bytes that none is to be larger than; one piece may be."""
    daily: bool = False
    """At midnight UTC."""


def parse_rotation(text: str) -> Rotation:
    """When to rotate, from `day`, `100MB`, `64MiB`, or both as in `day,100MB`."""
    size, daily = None, False
    for word in text.lower().split(","):
        found = re.fullmatch(r"([0-9]+)\s*([kmg]i?)?b?", word.strip())
        if word.strip() == "day":
            daily = True
        elif found and int(found[1]):
            size = int(found[1]) * _UNITS[found[2] or ""]
        else:
            raise UsageError(f"bad --rotate {text!r}: use day, a size, or both, as in day,100MB")
    return Rotation(size, daily)


class TapeFile:
    """The tape at `path`. Constructing it does nothing; `open` is for one thread, as are all the others."""

    def __init__(self, path: Path, rotation: Rotation = Rotation()) -> None:
        self.path = path
        self.packing = packing_for(path.name)
        self._rotation = rotation
        self._fd = -1
        self._began: int | None = None
        """When what is on it began, ms UTC; None before anything is."""
        self._day = -1
        self._size = 0
        self.kept = 0
        """Lines that are there of a piece that could not be written whole."""

    def open(self, now: int, *, force: bool = False) -> None:
        """Open it to append, or begin it where there is nothing; with `force` nothing of what is there stays.

        Raises:
            UsageError: what is there is no tape of ours, or nothing that can be a file; it is as it was.
            OutputError: it cannot be written, or another one writes it.
        """
        self._fd = _opened(self.path)
        try:
            if force:
                os.ftruncate(self._fd, 0)
            if os.fstat(self._fd).st_size:
                self._take_up()
            else:
                self._append(version_line(now))
        except OSError as error:
            self.close()
            raise OutputError(_why(self.path, error)) from None
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close it; again does no harm.

        Raises:
            OutputError: what was written may not be there, as where a disk elsewhere is full.
        """
        fd, self._fd = self._fd, -1
        if fd < 0:
            return
        try:
            os.close(fd)
        except OSError as error:
            raise OutputError(_why(self.path, error)) from None

    def write(self, data: bytes, at: int, state: bytes = b"") -> int:
        """Write whole lines, of which the first came at `at` (ms UTC); how many bytes that took.

        `state` is a line with the state of the link, for a tape that is begun with it.

        Raises:
            OutputError: they cannot be written, or not all of them; what is there is whole.
        """
        packed = self.packing.pack(data)
        if self._must_rotate(at, len(packed)):
            self._rotate(at)
            # Two pieces, so that what is kept of the second are lines of its own.
            self._append_or_say(self.packing.pack(state) if state else b"")
        if self._began is None:
            self._began = at
        self._day = max(self._day, _day_of(at))
        self._append_or_say(packed)
        return len(packed)

    def _append_or_say(self, packed: bytes) -> None:
        try:
            self._append_packed(packed)
        except OSError as error:
            raise OutputError(_why(self.path, error)) from None

    def _must_rotate(self, at: int, more: int) -> bool:
        if self._began is None:
            return False
        # A clock that is set back does not lead back to the day before.
        new_day = self._rotation.daily and _day_of(at) > self._day
        return new_day or (self._rotation.size is not None and self._size + more > self._rotation.size)

    def _rotate(self, at: int) -> None:
        """Put what is there away, under a name that says when it began, and begin anew."""
        before = self._fd
        try:
            self.path.rename(self._put_away_as())
            self._fd = _opened(self.path, flags=os.O_EXCL)
            self._size, self._began = 0, None
            self._append(version_line(at))
        except OSError as error:
            raise OutputError(_why(self.path, error)) from None
        except UsageError as error:
            raise OutputError(str(error)) from None
        finally:
            # Until here nobody else may take it for a tape that nobody writes.
            if self._fd != before:
                os.close(before)

    def _put_away_as(self) -> Path:
        """A name that nothing has, as in `tape-20260811T143005Z.ndjson.gz`."""
        name, packed = self.path.name, self.packing.suffix
        name, packed = name[: len(name) - len(packed)], name[len(name) - len(packed) :]
        stem, suffix = os.path.splitext(name)  # noqa: PTH122 - of a name
        began = datetime.fromtimestamp((self._began or 0) / 1000, UTC)
        number = 1
        while True:
            more = f"_{number}" if number > 1 else ""  # behind the dot of the first, as `cat *` sorts them
            path = self.path.with_name(f"{stem}-{began:%Y%m%dT%H%M%SZ}{more}{suffix}{packed}")
            if not os.path.lexists(path):
                return path
            number += 1

    def _take_up(self) -> None:
        """Make sure that what is there is a tape of ours, and make it whole."""
        name = clean(str(self.path))
        what = "name another file, or overwrite it with --force"
        packing = packing_in(_read_at(self._fd, 4, 0))
        if packing is not self.packing:
            raise UsageError(f"{name} is there, and not packed as its name says: {what}")
        try:
            head = b"".join(piece or b"" for piece in packing.unpack([_read_at(self._fd, PIECE, 0)]))
            self._began = check_head(head)
        except WireError:
            raise UsageError(f"{name} is there, and not a tape: {what}") from None
        if self._began is None:
            raise UsageError(f"{name} is there, and cut off where it begins: {what}")
        self._day = _day_of(self._began)
        self._size = os.fstat(self._fd).st_size
        if not packing.magic:
            if _read_at(self._fd, 1, self._size - 1) != b"\n":
                # The line that was cut off stays one, and does not take the next with it.
                self._append(b"\n")
            return
        try:
            self._cut(packing.whole(_pieces(self._fd)))
        except Damaged:
            raise UsageError(f"{name} is there, and damaged: {what}") from None

    def _append(self, data: bytes) -> None:
        self._append_packed(self.packing.pack(data))

    def _append_packed(self, data: bytes) -> None:
        written = 0
        try:
            while written < len(data):
                written += os.write(self._fd, data[written:] if written else data)
        except OSError:
            # The lines that are whole stay; of a packed member none are.
            whole = b"" if self.packing.magic else data[: data.rfind(b"\n", 0, written) + 1]
            with suppress(OSError):
                self._cut(self._size + len(whole))
                self.kept = whole.count(b"\n")
            raise
        self._size += written

    def _cut(self, size: int) -> None:
        os.ftruncate(self._fd, size)
        self._size = size


def _opened(path: Path, flags: int = 0) -> int:
    """The file for one writer, created where there is none.

    Raises:
        UsageError: there is something that is no file, or a link to one.
        OutputError: it cannot be opened, or another one writes it.
    """
    for name in _FLAGS:
        flags |= getattr(os, name, 0)
    try:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | flags, _MODE)
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno not in (errno.ELOOP, errno.EISDIR, errno.ENXIO):
            raise OutputError(_why(path, error)) from None
        raise UsageError(_no_file(path)) from None
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise UsageError(_no_file(path))
        _lock(fd, path)
    except BaseException:
        os.close(fd)
        raise
    return fd


def _lock(fd: int, path: Path) -> None:
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(fd, _LOCKED_BYTE, os.SEEK_SET)
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # It may have been put away by its writer after we had opened it.
        there = path.stat()
        same = (there.st_ino, there.st_dev) == (os.fstat(fd).st_ino, os.fstat(fd).st_dev)
    except OSError:
        same = False
    if not same:
        raise OutputError(f"another tickstream records to {clean(str(path))}: end it, or name another file")


def _pieces(fd: int) -> Iterator[bytes]:
    at = 0
    while piece := _read_at(fd, PIECE, at):
        yield piece
        at += len(piece)


def _read_at(fd: int, size: int, at: int) -> bytes:
    os.lseek(fd, at, os.SEEK_SET)  # where it is written is the end, wherever this leads
    return os.read(fd, size)


def _day_of(at: int) -> int:
    return at // 86_400_000


def _no_file(path: Path) -> str:
    return f"cannot record to {clean(str(path))}: it is not a file, or a link to one; name the file itself"


def _why(path: Path, error: OSError | ValueError) -> str:
    return f"cannot record to {clean(str(path))}: {getattr(error, 'strerror', None) or error}"
