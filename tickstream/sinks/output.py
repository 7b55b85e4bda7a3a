"""Writing to a file descriptor, without ever holding up the event loop.

What is written to stdout, stderr or a terminal is written by a daemon thread,
one piece at a time. A reader that stalls holds up that thread and nobody else:
pings are answered, signals are heard, and the process can end.
(`asyncio.to_thread` will not do: its pool is joined at exit, so a stalled pipe
would outlive SIGTERM.)
"""

from __future__ import annotations

import asyncio
import errno
import os
import select
import sys
import threading
import time
from contextlib import suppress
from mmap import mmap
from queue import SimpleQueue
from types import TracebackType
from typing import Self

from tickstream.errors import OutputError, ReaderGone

__all__ = ["Data", "Output", "can_write", "write_all", "write_some"]

Data = bytes | mmap
"""What is written: bytes, wherever they are kept."""
_SLICE = 4096
"""Bytes that a terminal is given at a time: about what it holds, so that few frames are seen half drawn."""
_LOOK = 0.05
"""Seconds in which a thread finds out that what it waits to write is not wanted any more."""
_REST, _LAST_REST = 0.15, 1.0
"""Seconds for the rest of a slice that was begun, where somebody waits for it to be over, and at the end."""


def can_write(fd: int, seconds: float) -> bool:
    """Whether `fd` takes anything within this time; a terminal that was stopped does not."""
    try:
        return _takes(fd, seconds)
    except (OSError, ValueError):
        return False


def _takes(fd: int, seconds: float) -> bool:
    if sys.platform == "win32":
        # Of a console nobody can ask that there: select is for sockets.
        return True
    return bool(select.select([], [fd], [], seconds)[1])


def write_all(fd: int, data: Data) -> None:
    """Write all of `data`, waiting where the other side asks us to.

    Raises:
        ReaderGone: the other end of the pipe is closed.
        OutputError: it cannot be written for another reason; the text says which.
    """
    view = memoryview(data)
    while view:
        if count := write_some(fd, view):
            view = view[count:]
        else:
            select.select([], [fd], [])


def write_some(fd: int, data: bytes | memoryview) -> int:
    """Write what is taken of `data`; how many bytes, which may be none.

    Raises:
        ReaderGone: the other end of the pipe is closed.
        OutputError: it cannot be written for another reason; the text says which.
    """
    try:
        return os.write(fd, data)
    except BlockingIOError:
        # Whoever shares our terminal or pipe did that.
        return 0
    except BrokenPipeError:
        raise ReaderGone from None
    except OSError as error:
        raise OutputError(_why(error)) from None


def _why(error: OSError) -> str:
    if error.errno == errno.EBADF:
        return "cannot write: the output is closed"
    return f"cannot write: {error.strerror or error}"


class Output:
    """A writer that takes one piece at a time; ask `ready` before the next.

    Entering starts its thread; leaving waits `grace` seconds for the last
    piece to be taken, and no longer. What a terminal has not taken then is
    never written to it.
    """

    def __init__(self, fd: int, *, grace: float = 0.4) -> None:
        self.fd = fd
        self._grace = grace
        self._is_terminal = os.isatty(fd)
        self._pieces: SimpleQueue[Data | None] = SimpleQueue()
        self._idle = asyncio.Event()
        self._idle.set()
        self._resting = threading.Event()
        """As `_idle`, for threads: nothing of ours is being written."""
        self._resting.set()
        self._cut = threading.Event()
        """Set where the rest of a piece is not wanted any more."""
        self._rest_until = 0.0
        """Until when a slice that was begun may be written to its end nevertheless."""
        self._error: OutputError | MemoryError | None = None

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        fd = _opened_anew(self.fd) if self._is_terminal else self.fd
        name = f"tickstream-write-{self.fd}"
        threading.Thread(target=self._work, args=[fd], name=name, daemon=True).start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._grace):
                    await self._idle.wait()
        finally:
            self._leave_out(_LAST_REST)
            self._pieces.put(None)

    @property
    def idle(self) -> bool:
        """Whether a piece would be taken at once."""
        return self._idle.is_set()

    async def ready(self) -> None:
        """Until the next piece can be taken.

        Raises:
            OutputError: an earlier piece could not be written.
            MemoryError: there was none to write it with.
        """
        await self._idle.wait()
        self.check()

    def check(self) -> None:
        """Raise what went wrong with an earlier piece."""
        if self._error is not None:
            raise self._error

    def write(self, data: Data) -> None:
        """Hand over one piece; only when idle."""
        assert self._idle.is_set(), "the piece before is not written yet"
        if data:
            self._cut.clear()
            self._idle.clear()
            self._resting.clear()
            self._pieces.put(data)

    async def leave(self, data: Data) -> bool:
        """The last piece; whether it could be handed over within the grace."""
        try:
            async with asyncio.timeout(self._grace):
                await self.ready()
                self.write(data)
        except (TimeoutError, OutputError):
            # Nobody takes anything any more: leaving need not wait for that once more.
            self._grace = 0.0
            return False
        return True

    def cut(self) -> None:
        """Leave out what a terminal has not taken yet; for what is being written to it, wait a moment."""
        self._leave_out(_REST)
        self._resting.wait(_REST + _LOOK)

    def _leave_out(self, rest: float) -> None:
        self._rest_until = time.monotonic() + rest
        self._cut.set()

    def _work(self, fd: int) -> None:
        try:
            self._write_pieces(fd)
        finally:
            if fd != self.fd:
                os.close(fd)

    def _write_pieces(self, fd: int) -> None:
        while (piece := self._pieces.get()) is not None:
            try:
                if self._is_terminal:
                    self._write_by_slices(fd, piece)
                else:
                    write_all(self.fd, piece)
            except (OutputError, MemoryError) as error:
                self._error = error
            del piece  # it may be much, and the next one may be a while
            self._resting.set()
            try:
                self._loop.call_soon_threadsafe(self._idle.set)
            except RuntimeError:
                return  # the loop is closed: nobody waits any more

    def _write_by_slices(self, fd: int, piece: Data) -> None:
        start = 0
        while start < len(piece) and not self._cut.is_set():
            begin, end = start, _end_of_slice(piece, start)
            while start < end:
                try:
                    takes = _takes(fd, _LOOK)
                except OSError as error:
                    raise OutputError(_why(error)) from None
                if takes and (count := write_some(fd, piece[start:end])):
                    start += count
                elif self._cut.wait(_LOOK if takes else 0.0) and (
                    start == begin or time.monotonic() >= self._rest_until
                ):
                    return


def _opened_anew(fd: int) -> int:
    """The same terminal, to write what it takes and never wait inside the kernel; `fd` where it cannot be.

    A terminal that takes one byte more is ready, and a write of a hundred would
    wait for the rest. The descriptor that we were given is that of the shell,
    too: what is set on it is set for the shell. (libuv does the same.)
    """
    if sys.platform == "win32":
        return fd
    try:
        return os.open(os.ttyname(fd), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
    except OSError:
        return fd  # that of another user, or of another container


def _end_of_slice(piece: Data, start: int) -> int:
    """Where it may be cut: behind a line, or before an escape sequence where there are no lines."""
    end = start + _SLICE
    if end >= len(piece):
        return len(piece)
    line = piece.rfind(b"\n", start, end)
    if line < 0:
        line = piece.find(b"\n", end)
    if line >= 0:
        return line + 1
    sequence = piece.rfind(b"\x1b", start + 1, end)
    return end if sequence < 0 else sequence
