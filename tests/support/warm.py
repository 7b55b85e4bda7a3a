"""Starting tickstream without waiting for its imports: by a fork of a process that has them.

Half a second of each start is Python importing things. What is started here
is a process like any other, a child of ours with its own descriptors,
environment and terminal, that runs `tickstream/__main__.py`; only that its
modules are there already. What depends on how Python itself starts is started
as ever: other environments of it, limits, a shell between. With
TESTS_COLD=1 everything is, and so it is where there is no Linux.
"""

from __future__ import annotations

import ctypes
import fcntl
import inspect
import json
import os
import socket
import struct
import subprocess
import sys
import termios
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pexpect
import ptyprocess  # type: ignore[import-untyped]

from tests.support.leaks import KEPT, KEPT_DESCRIPTORS

__all__ = ["TICKSTREAM", "Popen", "spawn"]

if TYPE_CHECKING:
    _Spawn = pexpect.spawn[bytes]
else:
    _Spawn = pexpect.spawn

TICKSTREAM = (sys.executable, "-m", "tickstream")

_WARM = sys.platform == "linux" and not os.environ.get("TESTS_COLD")
_PYTHONS = ("COV", "LANG", "LC_", "LD_", "MALLOC", "PYTHON", "TZ")
"""What the variables begin with that Python, or what is below it, reads when it starts."""
_SUBREAPER = 36
"""PR_SET_CHILD_SUBREAPER, of prctl(2)."""
_AS_EVER = {
    "executable": (None,),
    "preexec_fn": (None,),
    "pass_fds": ((),),
    "shell": (False,),
    "gid": (None,),
    "gids": (None,),
    "uid": (None,),
    "umask": (-1,),
    "start_new_session": (False,),
    "process_group": (None, -1),
}
"""What a Popen that can be warm is not told."""


def _of_python(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith(_PYTHONS)}


class _Warmed:
    """The process that is forked."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._python = _of_python(environment)
        self._link, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        number = theirs.fileno()
        program = str(Path(__file__).with_name("warmed.py"))
        # Not with its folder on the path, where modules have the names of others.
        self._process = subprocess.Popen(
            [sys.executable, "-P", program, str(number)],
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=(number,),
        )
        KEPT.add(self._process.pid)
        KEPT_DESCRIPTORS.add(self._link.fileno())
        theirs.close()

    def knows(self, environment: Mapping[str, str]) -> bool:
        return _of_python(environment) == self._python

    def start(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        descriptors: Sequence[int],
        *,
        cwd: str | os.PathLike[str] | None = None,
        terminal: bool = False,
    ) -> int:
        """Have a process started; its id. It is our child from then on."""
        request = {
            "arguments": list(arguments),
            "env": dict(environment),
            "cwd": os.fspath(cwd or Path.cwd()),
            "terminal": terminal,
        }
        libc = ctypes.CDLL(None)
        libc.prctl(_SUBREAPER, 1)
        try:
            socket.send_fds(self._link, [json.dumps(request).encode()], list(descriptors))
            return int(self._link.recv(32))
        finally:
            libc.prctl(_SUBREAPER, 0)


@cache
def _warmed() -> _Warmed:
    from tests.support.process import environment

    return _Warmed(environment())


def _arguments_of(words: Sequence[Any]) -> list[str] | None:
    """What tickstream is told; None where it is not what is started."""
    texts = list(map(os.fspath, words))
    return texts[3:] if texts[:3] == list(TICKSTREAM) else None


class Popen(subprocess.Popen[Any]):
    """A Popen that forks, where that comes to the same."""

    def _execute_child(self, *given: Any) -> None:
        execute: Any = getattr(super(), "_execute_child")  # noqa: B009 - no part of its type
        told = inspect.signature(execute).bind(*given).arguments
        arguments = None if isinstance(told["args"], str | bytes) else _arguments_of(told["args"])
        warm = (
            _WARM
            and arguments is not None
            and all(told.get(name, of[0]) in of for name, of in _AS_EVER.items())
        )
        if not warm or told["env"] is None or not _warmed().knows(told["env"]):
            execute(*given)
            return
        ends = [told["p2cread"], told["c2pwrite"], told["errwrite"]]
        descriptors = [number if end == -1 else end for number, end in enumerate(ends)]
        self.pid = _warmed().start(arguments or [], told["env"], descriptors, cwd=told["cwd"])
        vars(self)["_child_created"] = True
        pipes = ("p2cread", "p2cwrite", "c2pread", "c2pwrite", "errread", "errwrite")
        close: Any = getattr(self, "_close_pipe_fds")  # noqa: B009
        close(*(told[name] for name in pipes))


class spawn(_Spawn):
    """A spawn that forks, where that comes to the same."""

    ptyproc: ptyprocess.PtyProcess

    def _spawnpty(self, args: list[str], **options: Any) -> ptyprocess.PtyProcess:
        arguments, env = _arguments_of(args), options["env"]
        if not _WARM or arguments is None or options["preexec_fn"] or not _warmed().knows(env):
            return ptyprocess.PtyProcess.spawn(args, **options)
        ours, theirs = os.openpty()
        if not options["echo"]:
            settings = termios.tcgetattr(theirs)
            settings[3] &= ~termios.ECHO
            termios.tcsetattr(theirs, termios.TCSANOW, settings)
        size = struct.pack("HHHH", *options.get("dimensions", (24, 80)), 0, 0)
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, size)
        pid = _warmed().start(arguments, env, [theirs] * 3, cwd=options["cwd"], terminal=True)
        os.close(theirs)
        return ptyprocess.PtyProcess(pid, ours)
