"""`watch` of 100 symbols at 500 ticks/s, in a real terminal with a reader: its CPU and its memory."""

from __future__ import annotations

import os
import pty
import signal
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from fcntl import ioctl
from typing import NamedTuple

from tests.bench.measure import PYTHON, TICKSTREAM, Row, alternate, cpu_so_far, environment, peak_mib, rss_kib

SYMBOLS = [f"S{number:02d}" for number in range(80)] + [f"C{number:02d}-USD" for number in range(20)]


class Terminal:
    """A process in a terminal, and a reader that reads all it writes."""

    def __init__(self, command: Sequence[str], columns: int, lines: int) -> None:
        self._eyes, terminal = pty.openpty()
        ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.process = subprocess.Popen(
            command,
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            env=environment(),
            start_new_session=True,
        )
        os.close(terminal)
        self._written = b""
        self.bytes = 0
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        with suppress(OSError):
            while data := os.read(self._eyes, 65536):
                self._written = (self._written + data)[-100_000:]
                self.bytes += len(data)

    def until(self, text: bytes, seconds: float = 30.0) -> None:
        deadline = time.monotonic() + seconds
        while text not in self._written:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{text!r} never came; the last was {self._written[-300:]!r}")
            time.sleep(0.002)

    def type(self, keys: bytes) -> None:
        os.write(self._eyes, keys)

    def end(self) -> None:
        self.process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(3)
        self.process.kill()
        self.process.wait()
        os.close(self._eyes)


@contextmanager
def in_terminal(command: Sequence[str], columns: int = 140, lines: int = 50) -> Iterator[Terminal]:
    terminal = Terminal(command, columns, lines)
    try:
        yield terminal
    finally:
        terminal.end()


@contextmanager
def simulator(*options: str) -> Iterator[str]:
    """The name of a simulator in a process of its own."""
    command = [*TICKSTREAM, "simulate", "--port", "0", *options]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment()) as process:
        assert process.stderr is not None
        try:
            found = next(
                word for line in process.stderr for word in line.split() if word.startswith("yahoo+http")
            )
            yield found
        finally:
            process.kill()


class Watched(NamedTuple):
    """What a process in a terminal needed."""

    share: float
    """Percent of a core."""
    peak: float
    """The most memory that it had, in MiB."""
    grown: float
    """MiB by which it was larger at the end than after half of the time."""


def watched(command: Sequence[str], first: bytes, seconds: float) -> Watched:
    """What it needs over `seconds`, once it shows something."""
    with in_terminal(command) as terminal:
        terminal.until(first)
        time.sleep(2.0)
        pid = terminal.process.pid
        began, before = time.monotonic(), cpu_so_far(pid)
        time.sleep(seconds / 2)
        half = rss_kib(pid)
        time.sleep(seconds / 2)
        used, passed = cpu_so_far(pid) - before, time.monotonic() - began
        return Watched(used / passed * 100, peak_mib(pid), (rss_kib(pid) - half) / 1024)


def rows(seconds: float) -> list[Row]:
    with simulator("--rate", "500") as url:
        watch = [*TICKSTREAM, "watch", *SYMBOLS, "--source", url]
        fast = watched([*watch, "--fps", "10"], b"live", seconds)
        socket = url.replace("yahoo+http", "ws")
        peer = [PYTHON, "-m", "tests.bench.peers", "yliveticker", f"{socket}/", *SYMBOLS]
        # They alternate, so that a machine that is busy for a while is so for both.
        found = alternate(
            {
                "ours": lambda: watched([*watch, "--fps", "2"], b"live", seconds / 2).share,
                "theirs": lambda: watched(peer, b"Updates:", seconds / 2).share,
            },
            3,
        )
    slow, theirs = found["ours"], found["theirs"]
    return [
        Row("watch, 100 symbols, 500 ticks/s, 10 frames/s, of a core", f"{fast.share:.1f} %", "-", fast.share,
            "<=", 10.0),
        Row("… 2 frames/s, vs yliveticker's watch", f"{slow:.1f} %", f"{theirs:.1f} %", slow / theirs,
            "<=", 0.2),
        Row("… its memory, in MiB", f"{fast.peak:.0f} MiB", "-", fast.peak, "<=", 64.0),
        Row(f"… its growth in the last {seconds / 2:.0f} s, in MiB", f"{fast.grown:.2f} MiB", "-", fast.grown,
            "<=", 0.5),
    ]  # fmt: skip
