"""Processes of the soak: what they say on stderr, what they cost, and how they end."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.process import environment

__all__ = ["BUG", "Child", "Cost", "cost_of"]

BUG = re.compile(
    r"Traceback \(|a bug in tickstream|never retrieved|Exception ignored|was never awaited|Warning: | bug "
)
"""What nothing of ours ever says on stderr, unless something is wrong."""
LONG = 60.0


@dataclass(frozen=True, slots=True)
class Cost:
    """What a process has at one moment: MiB, and how many."""

    rss: float
    own: float
    """What is its own: no page of a file, and no share of one, which changes with who else maps it."""
    descriptors: int
    threads: int


def cost_of(pid: int) -> Cost | None:
    """What it costs now; None where there is no such process, or no /proc."""
    place = Path(f"/proc/{pid}")
    try:
        status = (place / "status").read_text()
        own = (place / "smaps_rollup").read_text().partition("\nAnonymous:")[2].split()[0]
        files = len(list((place / "fd").iterdir()))
    except (OSError, IndexError):
        return None
    fields = dict(line.partition(":")[::2] for line in status.splitlines())
    rss = fields.get("VmRSS", "0").split()[0]
    return Cost(int(rss) / 1024, int(own) / 1024, files, int(fields.get("Threads", "0")))


class Child:
    """A process, started with pipes. `read`, where it is given, reads its stdout to the end."""

    def __init__(self, name: str, command: Sequence[str], **variables: str) -> None:
        self.name, self.command = name, command
        self.said: deque[str] = deque(maxlen=200)
        """The last lines of its stderr."""
        self.bugs: list[str] = []
        self.lines = 0
        self.read: Callable[[asyncio.StreamReader], Any] | None = None
        self._variables = variables
        self._process: Process | None = None
        self._tasks: list[asyncio.Task[Any]] = []
        self._news = asyncio.Event()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    async def start(self) -> None:
        self._process = process = await asyncio.create_subprocess_exec(
            *self.command,
            stdin=PIPE,
            stdout=PIPE if self.read else DEVNULL,
            stderr=PIPE,
            env=environment(**self._variables),
            limit=2**16,
        )
        assert process.stderr is not None
        self._tasks = [asyncio.create_task(self._hear(process.stderr))]
        if self.read and process.stdout:
            self._tasks.append(asyncio.create_task(self.read(process.stdout)))

    async def until_said(self, pattern: str) -> re.Match[str]:
        """Until a line of its stderr has this in it."""
        async with asyncio.timeout(LONG):
            while True:
                self._news.clear()
                for line in self.said:
                    if found := re.search(pattern, line):
                        return found
                await self._news.wait()

    def tell(self, line: str) -> None:
        """Write a line to its stdin."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n".encode())

    def send_signal(self, number: int) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)

    async def end(self, number: int = signal.SIGTERM) -> int:
        """Its exit code, after this signal."""
        self.send_signal(number)
        return await self.ended()

    async def ended(self) -> int:
        """Its exit code, when it has ended; killed where it does not."""
        assert self._process is not None
        try:
            async with asyncio.timeout(LONG):
                code = await self._process.wait()
                await asyncio.gather(*self._tasks)
        except TimeoutError:
            self.kill()
            code = await self._process.wait()
        return code

    def kill(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self.send_signal(signal.SIGCONT)
            self.send_signal(signal.SIGKILL)

    async def _hear(self, stream: asyncio.StreamReader) -> None:
        async for data in stream:
            line = data.decode(errors="replace").rstrip()
            self.said.append(line)
            self.lines += 1
            if BUG.search(line) and len(self.bugs) < 10:
                self.bugs.append(f"{self.name}: {line}")
            self._news.set()


def module(name: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", name, *arguments]
