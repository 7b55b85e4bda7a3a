"""Where the machine has too little of something: one line says so, and the terminal is as it was."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

import pytest

from tests.support.process import LONG, TICKSTREAM, Terminal, environment

WATCH = ("watch", "AAPL", "--demo", "--json", "--count", "1")

if sys.platform == "win32":
    pytest.skip("there are no such limits", allow_module_level=True)


def run(command: list[str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*command, *TICKSTREAM, *arguments],
        capture_output=True,
        text=True,
        timeout=LONG,
        env=environment(),
        check=False,
    )


@pytest.mark.parametrize("files", [6, 18])
def test_too_few_file_descriptors_are_one_line_and_exit_code_3(files: int) -> None:
    done = run(["sh", "-c", f'ulimit -n {files}; exec "$@"', "sh"], *WATCH)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == (
        "tickstream: there are too few file descriptors: raise their limit (ulimit -n 1024)\n"
    )


def test_thirty_two_file_descriptors_are_enough_to_watch() -> None:
    done = run(["sh", "-c", 'ulimit -n 32; exec "$@"', "sh"], *WATCH)
    assert done.returncode == 0
    assert done.stdout.count("\n") == 1


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux changes the limits of another process")
def test_where_memory_ends_the_terminal_is_given_back_and_one_line_says_why() -> None:
    import resource

    # A process of its own from the start: a fork of one that has all modules has memory to spare.
    own = {"MALLOC_TOP_PAD_": "0"}
    with Terminal(("watch", "AAPL", "BTC-USD", "--demo"), more=own) as terminal:
        terminal.until_text("live")
        assert terminal.child.pid is not None
        resource.prlimit(terminal.child.pid, resource.RLIMIT_AS, (1, 1))
        terminal.resize(500, 300)
        assert terminal.end() == 1
        assert terminal.is_given_back
        # The table that stays on the terminal otherwise may find no memory either.
        said = rb"(?:\r\n|\x1b\[\?1049l)tickstream: there is not enough memory\r\n\Z"
        assert re.search(said, terminal.raw)
        assert b"Traceback" not in terminal.raw


@pytest.mark.skipif(
    os.geteuid() == 0 and shutil.which("setpriv") is None, reason="root may listen on every port"
)
@pytest.mark.parametrize("command", ["serve", "simulate"])
def test_a_port_that_needs_rights_is_said(command: str) -> None:
    without_rights = ["setpriv", "--bounding-set=-net_bind_service"] if os.geteuid() == 0 else []
    demo = ["--demo"] if command == "serve" else []
    done = run(without_rights, command, *demo, "--port", "81")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-1] == (
        "tickstream: port 81 needs rights that you do not have: choose one from 1024 on with --port"
    )
