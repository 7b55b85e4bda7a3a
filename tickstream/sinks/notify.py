"""Telling somebody of an alert: the bell, the terminal's and the desktop's notifications, a command.

None of them holds up the stream, and what fails is said by `say`. Whatever is
sent to a terminal is cleaned once more: a notification is an escape code.
"""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from typing import Protocol

from tickstream.core.jsontext import json_text
from tickstream.core.ports import Fired
from tickstream.core.text import clean

__all__ = ["WAYS", "Commands", "Desktop", "environment_of", "notification", "terminal_text"]

WAYS = ("bell", "terminal", "desktop")
"""How a person can be notified."""
AT_ONCE = 4
"""Commands that run at the same time."""
WAITING = 200
"""Alerts that may wait for a command to end."""
PATIENCE = 10.0
"""Seconds that a desktop has to show a notification."""

Say = Callable[[str], None]


def terminal_text(fired: Fired, ways: Collection[str], environ: Mapping[str, str] = os.environ) -> str:
    """What has to be written to a terminal so that it rings, and shows a notification where it can."""
    bell = "\a" if "bell" in ways else ""
    return bell + (notification(str(fired), environ) if "terminal" in ways else "")


def notification(text: str, environ: Mapping[str, str] = os.environ) -> str:
    """The escape code for a notification: OSC 777 for terminals that know only that one, else OSC 9."""
    term = environ.get("TERM", "")
    if term in ("", "dumb", "linux"):
        return ""
    said = clean(text, 200).replace(";", ",")
    knows_777 = term.startswith(("rxvt", "foot")) or "VTE_VERSION" in environ
    code = f"777;notify;tickstream;{said}" if knows_777 else f"9;tickstream: {said}"
    if "TMUX" in environ:
        # tmux hands it on where allow-passthrough is on; ESC is doubled within.
        return f"\x1bPtmux;\x1b\x1b]{code}\a\x1b\\"
    return f"\x1b]{code}\a"


def environment_of(fired: Fired) -> dict[str, str]:
    """What a command is told in its environment: the alert, and each field that was said."""
    told = {"alert": fired.alert, "message": str(fired), "mark": fired.mark} | dict(fired.tick)
    return {
        f"TICKSTREAM_{name.upper()}": " ".join(value) if isinstance(value, list) else str(value)
        for name, value in told.items()
    }


class Commands:
    """Runs a command for each alert, without a shell; a few at once, and nobody waits for them.

    Threads of their own start them, as daemons: a command that hangs holds up
    neither the stream nor the end, and one that was started goes on after it.
    """

    def __init__(self, command: Sequence[str], say: Say, *, output: int = subprocess.DEVNULL) -> None:
        self._command, self._say, self._output = tuple(command), say, output
        self._waiting: deque[Fired] = deque()
        self._changed = threading.Condition()
        self._threads = self._idle = self._starting = 0
        self._left_out = 0
        self._closed = False

    def run(self, fired: Fired) -> None:
        """Run it for this alert, as soon as it can be."""
        with self._changed:
            if len(self._waiting) >= WAITING:
                self._left_out += 1
                if self._left_out == 1:
                    self._say(f"--on-alert: {WAITING:,} alerts wait for it, newer ones are left out")
                return
            self._waiting.append(fired)
            if self._idle < len(self._waiting) and self._threads < AT_ONCE:
                self._threads += 1
                threading.Thread(target=self._work, name="tickstream-on-alert", daemon=True).start()
            self._changed.notify()

    def close(self, grace: float = 0.4) -> None:
        """Let those that wait be started, for `grace` seconds at most; say how many were not."""
        with self._changed:
            self._changed.wait_for(lambda: not self._waiting and not self._starting, grace)
            left = self._left_out + len(self._waiting)
            self._waiting.clear()
            # Those that wait for a command that runs end with that, the others now.
            self._closed = True
            self._changed.notify_all()
        if left:
            noun = "alert" if left == 1 else "alerts"
            self._say(f"--on-alert: not run for {left:,} {noun}: those before took too long")

    def _work(self) -> None:
        while True:
            with self._changed:
                self._idle += 1
                self._changed.wait_for(lambda: bool(self._waiting) or self._closed)
                self._idle -= 1
                if not self._waiting:
                    self._threads -= 1
                    return
                self._starting += 1
                fired = self._waiting.popleft()
            process = self._start(fired)
            with self._changed:
                self._starting -= 1
                self._changed.notify_all()
            if process is not None and (code := process.wait()):
                self._say(f"--on-alert: {self._command[0]} ended with {code} for {fired.alert}")

    def _start(self, fired: Fired) -> subprocess.Popen[bytes] | None:
        # A tickstream that it runs must not do the same for the same alert.
        inherited = os.environ | {"TICKSTREAM_ON_ALERT": ""}
        try:
            process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=self._output,
                stderr=self._output,
                env=inherited | environment_of(fired),
                start_new_session=True,  # Ctrl-C is for us
            )
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or error
            self._say(f"--on-alert: cannot run {self._command[0]}: {why}")
            return None
        assert process.stdin is not None
        with suppress(OSError), process.stdin as stdin:  # it need not read what it is told
            stdin.write(json_text(fired.tick) + b"\n")
        return process


class Notifier(Protocol):
    """What shows notifications on a desktop."""

    async def send(self, title: str, message: str) -> object: ...


class _Failures(logging.Handler):
    """What a library logs as a failure, and does not raise."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.last: BaseException | None = None

    def emit(self, record: logging.LogRecord) -> None:
        self.last = record.exc_info[1] if record.exc_info else RuntimeError(record.getMessage())


class _DesktopNotifier:
    """desktop-notifier's, of the extra `[notify]`, which logs what fails with a traceback; this raises it."""

    def __init__(self) -> None:
        from desktop_notifier import DesktopNotifier

        self._failures, log = _Failures(), logging.getLogger("desktop_notifier")
        log.addHandler(self._failures)
        log.propagate = False
        self._notifier = DesktopNotifier(app_name="tickstream")

    async def send(self, title: str, message: str) -> object:
        self._failures.last = None
        sent = await self._notifier.send(title, message)
        if self._failures.last is not None:
            raise self._failures.last
        return sent


class Desktop:
    """Shows alerts on the desktop, one after the other; what does not work is said once."""

    def __init__(self, say: Say, load: Callable[[], Notifier] = _DesktopNotifier) -> None:
        self._say, self._load = say, load
        self._waiting: asyncio.Queue[Fired] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None
        self._said: set[str] = set()

    def show(self, fired: Fired) -> None:
        self._waiting.put_nowait(fired)
        if self._task is None:
            self._task = asyncio.create_task(self._work())

    async def close(self, grace: float = 0.5) -> None:
        """Let those that wait be shown, for `grace` seconds at most."""
        if self._task is None:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(grace):
                await self._waiting.join()
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    async def _work(self) -> None:
        notifier: Notifier | None = None
        while True:
            fired = await self._waiting.get()
            try:
                # It takes as long to load as several frames, and no frame waits for it.
                if notifier is None:
                    notifier = await asyncio.to_thread(self._load)
                async with asyncio.timeout(PATIENCE):
                    await notifier.send(f"tickstream {fired.mark}".rstrip(), fired.message)
            except Exception as error:
                self._fail(error)
            finally:
                self._waiting.task_done()

    def _fail(self, error: Exception) -> None:
        text = f"no notification on the desktop: {clean(str(error), 120) or type(error).__name__}"
        if text not in self._said:
            self._said.add(text)
            self._say(text)
