"""Output: a reader that stalls holds up nobody, one that left is told apart, nothing is lost in silence."""

from __future__ import annotations

import asyncio
import errno
import os
import sys
import threading
import tty
import weakref
from mmap import mmap
from pathlib import Path

import pytest

from tests.support.descriptors import close_ends
from tests.support.pipes import Pipe, fill, read_all
from tickstream.errors import OutputError, ReaderGone
from tickstream.sinks.output import Output, can_write, write_all

LARGE = b"x" * 1_000_000
NOBODY = 9_999
"""A file descriptor that is not open."""


async def drain(fd: int) -> bytes:
    """What can be read by now, and at least something."""
    readable = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(fd, readable.set)
    try:
        await readable.wait()
    finally:
        loop.remove_reader(fd)
    return os.read(fd, 65536)


def test_pieces_are_written_in_their_order(pipe: Pipe) -> None:
    async def write() -> None:
        async with Output(pipe[1]) as output:
            for number in range(100):
                await output.ready()
                output.write(b"%d\n" % number)

    asyncio.run(write())
    os.close(pipe[1])
    assert read_all(pipe[0]) == b"".join(b"%d\n" % number for number in range(100))


def test_nothing_to_write_is_nothing_to_wait_for(pipe: Pipe) -> None:
    async def write() -> bool:
        async with Output(pipe[1]) as output:
            output.write(b"")
            return output.idle

    assert asyncio.run(write())


def test_a_pipe_that_nobody_reads_does_not_hold_up_the_loop(pipe: Pipe) -> None:
    async def write() -> bytes:
        async with Output(pipe[1]) as output:
            output.write(LARGE)
            busy = not output.idle
            ready = asyncio.create_task(output.ready())
            for _ in range(100):
                await asyncio.sleep(0)
            assert not ready.done()
            got = b""
            while len(got) < len(LARGE):
                got += await drain(pipe[0])
            await ready
            assert (busy, output.idle) == (True, True)
            return got

    assert asyncio.run(write()) == LARGE


def test_leaving_does_not_wait_for_a_reader_that_stalls(pipe: Pipe) -> None:
    async def write() -> bool:
        async with Output(pipe[1], grace=0.01) as output:
            output.write(LARGE)
            await output.leave(b"never taken")
        return output.idle

    assert not asyncio.run(write())


def test_leaving_writes_the_last_piece(pipe: Pipe) -> None:
    async def write() -> None:
        async with Output(pipe[1]) as output:
            output.write(b"first ")
            await output.leave(b"last")

    asyncio.run(write())
    os.close(pipe[1])
    assert read_all(pipe[0]) == b"first last"


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo terminals here")
def test_what_a_terminal_did_not_take_in_time_is_cut_off_behind_a_line() -> None:
    eyes, fd = os.openpty()
    line = b"\x1b[32m" + b"x" * 300 + b"\x1b[0m"

    async def see() -> bytes:
        async with Output(fd, grace=0.01) as output:
            output.write((line + b"\n") * 1000)
            assert not await output.leave(b"never taken")
        loop, seen = asyncio.get_running_loop(), bytearray()
        # What a slice has left of a line comes first, and whoever comes next is not in the middle of one.
        next_one = loop.run_in_executor(None, say_next)
        while not seen.endswith(b"next"):
            seen += await drain(eyes)
        await next_one
        return bytes(seen)

    def say_next() -> None:
        thread = next((one for one in threading.enumerate() if one.name == f"tickstream-write-{fd}"), None)
        if thread is not None:
            thread.join(30)
        write_all(fd, b"next")

    try:
        *lines, last = asyncio.run(see()).split(b"\r\n")
    finally:
        close_ends(eyes, fd)
    assert set(lines) == {line}
    assert len(lines) < 100
    assert last == b"next"


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo terminals here")
def test_a_terminal_that_is_closed_meanwhile_is_said_and_not_asked_for_ever() -> None:
    eyes, fd = os.openpty()

    async def write() -> None:
        async with Output(fd) as output:
            os.close(eyes)
            output.write(b"x")
            await output.ready()

    with pytest.raises(OutputError, match="cannot write: Input/output error"):
        asyncio.run(asyncio.wait_for(write(), 30))
    os.close(fd)


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo terminals here")
def test_what_a_terminal_is_set_to_for_us_is_not_set_for_the_shell() -> None:
    eyes, fd = os.openpty()

    async def write() -> bool:
        async with Output(fd) as output:
            output.write(b"x")
            await output.ready()
            return os.get_blocking(fd)

    try:
        assert asyncio.run(asyncio.wait_for(write(), 30))
    finally:
        close_ends(eyes, fd)


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo terminals here")
def test_a_terminal_that_cannot_be_opened_again_is_written_to_as_it_was_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refused(fd: int) -> str:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "ttyname", refused)
    eyes, fd = os.openpty()

    async def write() -> None:
        async with Output(fd) as output:
            output.write(b"one")
            await output.ready()

    try:
        asyncio.run(asyncio.wait_for(write(), 30))
        assert os.read(eyes, 100) == b"one"
        # What was given to us is not ours to close.
        os.write(fd, b"two")
        assert os.read(eyes, 100) == b"two"

        async def write_to_what_is_closed() -> None:
            async with Output(fd) as output:
                os.close(fd)
                output.write(b"three")
                await output.ready()

        with pytest.raises(OutputError, match="the output is closed"):
            asyncio.run(asyncio.wait_for(write_to_what_is_closed(), 30))
    finally:
        os.close(eyes)


def test_where_there_is_no_memory_to_write_with_is_said_by_the_next_look(
    pipe: Pipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write_nothing(fd: int, data: bytes) -> None:
        raise MemoryError

    monkeypatch.setattr("tickstream.sinks.output.write_all", write_nothing)

    async def write() -> None:
        async with Output(pipe[1]) as output:
            output.write(b"x")
            await output.ready()

    with pytest.raises(MemoryError):
        asyncio.run(write())


def test_the_thread_ends_with_its_output(pipe: Pipe) -> None:
    async def write() -> threading.Thread:
        async with Output(pipe[1]) as output:
            output.write(b"x")
            name = f"tickstream-write-{pipe[1]}"
            return next(thread for thread in threading.enumerate() if thread.name == name)

    thread = asyncio.run(write())
    assert thread.daemon
    thread.join(10)
    assert not thread.is_alive()


def test_a_piece_may_not_overtake_another(pipe: Pipe) -> None:
    async def write() -> None:
        async with Output(pipe[1], grace=0.01) as output:
            output.write(LARGE)
            output.write(b"more")

    with pytest.raises(AssertionError, match="not written yet"):
        asyncio.run(write())


async def write_to(fd: int, data: bytes = b"x") -> None:
    async with Output(fd) as output:
        output.write(data)
        await output.ready()


def test_a_reader_that_closes_is_gone(pipe: Pipe) -> None:
    os.close(pipe[0])
    with pytest.raises(ReaderGone):
        asyncio.run(write_to(pipe[1]))


def test_a_reader_that_closes_in_the_middle_is_gone(pipe: Pipe) -> None:
    async def write() -> None:
        async with Output(pipe[1]) as output:
            output.write(LARGE)
            await drain(pipe[0])
            os.close(pipe[0])
            await output.ready()

    with pytest.raises(ReaderGone):
        asyncio.run(write())


def test_an_output_that_is_closed_is_said() -> None:
    with pytest.raises(OutputError, match="the output is closed") as caught:
        asyncio.run(write_to(NOBODY))
    assert not isinstance(caught.value, ReaderGone)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_a_full_device_is_said() -> None:
    with Path("/dev/full").open("wb", buffering=0) as full:
        with pytest.raises(OutputError, match="No space left") as caught:
            asyncio.run(write_to(full.fileno()))
        assert not isinstance(caught.value, ReaderGone)


def test_what_went_wrong_is_raised_each_time_it_is_asked_for() -> None:
    async def write() -> None:
        async with Output(NOBODY) as output:
            output.write(b"x")
            with pytest.raises(OutputError):
                await output.ready()
            with pytest.raises(OutputError):
                output.check()
            await output.leave(b"a farewell that cannot be said is no error")

    asyncio.run(write())


def test_a_pipe_that_somebody_made_non_blocking_is_written_whole(pipe: Pipe) -> None:
    os.set_blocking(pipe[1], False)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(read_all(pipe[0])))
    reader.start()
    write_all(pipe[1], LARGE)
    os.close(pipe[1])
    reader.join()
    assert got == [LARGE]


def test_whether_something_can_be_written_is_found_out(pipe: Pipe) -> None:
    assert can_write(pipe[1], 0)
    fill(pipe[1])
    assert not can_write(pipe[1], 0)
    assert not can_write(-1, 0)
    assert not can_write(NOBODY, 0)


@pytest.mark.parametrize("is_terminal", [False, True])
def test_what_is_written_may_be_kept_in_memory_of_its_own_and_is_let_go_when_it_is(is_terminal: bool) -> None:
    said = b"".join(b"line %d\n" % number for number in range(9_000))
    reading, writing = os.openpty() if is_terminal else os.pipe()
    if is_terminal:
        tty.setraw(writing)
    mapped = mmap(-1, len(said))
    mapped[:] = said
    gone = weakref.ref(mapped)

    async def main() -> bytes:
        nonlocal mapped
        got = b""
        async with Output(writing) as output:
            output.write(mapped)
            del mapped
            while len(got) < len(said):
                got += await asyncio.to_thread(os.read, reading, 65536)
            await output.ready()
            assert gone() is None
        return got

    try:
        assert asyncio.run(main()) == said
    finally:
        close_ends(reading, writing)
