"""Lines for people on stderr, beside the data on stdout."""

from __future__ import annotations

import threading
from collections import deque

from tickstream.errors import OutputError
from tickstream.sinks.output import write_all

__all__ = ["Notes"]


class Notes:
    """What is said to people: nobody waits; when the reader stalls the oldest are lost, which is said."""

    def __init__(self, fd: int = 2, *, most: int = 10_000, prefix: str = "tickstream: ") -> None:
        self._fd, self._prefix = fd, prefix
        self._lines: deque[str] = deque(maxlen=most)
        self._lost = 0
        self._wake = threading.Event()
        self._empty = threading.Event()
        self._empty.set()
        self._thread: threading.Thread | None = None
        self._closing = False

    def say(self, text: str) -> None:
        """One line, as soon as it can be written."""
        self.send(f"{self._prefix}{text}\n")

    def send(self, text: str) -> None:
        """Just this, as what makes a terminal ring."""
        self._lost += len(self._lines) == self._lines.maxlen
        self._lines.append(text)
        self._empty.clear()
        self._wake.set()
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="tickstream-notes", daemon=True)
            self._thread.start()

    def close(self, grace: float = 0.5) -> None:
        """Wait until all is written, `grace` seconds at most; the thread ends with it."""
        if self._empty.wait(grace) and self._thread is not None:
            self._closing = True
            self._wake.set()
            self._thread.join(grace)
            if not self._thread.is_alive():
                self._thread = None
            self._closing = False

    def _work(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            while self._lines:
                try:
                    write_all(self._fd, self._next().encode("utf-8", "replace"))
                except OutputError:
                    self._lines.clear()  # nobody reads stderr: there is no one left to tell
                except IndexError:
                    break
            self._empty.set()
            if self._lines:
                self._empty.clear()
            elif self._closing:
                return

    def _next(self) -> str:
        text, lost = self._lines.popleft(), self._lost
        self._lost -= lost
        return f"{self._prefix}{lost:,} lines were lost here: stderr is too slow\n{text}" if lost else text
