"""A process that has imported tickstream already, and forks one that runs it for each request. See warm.py.

It is run as a program, with the number of a socket. A request is what a
command is started with; the answer is its process id.
"""

from __future__ import annotations

import fcntl
import gc
import json
import os
import pkgutil
import runpy
import signal
import socket
import sys
import termios
from contextlib import suppress
from functools import cache
from importlib import import_module
from typing import Any, TextIO

Request = dict[str, Any]

LATE = (
    "anyio._backends._asyncio",
    "certifi",
    "holidays.countries",
    "holidays.financial",
    "httpcore",
    "rich.live",
    "tomlkit",
    "uvloop",
)
"""What is imported by what tickstream imports, and only when it is needed."""


def load() -> None:
    """Import what any command does."""
    import tickstream

    for module in pkgutil.walk_packages(tickstream.__path__, "tickstream."):
        if not module.name.endswith("__main__"):
            with suppress(ImportError):  # an extra that is not installed
                import_module(module.name)
    import typer.main

    from tickstream.cli.app import app

    # What it makes of the commands' signatures is the same each time, and half of what a start still costs.
    typer.main.get_command = cache(typer.main.get_command)
    program: Any = typer.main.get_command(app)
    list(program.commands.values())
    # What it stands on it imports when it parses.
    with suppress(Exception):
        app(["serve", "--port", "x"], standalone_mode=False)
    for name in LATE:
        with suppress(ImportError):
            import_module(name)
    gc.collect()
    gc.freeze()


def requested(link: socket.socket) -> Request:
    """Answer requests until the other end is gone; it returns in the processes that are asked for."""
    while True:
        data, descriptors, _, _ = socket.recv_fds(link, 1 << 20, 3)
        if not data:
            sys.exit(0)
        pid = fork_twice()
        if pid == 0:
            link.close()
            return dict(json.loads(data)) | {"descriptors": descriptors}
        for one in descriptors:
            os.close(one)
        link.send(b"%d" % pid)


def fork_twice() -> int:
    """Fork a process whose parent has ended, so that it is whoever reaps for us who is its parent; its id."""
    reading, writing = os.pipe()
    between = os.fork()
    if between == 0:
        pid = os.fork()
        if pid:
            os.write(writing, b"%d" % pid)
            os._exit(0)
        os.close(reading)
        os.close(writing)
        return 0
    os.waitpid(between, 0)
    os.close(writing)
    pid = int(os.read(reading, 32))
    os.close(reading)
    return pid


def become(request: Request) -> None:
    """Be as a process that was started so."""
    for number, descriptor in enumerate(request["descriptors"]):
        os.dup2(descriptor, number)
        os.close(descriptor)
    if request["terminal"]:
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    sys.argv = ["tickstream", *request["arguments"]]
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        made = stream(number, "w" if number else "r", getattr(sys, name))
        setattr(sys, name, made)
        setattr(sys, f"__{name}__", made)


def stream(number: int, mode: str, like: TextIO) -> TextIO:
    """As Python makes them at its start."""
    made = open(  # noqa: SIM115 - for as long as the process lives
        number, mode, encoding=like.encoding, errors=like.errors, newline=like.newlines, closefd=False
    )
    made.reconfigure(line_buffering=number == 2 or os.isatty(number))  # type: ignore[attr-defined]
    return made  # type: ignore[return-value]


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    load()
    become(requested(socket.socket(fileno=int(sys.argv[1]))))
    runpy.run_module("tickstream", run_name="__main__", alter_sys=True)
