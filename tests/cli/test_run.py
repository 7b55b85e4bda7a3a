"""Running a command: a signal ends it in order, a second one or too much time ends it at once.

So does a lack of memory, wherever it is found.
"""

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


STARVING = """
import asyncio, sys
from tickstream.cli.run import run_async
def starve():
    raise MemoryError
async def work():
    loop = asyncio.get_running_loop()
    loop.call_soon(starve)
    after = loop.create_future()
    loop.call_later(float(sys.argv[1]), after.set_result, None)
    try:
        await after
        print("went on", flush=True)
    finally:
        print("ended in order", flush=True)
try:
    run_async(work(), serves=bool(sys.argv[2:]))
except MemoryError:
    print("not enough memory", flush=True)
"""


def starving(*arguments: str) -> tuple[str, str]:
    done = subprocess.run(
        [sys.executable, "-c", STARVING, *arguments],
        capture_output=True,
        text=True,
        timeout=LONG,
        env=environment(),
        check=True,
    )
    return done.stdout, done.stderr


def test_a_callback_without_memory_ends_the_command_and_not_in_a_traceback() -> None:
    assert starving("3600") == ("ended in order\nnot enough memory\n", "")


def test_a_server_goes_on_where_one_connection_found_no_memory() -> None:
    said, errors = starving("0", "serves")
    assert said == "went on\nended in order\n"
    assert errors.endswith("MemoryError\n")


TIDY = """
import asyncio, gc, weakref
from tickstream.cli import run
run.COLLECT, run.MOST_COLLECTING = 0.01, 1.0
class Node: pass
async def wait():
    gc.disable()  # Python does nothing by itself
    for _ in range(2):
        gone, node = asyncio.Event(), Node()
        node.me = node
        kept = weakref.ref(node, lambda _: gone.set())
        del node
        await gone.wait()
    print("collected")
run.run_async(wait())
"""


def test_garbage_is_collected_from_time_to_time_however_little_there_is() -> None:
    command = [sys.executable, "-c", TIDY]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=LONG, env=environment(), check=True
    )
    assert done.stdout == "collected\n"
