"""What is offered to somebody who begins to type a symbol."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.process import Terminal, environment
from tests.support.streamer import Visit, frame, in_a_thread
from tickstream.cli.suggesting import MOST, remember, suggestions


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TICKSTREAM_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path


def offered(beginning: str) -> list[str]:
    return [word for word, _ in suggestions(beginning)]


def test_what_is_ones_own_comes_first_and_nothing_twice(home: Path) -> None:
    (home / "config.toml").write_text(
        '[lists]\nall = ["AAXX", "aapl"]\n[aliases]\nAardvark = "AA.L"\n[[positions]]\nsymbol = "AAP"\n'
    )
    remember(["AAZ", "AAPL"])
    assert offered("aa") == ["Aardvark", "AAXX", "aapl", "AA.L", "AAP", "AAZ"]
    assert offered("@a") == ["@all"]
    assert dict(suggestions("@"))["@all"] == "2 symbols"


def test_those_that_many_look_at_have_their_names() -> None:
    assert ("BTC-USD", "Bitcoin") in list(suggestions("btc"))
    assert len(offered("")) > 150


@pytest.mark.parametrize("text", ["[lists\n", "lists = 3\n", '[lists]\nx = "A"\n[aliases]\ny = 3\n', "\x00"])
def test_a_config_file_that_is_broken_keeps_nobody_from_typing(home: Path, text: str) -> None:
    (home / "config.toml").write_text(text)
    assert "AAPL" in offered("AA")


def test_what_a_shell_would_take_for_something_else_is_not_offered(home: Path) -> None:
    (home / "config.toml").write_text('[aliases]\n"a b" = "X"\n"a\\u001b[31m" = "Y"\n"ok" = "Z"\n')
    assert [word for word in offered("") if word in ("a b", "ok") or "\x1b" in word] == ["ok"]


def test_the_newest_are_remembered_first_and_not_more_than_so_many(home: Path) -> None:
    remember(f"S{n}" for n in range(MOST))
    remember(["S5", "NEW"])
    (file,) = (home / "state").rglob("recent*")
    assert file.stat().st_mode & 0o777 == 0o600
    found = offered("S")
    assert found[:3] == ["S5", "S0", "S1"]
    assert len([word for word in found if word[1:].isdigit()]) == MOST - 1


def test_where_nothing_can_be_written_nothing_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/dev/null/here")
    remember(["AAPL"])
    assert "AAPL" in offered("AA")


async def one_push(visit: Visit) -> None:
    await visit.wish()
    await visit.send(frame("ZZZZ", 1.0))
    await visit.stay()


def test_a_watch_remembers_what_there_were_prices_of_and_nothing_simulated(home: Path) -> None:
    with in_a_thread(one_push) as fake:
        source = f"yahoo+http://127.0.0.1:{fake.port}"
        with Terminal(
            ("watch", "ZZZZ", "NONE", "--source", source, "--count", "1"), more=variables(home)
        ) as table:
            assert table.end() == 0
    assert offered("ZZ") == ["ZZZZ"]
    assert offered("NON") == []
    with Terminal(("watch", "YYYY", "--demo", "--count", "1"), more=variables(home)) as table:
        assert table.end() == 0
    assert offered("YY") == []


def variables(home: Path) -> dict[str, str]:
    return {"XDG_STATE_HOME": str(home / "state")}


def test_next_to_nothing_is_loaded_for_it(home: Path) -> None:
    heavy = ("asyncio", "rich", "typer", "httpx", "websockets", "msgspec", "tickstream.errors")
    code = (
        "import sys; sys.argv[1:] = ['completion', 'symbols', 'AAP']\n"
        "from tickstream.cli.entry import main\n"
        "try: main()\n"
        f"finally: print(sorted(set({heavy!r}) & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment(), check=False
    )
    assert (done.returncode, done.stdout) == (0, "AAPL\tApple\n[]\n")
