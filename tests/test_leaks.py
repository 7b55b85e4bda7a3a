"""The checks after each test: what is left is found, and what goes by itself is not held against anybody."""

from __future__ import annotations

import asyncio
import os
import re
import select
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support import leaks
from tests.support.descriptors import close_ends
from tests.support.leaks import Watch
from tests.support.process import Terminal, environment, run
from tests.support.server import serving
from tests.support.warm import TICKSTREAM, Popen
from tickstream.core.mailbox import Every
from tickstream.core.ports import Feed
from tickstream.hub import Hub, Reading
from tickstream.server.client import Client

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it looks at /proc")

pytest_plugins = "pytester"


@contextmanager
def open_socket() -> Iterator[None]:
    with socket.socket():
        yield


@contextmanager
def open_file() -> Iterator[None]:
    number = os.open(os.devnull, os.O_RDONLY)
    try:
        yield
    finally:
        os.close(number)


@contextmanager
def open_pipe_behind_a_closed_one() -> Iterator[None]:
    first = os.pipe()
    second = os.pipe()
    close_ends(*first)
    try:
        yield
    finally:
        close_ends(*second)


@contextmanager
def running_thread() -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait, name="stays")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@contextmanager
def running_process() -> Iterator[None]:
    process = subprocess.Popen(["sleep", "60"])
    try:
        yield
    finally:
        process.kill()
        process.wait()


@contextmanager
def zombie() -> Iterator[None]:
    process = subprocess.Popen(["true"], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.read()
    process.stdout.close()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    try:
        yield
    finally:
        process.wait()


@contextmanager
def pending_task() -> Iterator[None]:
    async def forgets() -> None:
        forgets.task = asyncio.create_task(stays())  # type: ignore[attr-defined]

    async def stays() -> None:
        await asyncio.Event().wait()

    asyncio.run(forgets())
    yield


@contextmanager
def reader_of_a_hub() -> Iterator[None]:
    class Ended:
        def follow(self, symbols: frozenset[str]) -> None:
            assert symbols == {"AAPL"}

        async def run(self, feed: Feed) -> None:
            """Nothing comes of it."""

    hub = Hub()
    Reading(hub, Every()).follow(["AAPL"])
    asyncio.run(hub.run(Ended()))
    yield


@contextmanager
def client_of_a_server() -> Iterator[None]:
    async def serve() -> None:
        async with serving() as there, there.connect("/stream"):
            await there.until(lambda: bool(there.server.clients))
            client: Client = next(iter(there.server.clients))
        there.server.clients[client] = "stream"  # as it would be if it were never taken out

    asyncio.run(serve())
    yield


@pytest.mark.parametrize(
    ("leak", "said"),
    [
        (open_socket, r"the descriptor \d+ \(socket:\[\d+\]\)"),
        (open_file, r"the descriptor \d+ \(/dev/null\)"),
        (open_pipe_behind_a_closed_one, r"the descriptor \d+ \(pipe:\[\d+\]\)"),
        (running_thread, "the thread stays"),
        (running_process, r"the process \d+ \(sleep 60\)"),
        (zombie, r"the process \d+ \(a zombie\)"),
        (pending_task, r"the task Task-\d+ \(pending_task.<locals>.forgets.<locals>.stays\)|.*stays\)"),
        (reader_of_a_hub, "readers of AAPL in a hub"),
        (client_of_a_server, r'the gauge clients\{route="stream"\} of a server at 1'),
    ],
)
def test_what_is_left_is_said(
    leak: Callable[[], Iterator[None]], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leaks, "GRACE", 0.02)
    watch = Watch()
    with leak():  # type: ignore[attr-defined]
        left = watch.left()
    assert left
    assert all(re.fullmatch(said, line) for line in left), left
    assert Watch().left() == []


def test_what_ends_by_itself_is_not_left() -> None:
    watch = Watch()
    go = threading.Event()
    threading.Thread(target=go.wait).start()
    process = subprocess.Popen(["sleep", "60"])
    threading.Timer(0.02, lambda: [end() for end in (go.set, process.kill, process.wait)]).start()

    async def ends() -> None:
        asyncio.run_coroutine_threadsafe(asyncio.sleep(0.02), asyncio.get_running_loop())

    asyncio.run(ends())
    assert watch.left() == []


def test_what_only_the_collector_closes_is_closed_before_it_counts() -> None:
    watch = Watch()
    held: list[object] = [select.epoll()]
    held.append(held)
    del held
    assert watch.left() == []


def test_the_test_that_left_something_fails_by_its_name(pytester: pytest.Pytester) -> None:
    pytester.makeconftest("from tests.conftest import _nothing_is_left")
    pytester.makepyfile(
        """
        import os

        left = []

        def test_one_that_is_tidy():
            pass

        def test_one_that_is_not():
            left.extend(os.pipe())

        def test_one_that_comes_after_it():
            for number in left:
                os.close(number)
        """
    )
    result = pytester.runpytest_inprocess("-p", "no:xdist", "-p", "no:randomly")
    result.assert_outcomes(passed=3, errors=1)
    result.stdout.fnmatch_lines(["left behind: *pipe*", "ERROR test_*::test_one_that_is_not*"])


@pytest.mark.parametrize("taken", ["?25l", "?1049h"], ids=["cursor", "screen"])
def test_a_terminal_that_is_not_given_back_fails_its_test(taken: str) -> None:
    with (
        pytest.raises(AssertionError, match="not as it was"),
        Terminal(["-c", rf"printf '\033[{taken}here'"], command="sh") as terminal,
    ):
        terminal.until_text("here")


def test_what_still_runs_in_a_terminal_is_ended_and_heard_out() -> None:
    with Terminal(("watch", "AAPL", "--demo")) as terminal:
        terminal.until(lambda: b"\x1b[?1049h" in terminal.raw)
        taken = not terminal.is_given_back
    assert taken
    assert terminal.is_given_back
    assert not terminal.child.isalive()


# -- starts by a fork


def test_a_forked_start_says_and_returns_what_any_other_does() -> None:
    for arguments in (
        ("--version",),
        ("watch", "AAPL", "--json", "--max-symbols", "x"),
        ("quotes", "--help"),
    ):
        warm = run(*arguments)
        command = [*TICKSTREAM, *arguments]
        cold = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
        assert (warm.returncode, warm.stdout, warm.stderr) == (cold.returncode, cold.stdout, cold.stderr)


def test_a_forked_process_has_the_descriptors_and_the_parent_of_any_other() -> None:
    seen = []
    starts: tuple[Any, ...] = (Popen, subprocess.Popen)
    for start in starts:
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        process = start([*TICKSTREAM, "simulate", "--port", "0"], env=environment(), **pipes)
        with process:
            for _ in range(3):
                process.stderr.readline()
            place = Path(f"/proc/{process.pid}")
            targets = sorted(re.sub(r"\d+", "", str(one.readlink())) for one in (place / "fd").iterdir())
            parent = re.findall(r"PPid:\t(\d+)", (place / "status").read_text())
            seen.append((targets, parent, (place / "cwd").readlink(), os.getsid(process.pid)))
            process.terminate()
    assert process.returncode == 143
    assert seen[0] == seen[1]
