"""Completion, tried in the shells that people use."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pexpect
import pytest
from typer.main import get_command

from tests.support.process import LONG, environment, run
from tickstream.cli.app import app
from tickstream.cli.described import described
from tickstream.cli.shells.scripts import SHELLS

PROGRAM = get_command(app)
COMPLETIONS = Path(__file__).parents[2] / "completions"
FILES = {
    "bash": "tickstream.bash",
    "zsh": "_tickstream",
    "fish": "tickstream.fish",
    "powershell": "tickstream.ps1",
}
CONFIG = """\
[lists]
tech = ["AAPL", "MSFT"]
coins = ["XYZ.L"]
metals = ["gold"]
[aliases]
gold = "GC=F"
"""
# A function of the same name says what the command would have been given.
_SAY = """tickstream() {{
if [[ $1 == completion ]]; then command tickstream "$@"; else printf '<%s>' "$@" end; echo; fi
}}"""
PREPARE = {
    "bash": f"PS1='$ '; bind 'set enable-bracketed-paste off'; . {{completions}}/tickstream.bash\n{_SAY}",
    "zsh": f"PS1='$ '; unset zle_bracketed_paste; fpath=({{completions}} $fpath)\n"
    f"autoload -Uz compinit; compinit -u -D\n{_SAY}",
    "fish": """source {completions}/tickstream.fish
function tickstream
if [ "$argv[1]" = completion ]; command tickstream $argv; else; printf '<%s>' $argv end; echo; end
end""",
}
START = {"bash": ["--norc", "--noprofile", "-i"], "zsh": ["-f", "-i"], "fish": ["--no-config", "-i"]}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of somebody who has lists, and a folder with a tape in it."""
    folder = tmp_path_factory.mktemp("home")
    (folder / "tickstream.toml").write_text(CONFIG)
    (folder / "tape.ndjson").touch()
    return environment(
        HOME=str(folder),
        PATH=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        TICKSTREAM_CONFIG=str(folder / "tickstream.toml"),
        XDG_STATE_HOME=str(folder),
        TERM="xterm",
    )


class Shell:
    """An interactive shell, in which one types and presses the tabulator."""

    def __init__(self, name: str, home: dict[str, str]) -> None:
        self.child = pexpect.spawn(
            name,
            START[name],
            env=home,
            cwd=home["HOME"],
            timeout=LONG,
            encoding="utf-8",
            dimensions=(50, 250),
        )
        for line in PREPARE[name].format(completions=COMPLETIONS).splitlines():
            self.child.sendline(line)
        self.child.sendline("echo rea''dy")
        self.child.expect("ready\r")

    def given(self, typed: str) -> list[str]:
        """What the command is given, after a tabulator behind what is typed, and the end of the line."""
        self.child.send(f"tickstream {typed}\t\r")
        self.child.expect("<([^\r\n]*)><end>")
        match = cast("re.Match[str]", self.child.match)
        return match[1].split("><")

    def offered(self, typed: str, *expected: str) -> None:
        """Wait until all of these are offered, where several can be meant."""
        self.child.send(f"tickstream {typed}\t\t")
        for word in expected:
            self.child.expect_exact(word)
        self.child.send("\x03")


@pytest.fixture(scope="module", params=["bash", "zsh", "fish"])
def shell(request: pytest.FixtureRequest, home: dict[str, str]) -> Iterator[Shell]:
    name = str(request.param)
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not here")
    shell = Shell(name, home)
    yield shell
    shell.child.close(force=True)


@pytest.mark.parametrize(
    ("typed", "given"),
    [
        ("wa", ["watch"]),
        ("watch --colu", ["watch", "--columns"]),
        ("watch --sort weig", ["watch", "--sort", "weight"]),
        ("watch AAPL --columns last,spr", ["watch", "AAPL", "--columns", "last,spread"]),
        ("watch --source de", ["watch", "--source", "demo"]),
        ("watch --source tap", ["watch", "--source", "tape.ndjson"]),
        ("watch --fps 5 --colors blu", ["watch", "--fps", "5", "--colors", "blue-orange"]),
        ("watch @te", ["watch", "@tech"]),
        ("watch AA", ["watch", "AAPL"]),
        ("watch aap", ["watch", "AAPL"]),
        ("watch MSFT EURU", ["watch", "MSFT", "EURUSD=X"]),
        ("quotes gol", ["quotes", "gold"]),
        ("hours XLO", ["hours", "XLON"]),
    ],
)
def test_what_one_begins_is_completed(shell: Shell, typed: str, given: list[str]) -> None:
    assert shell.given(typed) == given


def test_where_several_can_be_meant_they_are_offered(shell: Shell) -> None:
    shell.offered("watch --so", "--sort", "--source")
    shell.offered("watch @", "@metals", "@tech")


def test_a_value_behind_an_equals_sign_is_completed_in_bash(home: dict[str, str]) -> None:
    shell = Shell("bash", home)
    assert shell.given("watch --source=de") == ["watch", "--source=demo"]
    assert shell.given("watch --columns=last,spr") == ["watch", "--columns=last,spread"]
    shell.child.close(force=True)


@pytest.mark.parametrize("name", SHELLS)
def test_the_files_are_what_the_program_writes(name: str) -> None:
    written = (COMPLETIONS / FILES[name]).read_text("utf-8")
    assert written == SHELLS[name](described(PROGRAM)), (
        f"tickstream completion {name} > completions/{FILES[name]}"
    )


def test_a_shell_that_there_is_none_for_is_said() -> None:
    done = run("completion", "bsh")
    assert (done.returncode, done.stdout) == (2, "")
    assert "did you mean bash?" in done.stderr


@pytest.mark.parametrize("name", SHELLS)
def test_a_script_has_every_option_of_every_command(name: str) -> None:
    text = SHELLS[name](described(PROGRAM))
    for command in described(PROGRAM):
        assert command.name in text
        for option in command.options:
            for flag in option.names:
                assert (flag.lstrip("-") if name == "fish" else flag) in text
