"""Running a command: a signal ends it in order, a second one or too much time ends it at once."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from tests.support.process import LONG, environment

STUBBORN = """
import asyncio, sys
from tickstream.cli.run import run_async
async def never():
    print("running", flush=True)
    while True:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            print("not yet", flush=True)
run_async(never(), grace=float(sys.argv[1]))
"""


@pytest.mark.parametrize(("grace", "signals"), [("3600", 2), ("0.01", 1)], ids=["told twice", "out of time"])
def test_a_second_ctrl_c_does_not_wait_for_anything(grace: str, signals: int) -> None:
    """Nor does the first, for longer than its grace."""
    process = subprocess.Popen(
        [sys.executable, "-c", STUBBORN, grace],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    )
    try:
        assert process.stdout is not None
        for said in ("running", "not yet")[:signals]:
            assert process.stdout.readline() == f"{said}\n"
            process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=LONG)
    finally:
        process.kill()
        process.communicate()
    assert (process.returncode, errors) == (130, "")
