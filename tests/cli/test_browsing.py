"""The keys of the live table, typed in a real terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.process import Terminal
from tickstream.core.keys import ACTIONS

UP, DOWN, PGUP, PGDN = "\x1b[A", "\x1b[B", "\x1b[5~", "\x1b[6~"
SEVEN = ("AAPL", "BTC-USD", "EURUSD=X", "MSFT", "NVDA", "TSLA", "VOD.L")
CONFIG = """\
sort = "given"
[lists]
# what I look at
tech = ["AAPL", "MSFT", "NVDA"]  # three
coins = ["BTC-USD", "ETH-USD"]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(CONFIG)
    path.chmod(0o600)
    return path


@contextmanager
def watching(
    symbols: Sequence[str] = SEVEN, columns: int = 80, lines: int = 24, *more: str, config: Path | None = None
) -> Iterator[Terminal]:
    named = {"TICKSTREAM_CONFIG": str(config)} if config else {}
    with Terminal(("watch", *symbols, "--demo", *more), columns, lines, more=named) as terminal:
        terminal.until(lambda: " live " in terminal.lines[-1] and bool(rows(terminal)))
        yield terminal


def rows(terminal: Terminal) -> list[str]:
    """The symbols that are shown, in their order, without the cursor."""
    found = [re.match(r"[ ▎▶!]([A-Z^][A-Z0-9.=-]+)  ", line) for line in terminal.lines[2:-1]]
    return [match[1] for match in found if match]


def cursor(terminal: Terminal) -> str:
    return next((line[1:].split()[0] for line in terminal.lines[1:-1] if line.startswith("▶")), "")


def test_a_cursor_moves_over_rows_and_the_window_goes_with_it() -> None:
    with watching(SEVEN, 60, 7) as terminal:
        assert rows(terminal) == list(SEVEN[:4])
        for key, at in (("j", "AAPL"), (DOWN, "BTC-USD"), ("G", "VOD.L"), (UP, "TSLA"), ("g", "AAPL")):
            terminal.child.send(key)
            terminal.until(lambda at=at: cursor(terminal) == at)  # type: ignore[misc]
        terminal.child.send(PGDN + PGDN)
        terminal.until(lambda: cursor(terminal) == "VOD.L")
        assert rows(terminal) == list(SEVEN[-4:])
        assert "4–7 shown" in terminal.lines[0]
        terminal.child.send(PGUP + "k" + "k" + "k")
        terminal.until(lambda: cursor(terminal) == "AAPL")


def test_esc_closes_what_is_open_then_lets_the_row_go_then_quits() -> None:
    with watching() as terminal:
        terminal.child.send("j?")
        terminal.until_text("these keys")
        terminal.child.send("\x1b")
        terminal.until(lambda: cursor(terminal) == "AAPL")
        terminal.child.send("\x1b")
        terminal.until(lambda: cursor(terminal) == "")
        terminal.child.send("\x1b")
        assert terminal.end() == 0
        assert terminal.is_given_back


@pytest.mark.parametrize(("columns", "lines"), [(80, 24), (200, 60)])
def test_the_help_names_every_key(columns: int, lines: int) -> None:
    with watching(SEVEN, columns, lines) as terminal:
        terminal.child.send("?")
        terminal.until(lambda: all(action.says in terminal.text for action in ACTIONS.values()))
        assert "SIMULATED" in terminal.lines[0]
        terminal.child.send("?")
        terminal.until(lambda: rows(terminal) == list(SEVEN))


def test_what_is_left_behind_is_the_table_under_its_own_title() -> None:
    with watching(("AAPL", "MSFT")) as terminal:
        terminal.child.send("?")
        terminal.until(lambda: " keys" in terminal.lines[0])
        terminal.child.send("q")
        assert terminal.end() == 0
        left = terminal.raw[terminal.raw.rindex(b"\x1b[?1049l") :].decode()
        assert "2 symbols" in left


def test_rows_are_sorted_by_the_next_column_and_the_other_way_round() -> None:
    with watching(("NVDA", "AAPL", "MSFT")) as terminal:
        terminal.child.send("s")
        terminal.until(lambda: rows(terminal) == ["AAPL", "MSFT", "NVDA"])
        assert "SYMBOL▴" in terminal.lines[1]
        terminal.child.send("r")
        terminal.until(lambda: rows(terminal) == ["NVDA", "MSFT", "AAPL"])
        assert "SYMBOL▾" in terminal.lines[1]
        assert "sorted by symbol" in terminal.lines[-1]


def test_finding_puts_the_cursor_on_a_symbol_or_a_name() -> None:
    with watching() as terminal:
        terminal.child.send("/tsl")
        terminal.until(lambda: cursor(terminal) == "TSLA")
        assert terminal.lines[-1].startswith(" find  tsl▏")
        terminal.child.send("\x15vodaf")
        terminal.until(lambda: cursor(terminal) == "VOD.L")
        terminal.child.send("\x15nothing like it\r")
        terminal.until_text("no symbol or name has 'nothing like it'")
        # q and the like are letters while one types.
        assert terminal.child.isalive()


def test_symbols_are_added_and_removed_and_the_stream_follows() -> None:
    with watching(("AAPL", "MSFT")) as terminal:
        terminal.child.send("+tsla, NOT/ONE\r")
        terminal.until_text("NOT/ONE")
        assert rows(terminal) == ["AAPL", "MSFT"]
        terminal.child.send("atsla,vod.l\r")
        terminal.until(lambda: rows(terminal) == ["AAPL", "MSFT", "TSLA", "VOD.L"])
        terminal.until(lambda: all(re.search(r"\d\.\d\d", line) for line in terminal.lines[2:6]))
        assert cursor(terminal) == "TSLA"
        terminal.child.send("-")
        terminal.until(lambda: rows(terminal) == ["AAPL", "MSFT", "VOD.L"])
        assert "removed TSLA" in terminal.lines[-1]
        terminal.child.send("gddd")
        terminal.until_text("is the last one")
        assert rows(terminal) == ["VOD.L"]


def test_the_detail_shows_all_about_the_row_and_goes_on_to_others() -> None:
    story = re.compile(r" \d+[mhd] \S.*Apple")
    with watching(SEVEN, 120, 40) as terminal:
        terminal.child.send("\r")
        terminal.until(lambda: "Apple Inc." in terminal.text and "52 weeks" in terminal.text)
        terminal.until(lambda: "SECTOR  Technology" in terminal.text and bool(story.search(terminal.text)))
        assert "SIMULATED" in terminal.lines[0]
        terminal.child.send(DOWN)
        terminal.until(lambda: "Bitcoin" in terminal.text and "BTC-USD" in terminal.lines[0])
        terminal.child.send("\x1b")
        terminal.until(lambda: cursor(terminal) == "BTC-USD")


def test_columns_are_chosen_one_by_one() -> None:
    with watching(("AAPL", "MSFT"), 80, 50) as terminal:
        assert "BID" not in terminal.lines[1]
        terminal.child.send("c")
        terminal.until(lambda: cursor(terminal) == "✓")
        terminal.until(lambda: ["bid", "BID"] in [line.split() for line in terminal.lines])
        at = [line.split() for line in terminal.lines].index(["bid", "BID"])
        terminal.child.send("j" * (at - 1) + " ")
        terminal.until(lambda: any(line.split()[:3] == ["▶", "✓", "bid"] for line in terminal.lines))
        terminal.child.send("\x1b")
        terminal.until(lambda: "BID" in terminal.lines[1].split())


def test_what_is_paused_stands_still_and_says_so_and_goes_on_afterwards() -> None:
    with watching(("AAPL", "BTC-USD", "TSLA")) as terminal:
        terminal.child.send("p")
        terminal.until(lambda: "PAUSED" in terminal.lines[0])
        held = terminal.lines[2:5]
        terminal.until(lambda: "PAUSED 2s" in terminal.lines[0])
        assert [line[1:] for line in terminal.lines[2:5]] == [line[1:] for line in held]
        terminal.child.send("p")
        terminal.until(lambda: "PAUSED" not in terminal.lines[0])
        terminal.until(lambda: [line[1:] for line in terminal.lines[2:5]] != [line[1:] for line in held])


def test_alerts_are_told_while_it_is_paused() -> None:
    with watching(("AAPL", "BTC-USD"), 80, 24, "--alert", "BTC-USD±0.0001%") as terminal:
        terminal.child.send("pe")
        terminal.until(lambda: "events" in terminal.lines[0] and "PAUSED" in terminal.lines[0])
        terminal.until(lambda: any("BTC-USD" in line and ":" in line for line in terminal.lines[1:-1]))


def test_the_next_list_is_shown_under_its_name(file: Path) -> None:
    with watching(("VOD.L",), config=file) as terminal:
        for name, symbols in (("tech", ["AAPL", "MSFT", "NVDA"]), ("coins", ["BTC-USD", "ETH-USD"])):
            terminal.child.send("\t")
            terminal.until(lambda symbols=symbols: rows(terminal) == symbols)  # type: ignore[misc]
            assert f"{name} · " in terminal.lines[0]
        terminal.child.send("\t")
        terminal.until(lambda: rows(terminal) == ["VOD.L"])


def test_what_keys_changed_is_written_back_and_comments_stay(file: Path) -> None:
    with watching(("@tech",), config=file) as terminal:
        terminal.child.send("Gds")
        terminal.until(lambda: rows(terminal) == ["AAPL", "MSFT"] and "SYMBOL▴" in terminal.lines[1])
        terminal.child.send("w")
        terminal.until_text("wrote the list @tech, the order into config.toml")
    said = file.read_text()
    assert 'tech = ["AAPL", "MSFT"]  # three' in said
    assert "# what I look at" in said
    assert 'sort = "symbol:asc"' in said


def test_symbols_of_no_list_are_written_under_a_name_that_is_asked_for(file: Path) -> None:
    with watching(("AAPL",), config=file) as terminal:
        terminal.child.send("w")
        terminal.until_text("nothing was changed by keys")
        terminal.child.send("+TSLA\r")
        terminal.until(lambda: rows(terminal) == ["AAPL", "TSLA"])
        terminal.child.send("wmine\r")
        terminal.until_text("wrote the list @mine")
    assert 'mine = ["AAPL", "TSLA"]' in file.read_text()


def test_what_one_owns_is_hidden_by_a_key() -> None:
    with watching(("AAPL",), 100, 24, "--position", "AAPL=10@150") as terminal:
        terminal.until(lambda: "VALUE" in terminal.lines[1])
        terminal.until(lambda: re.search(r"\d,\d{3}\.\d\d", terminal.lines[2]) is not None)
        terminal.child.send("v")
        terminal.until(lambda: re.search(r"\d,\d{3}\.\d\d", terminal.text) is None)


def test_a_list_is_given_a_name_that_it_can_have(file: Path) -> None:
    with watching(("AAPL",), config=file) as terminal:
        terminal.child.send("+TSLA\r")
        terminal.until(lambda: rows(terminal) == ["AAPL", "TSLA"])
        terminal.child.send("wmy tech\r")
        terminal.until_text("has no blank and no comma in it")
        assert file.read_text() == CONFIG
        terminal.child.send("w@mine\r")
        terminal.until_text("wrote the list @mine")


def test_what_was_written_is_the_file_s_from_then_on(file: Path) -> None:
    with watching(("@tech",), config=file) as terminal:
        terminal.child.send("+VOD.L\rs")
        terminal.until(lambda: rows(terminal) == ["AAPL", "MSFT", "NVDA", "VOD.L"])
        terminal.child.send("w")
        terminal.until_text("wrote the list @tech, the order")
        # Somebody else writes into it then, and is not undone by another key.
        file.write_text(file.read_text().replace("symbol:asc", "symbol:desc").replace('"MSFT", ', ""))
        terminal.until(lambda: rows(terminal) == ["VOD.L", "NVDA", "AAPL"])
        before = file.read_text()
        terminal.child.send("w")
        terminal.until_text("nothing was changed by keys")
        assert file.read_text() == before


def test_the_next_list_is_one_that_has_something(file: Path) -> None:
    file.write_text(CONFIG.replace("[lists]", "[lists]\nnone = []"))
    with watching(("@tech",), config=file) as terminal:
        terminal.child.send("\t")
        terminal.until(lambda: rows(terminal) == ["BTC-USD", "ETH-USD"])
        # What is empty by now is shown no more, and keys work on.
        file.write_text(file.read_text().replace('["BTC-USD", "ETH-USD"]', "[]"))
        terminal.until(lambda: rows(terminal) == ["AAPL", "MSFT", "NVDA"])
        terminal.child.send("s")
        terminal.until(lambda: "SYMBOL▴" in terminal.lines[1])
