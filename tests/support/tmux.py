"""tickstream in tmux: a terminal that nobody here wrote, and that keeps every style."""

from __future__ import annotations

import itertools
import os
import shlex
import subprocess
import time
from collections.abc import Callable, Sequence
from typing import Any

from tests.support.process import LONG, TICKSTREAM, environment

# A name is used once: a server that leaves still holds its socket for a moment, and whoever finds it
# there is told "server exited unexpectedly".
_NUMBERS = itertools.count()


class Tmux:
    """tickstream in a tmux of its own, of this size."""

    def __init__(self, arguments: Sequence[str], columns: int = 80, lines: int = 24, **more: str) -> None:
        self._name = f"tickstream-{os.getpid()}-{next(_NUMBERS)}"
        # Of the program alone: not all that it can be told is good for tmux.
        program = shlex.join(
            ["env", *(f"{name}={value}" for name, value in more.items()), *TICKSTREAM, *arguments]
        )
        size = ("-x", str(columns), "-y", str(lines))
        self._do("-f", os.devnull, "new-session", "-d", *size, program, env=environment())

    def __enter__(self) -> Tmux:
        return self

    def __exit__(self, *_: object) -> None:
        # It has ended by itself if tickstream has.
        subprocess.run(["tmux", "-L", self._name, "kill-server"], stderr=subprocess.DEVNULL, check=False)

    @property
    def styled(self) -> str:
        """The screen with its styles, as escape sequences."""
        return self._do("capture-pane", "-p", "-e").rstrip("\n")

    @property
    def lines(self) -> list[str]:
        return [line.rstrip() for line in self._do("capture-pane", "-p").split("\n")[:-1]]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def type(self, keys: str) -> None:
        """Send these bytes to it, as a keyboard would."""
        self._do("send-keys", "-H", *(f"{byte:x}" for byte in keys.encode()))

    def until(self, condition: Callable[[], bool], seconds: float = LONG) -> None:
        """Look at the screen until `condition` holds; the seconds only keep a broken test from hanging."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, f"never happened; the screen was:\n{self.text}"

    def until_text(self, text: str) -> None:
        self.until(lambda: text in self.text)

    def _do(self, *command: str, **options: Any) -> str:
        whole = ["tmux", "-L", self._name, *command]
        said: str = subprocess.run(whole, stdout=subprocess.PIPE, check=True, text=True, **options).stdout
        return said
