"""Running tickstream as its users do: as a process, in a pipe or in a terminal."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from types import MappingProxyType
from typing import Any

import pexpect
import pyte
import pytest

from tests.support.warm import TICKSTREAM, Popen, spawn

__all__ = [
    "LONG",
    "TICKSTREAM",
    "Serving",
    "Terminal",
    "environment",
    "finish",
    "run",
    "serving",
    "simulated",
    "start",
]

LONG = 30.0
"""Seconds that only keep a broken test from hanging."""


def environment(**more: str) -> dict[str, str]:
    """Ours, without what would change what tickstream does: settings of it, and what tells of a terminal."""
    drop = ("TICKSTREAM_", "NO_COLOR", "FORCE_COLOR", "TMUX", "VTE_VERSION", "LINES")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(drop)}
    kept = {name: value for name, value in kept.items() if "proxy" not in name.lower()}
    # Whoever runs the tests may have a config file.
    ours = {
        "TERM": "xterm-256color",
        "COLUMNS": "80",
        "LANG": "C.UTF-8",
        "TICKSTREAM_CONFIG": os.devnull,
    }
    return kept | ours | more


def with_proxy(monkeypatch: pytest.MonkeyPatch, variables: Mapping[str, str]) -> None:
    """Have just these proxies in the environment of this process."""
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


def run(*arguments: str, stdin: str = "", **more: str) -> subprocess.CompletedProcess[str]:
    """Run to the end, with pipes; `more` is environment."""
    return finish([*TICKSTREAM, *arguments], stdin, env=environment(**more))


def finish(command: Sequence[str], stdin: str = "", **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a command to the end, with pipes."""
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with Popen(command, text=True, **(pipes | options)) as process:
        try:
            out, said = process.communicate(stdin, timeout=LONG)
        except BaseException:
            process.kill()
            raise
    return subprocess.CompletedProcess(command, process.returncode, out, said)


def start(*arguments: str, **options: Any) -> subprocess.Popen[bytes]:
    """Start it with pipes."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL}
    command = [*TICKSTREAM, *arguments]
    return Popen(command, **(pipes | {"env": environment()} | options))


@contextmanager
def simulated(*options: str, **more: str) -> Iterator[str]:
    """A simulator in a process of its own; the name of the source. `more` is its environment."""
    process = start("simulate", "--port", "0", *options, env=environment(**more))
    try:
        assert process.stderr is not None
        said = process.stderr.readline() + process.stderr.readline()
        found = re.search(r"yahoo\+http://[\d.:]+", said.decode())
        assert found, said
        yield found[0]
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=LONG)


@contextmanager
def serving(
    *options: str, code: int | tuple[int, ...] = 143, files: int = 0, **more: Any
) -> Iterator[Serving]:
    """`tickstream serve` in its own process, ended by SIGTERM if it still runs; `more` is its environment.

    With `files` it may have so many file descriptors.
    """
    command = [*TICKSTREAM, "serve", *options]
    if files:
        command = ["sh", "-c", f'ulimit -n {files}; exec "$@"', "sh", *command]
    process = Popen(
        command,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment(**({"PORT": "0"} | more)),
        text=True,
    )
    served = Serving(process)
    try:
        found = re.search(r"url=https?://(\S+?)/ ", served.until(" listening url="))
        assert found
        served.netloc = found[1].replace("localhost", "127.0.0.1")
        yield served
    finally:
        process.send_signal(signal.SIGTERM)
        out, rest = process.communicate(timeout=LONG)
        served.log.extend(rest.splitlines())
    assert out == ""
    assert process.returncode in ([code] if isinstance(code, int) else code), served.log


class Serving:
    """A server that runs, and what it has said."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.netloc = ""
        self.log: list[str] = []

    def until(self, text: str) -> str:
        """The next line of its log that has this text in it."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.log.append(line.rstrip())
            if text in line:
                return line
        raise AssertionError(f"it ended without {text!r}: {self.log}")


class Terminal:
    """tickstream in a terminal of this size, and what stands on its screen."""

    def __init__(
        self,
        arguments: Sequence[str],
        columns: int = 80,
        lines: int = 24,
        command: str = "",
        more: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self.screen)
        self.raw = b""
        self.is_stuck = False
        """Whether nobody reads it any more: then what gives it back cannot be written."""
        self.is_gone = False
        """Whether it was closed: then there is nothing to give back."""
        program, *rest = command.split() if command else TICKSTREAM
        self.child = spawn(
            program,
            [*rest, *arguments],
            env=environment(**more),
            dimensions=(lines, columns),
            timeout=LONG,
            echo=False,
        )
        # It would wait before it sends, for a program that asks for a password.
        self.child.delaybeforesend = None

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                if self.is_gone:
                    return
                if not self.child.closed:
                    self._hang_up()
                assert self._is_sane or self.is_stuck, (
                    f"the terminal is not as it was; the screen was:\n{self.text}"
                )
        finally:
            if not self.child.isalive():
                self.child.ptyproc.delayafterclose = 0
            self.child.close(force=True)

    def _hang_up(self) -> None:
        """End what still runs as a terminal does that is closed, but read what it says to that."""
        deadline = time.monotonic() + LONG
        while self.child.isalive() or self._read():
            with suppress(OSError):
                # 0 is nobody any more; to send to, it would be ourselves.
                if group := os.tcgetpgrp(self.child.child_fd):
                    os.killpg(group, signal.SIGHUP)
            assert time.monotonic() < deadline, f"it did not end; the screen was:\n{self.text}"
            self._read()

    @property
    def _is_sane(self) -> bool:
        """Whether there is a cursor, and the normal screen."""
        taken, given = (self.raw.rfind(b"\x1b[?1049" + end) for end in (b"h", b"l"))
        return taken <= given and not self.screen.cursor.hidden

    @property
    def lines(self) -> list[str]:
        return [line.rstrip() for line in self.screen.display]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def until(self, condition: Callable[[], bool]) -> None:
        """Read what it writes until `condition` holds."""
        deadline = time.monotonic() + LONG
        while not condition():
            assert time.monotonic() < deadline, f"never happened; the screen was:\n{self.text}"
            self._read()

    def until_text(self, text: str) -> None:
        self.until(lambda: text in self.text)

    def resize(self, columns: int, lines: int) -> None:
        self.screen.resize(lines, columns)
        self.child.setwinsize(lines, columns)

    def hang_up(self) -> int:
        """Close the terminal itself, as when its window is closed; the exit code."""
        self.child.ptyproc.fileobj.close()
        self.is_gone = True
        return int(self.child.wait())

    def end(self) -> int:
        """Read to the end; the exit code, or minus the signal that ended it."""
        deadline = time.monotonic() + LONG
        while self.child.isalive() or self._read():
            assert time.monotonic() < deadline, f"never ended; the screen was:\n{self.text}"
            self._read()
        self.child.close()
        return self.child.exitstatus if self.child.exitstatus is not None else -(self.child.signalstatus or 0)

    def _read(self) -> bool:
        try:
            data: bytes = self.child.read_nonblocking(65536, timeout=0.2)
        except pexpect.TIMEOUT:
            return False
        except pexpect.EOF:
            return False
        self.raw += data
        self._stream.feed(data)
        return True

    @property
    def is_given_back(self) -> bool:
        """Whether the terminal is as it was: normal screen, a cursor, wrapped lines."""
        pairs = ((b"\x1b[?1049h", b"\x1b[?1049l"), (b"\x1b[?25l", b"\x1b[?25h"), (b"\x1b[?7l", b"\x1b[?7h"))
        return all(self.raw.rfind(taken) < self.raw.rfind(given) for taken, given in pairs)
