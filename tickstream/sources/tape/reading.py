"""A tape as it is read: its records in their order, whatever state it is in.

What cannot be read is counted and passed over: a line that is broken, one that
is too long to be ours, a part that is damaged, and the last line, where the
recording was cut off within it.
"""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tickstream.core import fromjson
from tickstream.core.packing import PIECE, Packing, packing_in
from tickstream.core.ports import Status
from tickstream.core.tape import LONGEST_LINE, Push, Record, check_head, mark_replay, read_line
from tickstream.core.text import clean
from tickstream.core.tick import Tick
from tickstream.errors import SourceError, UsageError, WireError
from tickstream.sources.yahoo.frames import decode

__all__ = ["Reel", "check_tape", "marked_as", "tick_of"]

_LARGER = 65_536
"""Bytes to read at once where nothing has to be unpacked."""


def check_tape(path: Path) -> None:
    """Raise UsageError where there is no tape that can be played."""
    with _opened(path) as (file, packing):
        try:
            check_head(_head(packing, file))
        except WireError:
            raise UsageError(f"{clean(str(path))} is not a tape: tickstream record writes one") from None


def tick_of(push: Push) -> Tick | None:
    """The tick of a push; None where its text carries none.

    Raises:
        WireError: it is broken.
    """
    if push.said is not None:
        return fromjson.tick_of(dict(push.said), push.at)
    tick = decode(push.raw, now=push.at / 1000)
    if tick is None and push.raw.startswith("{"):
        said = fromjson.read(push.raw, now=push.at / 1000)
        return said if isinstance(said, Tick) else None
    return tick


def marked_as(path: Path) -> str:
    """What a tape must be marked as, as far as is said on it before its first push.

    Raises:
        UsageError: it is no tape.
        SourceError: it cannot be read.
    """
    mark = mark_replay()
    with closing(Reel(path).records()) as records:
        for record in records:
            if isinstance(record, Push):
                break
            if isinstance(record.event, Status):
                mark = mark_replay(mark, record.event.mark)
    return mark


class Reel:
    """A tape that is read once, from its beginning."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.bad = 0
        """Lines that could not be read."""
        self.reason = ""
        """Why, of the last."""

    def spoil(self, reason: str) -> None:
        """Count a line that cannot be read."""
        self.bad += 1
        self.reason = reason

    def records(self) -> Generator[Record, None, None]:
        """All records.

        Raises:
            UsageError: it is no tape, or goes on in another version.
            SourceError: the file cannot be read any further.
        """
        with _opened(self._path) as (file, packing):
            try:
                for line in self._lines(packing.unpack(_pieces(packing, file))):
                    if record := self._record(line):
                        yield record
            except OSError as error:
                raise SourceError(_why(self._path, error)) from None

    def _record(self, line: bytes) -> Record | None:
        if not line.strip():
            return None
        try:
            return read_line(line)
        except WireError as error:
            self.spoil(str(error))
            return None

    def _lines(self, pieces: Iterable[bytes | None]) -> Iterator[bytes]:
        held, too_long, damaged = b"", False, False
        for piece in pieces:
            if piece is None:
                if not damaged:
                    self.spoil("a part that is damaged")
                held, too_long, damaged = b"", False, True
                continue
            damaged = False
            *lines, held = (held + piece).split(b"\n")
            if too_long and lines:
                del lines[0]
                too_long = False
            yield from lines
            if not too_long and len(held) > LONGEST_LINE:
                self.spoil("a line too long to be one of a tape")
                too_long = True
            if too_long:
                held = b""
        yield held


@contextmanager
def _opened(path: Path) -> Iterator[tuple[io.FileIO, Packing]]:
    """The file, and how it is packed; nothing of it is read yet."""
    try:
        # Without O_NONBLOCK a pipe in its place would hold us up for ever.
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        # It closes what it opened itself where that is a folder; a descriptor that it is given it would not.
        file = io.FileIO(path, opener=lambda name, _: os.open(name, flags))
    except (OSError, ValueError) as error:
        raise UsageError(_why(path, error)) from None
    with file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise UsageError(f"{clean(str(path))} is not a tape, and no file either")
        try:
            head = file.read(4) or b""
            file.seek(0)
        except OSError as error:
            raise UsageError(_why(path, error)) from None
        yield file, packing_in(head)


def _pieces(packing: Packing, file: io.FileIO) -> Iterator[bytes]:
    size = PIECE if packing.magic else _LARGER
    while piece := file.read(size):
        yield piece


def _head(packing: Packing, file: io.FileIO) -> bytes:
    """What the first line is in.

    Raises:
        WireError: it is damaged there.
    """
    head = b""
    for piece in packing.unpack(_pieces(packing, file)):
        if piece is None:
            raise WireError("damaged where it begins")
        head += piece
        if b"\n" in head or len(head) > PIECE:
            break
    return head


def _why(path: Path, error: OSError | ValueError) -> str:
    reason = error.strerror if isinstance(error, OSError) else error
    return f"cannot read the tape {clean(str(path))}: {reason}"
