"""What keys changed is written back: that, and nothing else of what somebody wrote."""

from __future__ import annotations

import os
import stat
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.process import run
from tickstream.cli.saving import save_columns, save_list, save_sort
from tickstream.errors import BadConfig, UsageError

TEXT = """\
# mine
fps = 5   # slow

[lists]
# what I work on
tech = [  # all of it
    "AAPL",  # fruit
    "gold",
    "MSFT",
]  # the end
other = ["A"]

[aliases]
Gold = "GC=F"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(TEXT)
    return path


def changed(file: Path, before: str = TEXT) -> tuple[set[str], set[str]]:
    """The lines that went, and those that came."""
    old, new = set(before.splitlines()), set(file.read_text().splitlines())
    return old - new, new - old


def test_a_symbol_that_is_added_and_one_that_is_removed_are_all_that_changes(file: Path) -> None:
    save_list(file, "tech", ["AAPL", "GC=F", "TSLA"])
    assert changed(file) == ({'    "MSFT",'}, {'    "TSLA",'})
    assert tomllib.loads(file.read_text())["lists"]["tech"] == ["AAPL", "gold", "TSLA"]


def test_another_order_keeps_how_entries_are_written(file: Path) -> None:
    save_list(file, "tech", ["MSFT", "GC=F", "AAPL"])
    assert tomllib.loads(file.read_text())["lists"]["tech"] == ["MSFT", "gold", "AAPL"]
    assert "# the end" in file.read_text()
    assert '\n    "MSFT"' in file.read_text()


def test_a_list_that_says_it_already_is_not_touched(file: Path) -> None:
    status = file.stat()
    save_list(file, "tech", ["AAPL", "GC=F", "MSFT"])
    assert (file.read_text(), file.stat().st_ino) == (TEXT, status.st_ino)


def test_a_list_columns_and_an_order_that_are_new_go_where_they_belong(file: Path) -> None:
    save_list(file, "new", ["TSLA"])
    save_columns(file, ["symbol", "chg%"])
    save_sort(file, "chg%")
    held = tomllib.loads(file.read_text())
    assert held["lists"]["new"] == ["TSLA"]
    assert (held["columns"], held["sort"], held["fps"]) == (["symbol", "chg%"], "chg%", 5)
    save_columns(file, [])
    save_sort(file, "")
    save_list(file, "new", [])
    held = tomllib.loads(file.read_text())
    assert "columns" not in held
    assert "sort" not in held
    assert held["lists"]["new"] == []


def test_the_file_that_init_writes_can_be_saved_to(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    run("config", "--init", "--config", str(file))
    before = file.read_text()
    save_list(file, "tech", ["AAPL"])
    save_columns(file, ["last"])
    gone, came = changed(file, before)
    assert (gone, came) == (set(), {'tech = ["AAPL"]', 'columns = ["last"]'})
    assert run("config", "--check", "--config", str(file)).returncode == 0


@pytest.mark.skipif(os.name != "posix", reason="modes of files are POSIX")
def test_a_file_that_is_not_there_is_begun_for_its_owner_alone_and_one_that_is_keeps_its_mode(
    tmp_path: Path, file: Path
) -> None:
    new = tmp_path / "deep" / "config.toml"
    save_list(new, "tech", ["AAPL"])
    assert stat.S_IMODE(new.stat().st_mode) == 0o600
    assert tomllib.loads(new.read_text()) == {"lists": {"tech": ["AAPL"]}}
    file.chmod(0o640)
    save_sort(file, "chg%")
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config.toml", "deep"]


def test_a_link_stays_one(tmp_path: Path, file: Path) -> None:
    link = tmp_path / "link.toml"
    link.symlink_to(file)
    save_sort(link, "chg%")
    assert link.is_symlink()
    assert "sort" in tomllib.loads(file.read_text())


def test_lines_end_as_they_did(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode())
    save_list(file, "other", ["B"])
    assert file.read_bytes().count(b"\r\n") == TEXT.count("\n")


@pytest.mark.parametrize(
    "text", ['[lists]\ntech = "AAPL"\n', "lists = 3\n", "[lists\n", "[lists]\ntech = [1]\n", "lists = [1]\n"]
)
def test_a_file_that_is_broken_is_left_as_it_is(file: Path, text: str) -> None:
    file.write_text(text)
    with pytest.raises(BadConfig, match="is broken, and was not changed"):
        save_list(file, "tech", ["MSFT"])
    assert file.read_text() == text


def test_a_place_that_cannot_be_written_is_said_and_the_file_is_whole(file: Path) -> None:
    with pytest.raises(BadConfig, match="cannot be written"):
        save_sort(file / "config.toml", "chg%")
    assert file.read_text() == TEXT


def test_a_write_that_fails_leaves_the_old_file_and_nothing_beside_it(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(BadConfig, match="cannot be written: no space left on device"):
        save_sort(file, "chg%")
    assert file.read_text() == TEXT
    assert [path.name for path in file.parent.iterdir()] == ["config.toml"]


symbols = st.lists(st.sampled_from(["AAPL", "MSFT", "GC=F", "TSLA", "^GSPC", "A"]), max_size=6)
Save = Callable[[Path], Any]


@settings(max_examples=150)
@given(st.lists(symbols, min_size=1, max_size=4))
def test_whatever_is_saved_in_turn_is_read_again_in_that_order(
    tmp_path_factory: pytest.TempPathFactory, turns: list[list[str]]
) -> None:
    file = tmp_path_factory.getbasetemp() / "turns.toml"
    file.write_text(TEXT)
    for turn in turns:
        save_list(file, "tech", turn)
        entries = tomllib.loads(file.read_text())["lists"]["tech"]
        assert ["GC=F" if entry == "gold" else entry for entry in entries] == list(dict.fromkeys(turn))
    assert tomllib.loads(file.read_text())["lists"]["other"] == ["A"]


@pytest.mark.parametrize("name", ["my tech", "a,b", "", "a\tb"])
def test_a_name_that_no_list_can_have_is_refused_before_anything_is_written(file: Path, name: str) -> None:
    with pytest.raises(UsageError, match="has no blank and no comma"):
        save_list(file, name, ("AAPL",))
    assert file.read_text() == TEXT
