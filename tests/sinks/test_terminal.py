"""The terminal: only what changed is sent, and what was taken is given back."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress

import pytest

from tests.support.descriptors import close_ends
from tickstream.errors import OutputError
from tickstream.sinks.output import Output, can_write
from tickstream.sinks.terminal import Screen, give_all_back, hurry_all, size_of

if sys.platform == "win32":
    pytest.skip("no pseudo terminals here", allow_module_level=True)

import termios

TAKE = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[H\x1b[2J"
BEGIN, END = "\x1b[?2026h", "\x1b[?2026l"
GIVE_BACK = END + "\x1b[?7h\x1b[?25h\x1b[?1049l"


class Terminal:
    """A pseudo terminal: `fd` is what a program gets, and this is who looks at it."""

    def __init__(self, columns: int = 20, lines: int = 5) -> None:
        self._eyes, self.fd = os.openpty()
        self.resize(columns, lines)
        self._seen = b""

    def resize(self, columns: int, lines: int) -> None:
        termios.tcsetwinsize(self.fd, (lines, columns))

    def type(self, keys: bytes) -> None:
        os.write(self._eyes, keys)

    def fill(self) -> None:
        """Write until nothing more is taken, then look at so little that a kilobyte or so is taken again."""
        ours = os.open(os.ttyname(self.fd), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
        try:
            while can_write(ours, 0.05):
                os.write(ours, b"." * 64)
        finally:
            os.close(ours)
        while not can_write(self.fd, 0.05):
            os.read(self._eyes, 256)

    async def see(self, end: str) -> str:
        """What came since the last look, up to `end`."""
        loop, readable = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(self._eyes, readable.set)
        try:
            while end.encode() not in self._seen:
                await readable.wait()
                readable.clear()
                self._seen += os.read(self._eyes, 65536)
        finally:
            loop.remove_reader(self._eyes)
        seen, _, self._seen = self._seen.partition(end.encode())
        return seen.decode() + end

    def close(self) -> None:
        close_ends(self._eyes, self.fd)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    terminal = Terminal()
    yield terminal
    terminal.close()


def run(terminal: Terminal, act: Callable[[Screen, Output], Awaitable[None]], *, keys: bool = False) -> None:
    async def run() -> None:
        async with Output(terminal.fd) as output:
            screen = Screen(output, terminal.fd if keys else None)
            try:
                await act(screen, output)
            finally:
                screen.give_back()

    asyncio.run(asyncio.wait_for(run(), 30))


def test_the_screen_is_taken_and_given_back(terminal: Terminal) -> None:
    async def act(screen: Screen, output: Output) -> None:
        with screen:
            assert await terminal.see("\x1b[2J") == TAKE
        assert await terminal.see("1049l") == GIVE_BACK

    run(terminal, act)


def test_only_lines_that_changed_are_sent_in_one_update(terminal: Terminal) -> None:
    async def act(screen: Screen, output: Output) -> None:
        with screen:
            await terminal.see(TAKE)
            frames = []
            for lines in (["one", "two", "three"], ["one", "TWO", "three"], ["one", "TWO"], ["a", "b"]):
                assert screen.draw(lines)
                frames.append(await terminal.see(END))
                await output.ready()
        assert frames == [
            f"{BEGIN}\x1b[2J\x1b[1;1Hone\x1b[2;1Htwo\x1b[3;1Hthree{END}",
            f"{BEGIN}\x1b[2;1HTWO{END}",
            f"{BEGIN}\x1b[3;1H\x1b[2K{END}",
            f"{BEGIN}\x1b[1;1Ha\x1b[2;1Hb{END}",
        ]

    run(terminal, act)


def test_what_shows_nothing_goes_after_the_next_frame_once(terminal: Terminal) -> None:
    async def act(screen: Screen, output: Output) -> None:
        with screen:
            await terminal.see(TAKE)
            for _ in range(3):
                screen.send("\a")
            screen.draw(["one"])
            assert (await terminal.see("\a")).endswith(f"one{END}\a")
            await output.ready()
            screen.send("!\a")
            screen.draw(["one"])
            assert await terminal.see("\a") == "!\a"

    run(terminal, act)


def test_a_frame_that_changes_nothing_sends_nothing(terminal: Terminal) -> None:
    async def act(screen: Screen, output: Output) -> None:
        with screen:
            assert screen.draw(["one"])
            await output.ready()
            assert screen.draw(["one"])
            assert output.idle
            assert (await terminal.see(END)).startswith(TAKE)
        assert await terminal.see("1049l") == GIVE_BACK

    run(terminal, act)


def test_another_size_draws_the_whole_screen(terminal: Terminal) -> None:
    async def act(screen: Screen, output: Output) -> None:
        with screen:
            assert screen.size == (20, 5)
            screen.draw(["one", "two"])
            await terminal.see(END)
            await output.ready()
            terminal.resize(30, 6)
            assert screen.size == (30, 6)
            screen.draw(["one", "two"])
            assert await terminal.see(END) == f"{BEGIN}\x1b[2J\x1b[1;1Hone\x1b[2;1Htwo{END}"

    run(terminal, act)


def test_a_screen_that_was_given_back_is_not_drawn_on_and_may_be_taken_again(terminal: Terminal) -> None:
    async def act(screen: Screen, output: Output) -> None:
        assert not screen.draw(["too early"])
        screen.take()
        screen.draw(["one"])
        await output.ready()
        screen.give_back()
        assert not screen.draw(["too late"])
        screen.take()
        screen.draw(["one"])
        await output.ready()
        screen.give_back()
        screen.give_back()
        seen = await terminal.see(GIVE_BACK) + await terminal.see(GIVE_BACK)
        frame = f"{TAKE}{BEGIN}\x1b[2J\x1b[1;1Hone{END}{GIVE_BACK}"
        assert seen == frame * 2

    run(terminal, act)


def test_a_frame_is_skipped_while_the_one_before_is_not_taken() -> None:
    reading, writing = os.pipe()

    async def act() -> None:
        async with Output(writing, grace=0.01) as output:
            screen = Screen(output)
            screen.take()
            assert screen.size == (80, 24)
            assert screen.draw(["x" * 1_000_000])
            assert not screen.draw(["y"])

    try:
        asyncio.run(asyncio.wait_for(act(), 30))
    finally:
        close_ends(reading, writing)


def test_an_output_that_fails_is_said_by_the_next_frame() -> None:
    reading, writing = os.pipe()

    async def act() -> None:
        async with Output(writing) as output:
            with Screen(output) as screen:
                os.close(reading)
                screen.draw(["one"])
                with suppress(OutputError):
                    await output.ready()
                with pytest.raises(OutputError):
                    screen.draw(["two"])

    try:
        asyncio.run(asyncio.wait_for(act(), 30))
    finally:
        close_ends(reading, writing)


def test_keys_come_one_by_one_and_the_terminal_is_as_before_afterwards(terminal: Terminal) -> None:
    before = termios.tcgetattr(terminal.fd)

    async def act(screen: Screen, output: Output) -> None:
        had_keys = [screen.has_keys]
        with screen:
            had_keys.append(screen.has_keys)
            modes = termios.tcgetattr(terminal.fd)[3]
            assert not modes & (termios.ICANON | termios.ECHO)
            assert modes & termios.ISIG
            terminal.type(b"q")
            assert os.read(terminal.fd, 1) == b"q"
        assert [*had_keys, screen.has_keys] == [False, True, False]

    run(terminal, act, keys=True)
    assert termios.tcgetattr(terminal.fd) == before


def test_a_keyboard_that_is_no_terminal_has_no_keys(terminal: Terminal) -> None:
    async def act(screen: Screen, output: Output) -> None:
        ends = os.pipe()
        try:
            with Screen(output, ends[0]) as other:
                assert not other.has_keys
        finally:
            for end in ends:
                os.close(end)

    run(terminal, act)


def test_an_error_gives_the_screen_back_too(terminal: Terminal) -> None:
    async def act(screen: Screen, output: Output) -> None:
        with pytest.raises(ZeroDivisionError), screen:
            _ = 1 / 0
        assert (await terminal.see("1049l")).endswith(GIVE_BACK)

    run(terminal, act)


def test_all_that_are_taken_can_be_given_back_at_once(terminal: Terminal) -> None:
    async def act(screen: Screen, output: Output) -> None:
        screen.take()
        give_all_back()
        give_all_back()
        assert await terminal.see("1049l") == TAKE + GIVE_BACK
        assert not screen.draw(["one"])

    run(terminal, act)


def test_a_terminal_that_is_slow_is_given_back_and_spared_the_rest_of_a_frame(terminal: Terminal) -> None:
    async def act(screen: Screen, output: Output) -> None:
        screen.take()
        screen.draw(["\x1b[1;31m▲" * 100_000])
        await terminal.see("▲")
        giving = asyncio.create_task(asyncio.to_thread(screen.give_back))
        seen = await terminal.see("1049l")
        await giving
        # It is not cut in the middle of a sequence, nor of a character.
        assert set(seen.removesuffix(GIVE_BACK).split("▲")) == {"\x1b[1;31m", ""}
        assert seen.endswith(f"▲{GIVE_BACK}")
        assert len(seen) < 100_000
        # It may be taken again, and is drawn on as before.
        await output.ready()
        screen.take()
        assert screen.draw(["two"])
        assert await terminal.see("two") == f"{TAKE}{BEGIN}\x1b[2J\x1b[1;1Htwo"
        await output.ready()

    run(terminal, act)


@pytest.mark.parametrize("patience", [0.0, 0.01])
def test_a_terminal_that_takes_nothing_is_left_as_it_is(terminal: Terminal, patience: float) -> None:
    async def act(screen: Screen, output: Output) -> None:
        screen.take()
        screen.draw(["x" * 1_000_000])
        while can_write(terminal.fd, 0.0):  # noqa: ASYNC110 - nothing tells when a terminal is full
            await asyncio.sleep(0)
        screen.give_back(patience)
        # Nothing waits to be written to it any more, either.
        await output.ready()
        assert not screen.ready

    run(terminal, act)


def test_a_terminal_that_takes_little_is_not_waited_for_inside_the_kernel(terminal: Terminal) -> None:
    async def act(screen: Screen, output: Output) -> None:
        screen.take()
        terminal.fill()
        # There is room for a part of the frame; nobody reads what would make room for the rest.
        assert can_write(terminal.fd, 5.0)
        screen.draw(["x" * 1_000_000])
        while can_write(terminal.fd, 0.05):
            pass
        screen.give_back(0.0)
        await output.ready()

    run(terminal, act)


def test_after_a_signal_nobody_waits_long_for_a_terminal(terminal: Terminal) -> None:
    async def act(screen: Screen, output: Output) -> None:
        before = screen.patience
        hurry_all()
        assert screen.patience < 0.5 < before

    run(terminal, act)


def test_what_is_no_terminal_is_eighty_by_twenty_four(terminal: Terminal) -> None:
    reading, writing = os.pipe()
    assert size_of(writing) == (80, 24)
    for fd in (reading, writing):
        os.close(fd)
    assert size_of(terminal.fd) == (20, 5)
    terminal.resize(0, 0)
    assert size_of(terminal.fd) == (80, 24)
