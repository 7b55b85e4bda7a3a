"""Notifications: escape codes that are harmless, commands that nobody waits for, desktops that fail."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tickstream.core.ports import Fired
from tickstream.core.tick import Value
from tickstream.sinks.notify import (
    AT_ONCE,
    WAITING,
    Commands,
    Desktop,
    environment_of,
    notification,
    terminal_text,
)

TICK: dict[str, Value] = {"id": "AAPL", "price": 201.5, "indices": ["A", "B"]}
FIRED = Fired("AAPL", "AAPL>200", 0, "AAPL>200: 201.50", TICK, "SIMULATED")
LONG = 30.0


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONG
    while not condition():
        assert time.monotonic() < deadline, "never happened"
        time.sleep(0.01)


# -- terminals


def test_a_terminal_gets_the_code_that_it_knows() -> None:
    text = "tickstream: AAPL>200: 201.50"
    assert notification("AAPL>200: 201.50", {"TERM": "xterm-kitty"}) == f"\x1b]9;{text}\a"
    assert notification("A", {"TERM": "foot"}) == "\x1b]777;notify;tickstream;A\a"
    assert notification("A", {"TERM": "xterm", "VTE_VERSION": "7000"}).startswith("\x1b]777;")
    assert notification("A", {"TERM": "tmux", "TMUX": "x"}) == "\x1bPtmux;\x1b\x1b]9;tickstream: A\a\x1b\\"
    assert [notification("A", {"TERM": term}) for term in ("", "dumb", "linux")] == ["", "", ""]


@pytest.mark.parametrize("text", ["a\x1b]0;pwned\x07b", "a\x9c\x9d52;c;x\x07", "a\u202eb\nc"])
def test_nothing_in_a_text_ends_the_code_early(text: str) -> None:
    code = notification(text, {"TERM": "xterm"})
    inside = code.removeprefix("\x1b]9;").removesuffix("\a")
    assert inside.isprintable()
    assert ";" not in inside


def test_only_what_was_asked_for_is_sent() -> None:
    environ = {"TERM": "xterm"}
    assert terminal_text(FIRED, {"bell"}, environ) == "\a"
    assert terminal_text(FIRED, {"terminal"}, environ) == "\x1b]9;tickstream: AAPL>200: 201.50 [SIMULATED]\a"
    assert terminal_text(FIRED, set(), environ) == ""


# -- commands


def test_the_environment_has_the_alert_and_each_field() -> None:
    assert environment_of(FIRED) == {
        "TICKSTREAM_ALERT": "AAPL>200",
        "TICKSTREAM_MESSAGE": "AAPL>200: 201.50 [SIMULATED]",
        "TICKSTREAM_MARK": "SIMULATED",
        "TICKSTREAM_ID": "AAPL",
        "TICKSTREAM_PRICE": "201.5",
        "TICKSTREAM_INDICES": "A B",
    }


class Script:
    """A command that does as `code` says, in `folder`."""

    def __init__(self, folder: Path, code: str) -> None:
        self.folder, self.said = folder, list[str]()
        self.commands = Commands([sys.executable, "-c", code, str(folder)], self.said.append)

    def names(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())


def test_a_command_gets_the_tick_on_stdin_and_in_its_environment(tmp_path: Path) -> None:
    code = (
        "import os, sys, pathlib\n"
        "text = sys.stdin.read() + os.environ['TICKSTREAM_ID']\n"
        "path = pathlib.Path(sys.argv[1])\n"
        "(path / 'new').write_text(text); (path / 'new').rename(path / 'got')"
    )
    script = Script(tmp_path, code)
    script.commands.run(FIRED)
    until(lambda: script.names() == ["got"])
    line, _, name = (tmp_path / "got").read_text().partition("\n")
    assert json.loads(line) == TICK
    assert name == "AAPL"
    script.commands.close(LONG)
    assert script.said == []


def test_no_shell_sees_what_is_told() -> None:
    said = list[str]()
    done = subprocess.run(["sh", "-c", "exit 0"], check=True)
    commands = Commands(["echo", "$(exit 7)"], said.append)
    commands.run(FIRED)
    commands.close(LONG)
    assert done.returncode == 0
    assert said == []


def test_a_command_that_fails_or_is_not_there_is_said(tmp_path: Path) -> None:
    script = Script(tmp_path, "raise SystemExit(7)")
    script.commands.run(FIRED)
    until(lambda: bool(script.said))
    assert script.said == [f"--on-alert: {sys.executable} ended with 7 for AAPL>200"]
    script.commands.close(LONG)
    said = list[str]()
    commands = Commands([str(tmp_path / "none")], said.append)
    commands.run(FIRED)
    commands.close(LONG)
    assert said == [f"--on-alert: cannot run {tmp_path / 'none'}: No such file or directory"]


HANG = (
    "import os, sys, time, pathlib\n"
    "path = pathlib.Path(sys.argv[1])\n"
    "(path / str(os.getpid())).touch()\n"
    "while not (path / 'go').exists(): time.sleep(0.01)"
)


def test_only_a_few_run_at_once_the_others_wait_and_all_run(tmp_path: Path) -> None:
    script = Script(tmp_path, HANG)
    for _ in range(AT_ONCE + 2):
        script.commands.run(FIRED)
    until(lambda: len(script.names()) == AT_ONCE)
    (tmp_path / "go").touch()
    until(lambda: len(script.names()) == AT_ONCE + 3)
    script.commands.close(LONG)
    assert script.said == []


def test_commands_that_hang_hold_up_nobody_and_what_was_not_run_is_said(tmp_path: Path) -> None:
    script = Script(tmp_path, HANG)
    for _ in range(AT_ONCE):
        script.commands.run(FIRED)
    until(lambda: len(script.names()) == AT_ONCE)
    for _ in range(WAITING + 3):
        script.commands.run(FIRED)
    script.commands.close(grace=0.01)
    (tmp_path / "go").touch()
    assert script.said == [
        f"--on-alert: {WAITING} alerts wait for it, newer ones are left out",
        f"--on-alert: not run for {WAITING + 3} alerts: those before took too long",
    ]


# -- the desktop


class Bench:
    """A desktop that shows what it is told, after `trouble`."""

    def __init__(self, *trouble: Exception) -> None:
        self.shown: list[tuple[str, str]] = []
        self._trouble = list(trouble)

    async def send(self, title: str, message: str) -> object:
        if self._trouble:
            raise self._trouble.pop(0)
        self.shown.append((title, message))
        return None


def shown(bench: Bench, times: int) -> list[str]:
    said = list[str]()

    async def run() -> None:
        desktop = Desktop(said.append, lambda: bench)
        for _ in range(times):
            desktop.show(FIRED)
        await desktop.close(LONG)

    asyncio.run(asyncio.wait_for(run(), LONG))
    return said


def test_what_waits_at_the_end_is_shown_and_marked_as_simulated() -> None:
    bench = Bench()
    assert shown(bench, 2) == []
    assert bench.shown == [("tickstream SIMULATED", "AAPL>200: 201.50")] * 2


def test_a_desktop_that_fails_is_said_once_and_tried_again() -> None:
    bench = Bench(OSError("no bus"), OSError("no bus"), ValueError())
    assert shown(bench, 4) == [
        "no notification on the desktop: no bus",
        "no notification on the desktop: ValueError",
    ]
    assert len(bench.shown) == 1


def test_a_desktop_that_was_never_needed_is_never_loaded() -> None:
    async def run() -> None:
        await Desktop(lambda text: None, lambda: pytest.fail("loaded")).close()

    asyncio.run(run())


@pytest.mark.skipif(sys.platform != "linux", reason="another way to the desktop")
def test_a_desktop_that_is_not_there_is_one_line_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    said = list[str]()

    async def run() -> None:
        desktop = Desktop(said.append)
        desktop.show(FIRED)
        await desktop.close(LONG)

    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
    asyncio.run(run())
    assert len(said) == 1
    assert said[0].startswith("no notification on the desktop: ")
    assert capfd.readouterr().err == ""
