"""Every key of the live table, typed in two terminals at once, whose screens have to be the same.

One is tmux, which nobody here wrote; the other one is read by pyte.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.process import Terminal, simulated
from tests.support.tmux import Tmux
from tickstream.core.keys import ACTIONS

SYMBOLS = ("AAPL", "MSFT", "NVDA", "TSLA", "VOD.L")
CONFIG = '[lists]\ntech = ["AAPL", "MSFT", "NVDA"]\n'
DOWN, ENTER, ESC = "\x1b[B", "\r", "\x1b"


class Step(NamedTuple):
    """A key, and how one sees that it did what its action is."""

    action: str
    typed: str
    seen: Callable[[list[str]], bool]


def at(symbol: str) -> Callable[[list[str]], bool]:
    return lambda lines: any(line.startswith(f"▶{symbol} ") for line in lines)


def has(text: str) -> Callable[[list[str]], bool]:
    return lambda lines: any(text in line for line in lines)


def without(text: str) -> Callable[[list[str]], bool]:
    return lambda lines: bool(lines) and not any(text in line for line in lines)


def is_ready(lines: list[str]) -> bool:
    """Whether prices, sums and what comes over HTTP are there."""
    return all(has(text)(lines) for text in ("CLS", "USD  day", "72.54p"))


def shows(step: Step, one: Terminal, other: Tmux) -> bool:
    """Whether both show what the step leads to, and the same."""
    return step.seen(one.lines) and step.seen(other.lines) and same(one.lines) == same(other.lines)


STEPS = (
    Step("down", "j", at("AAPL")),
    Step("down", DOWN, at("MSFT")),
    Step("bottom", "G", at("VOD.L")),
    Step("up", "k", at("TSLA")),
    Step("top", "g", at("AAPL")),
    Step("page-down", "f", at("VOD.L")),
    Step("page-up", "b", at("AAPL")),
    Step("find", "/d", has(" find  d▏")),
    Step("find", ENTER, at("NVDA")),
    Step("next", "n", at("VOD.L")),
    Step("sort", "s", has("sorted by ")),
    Step("reverse", "r", has("SYMBOL▾")),
    Step("detail", "o", has("52 weeks")),
    Step("quit", ESC, has("SYMBOL▾")),
    Step("columns", "c", has("▶ ✓ symbol")),
    Step("quit", ESC, has("SYMBOL▾")),
    Step("add", "+ORCL\r", at("ORCL")),
    Step("remove", "-", without("ORCL ")),
    Step("values", "v", has("•••")),
    Step("values", "v", without("•••")),
    Step("pause", "p", has("PAUSED")),
    Step("pause", "p", without("PAUSED")),
    Step("events", "e", has("connected")),
    Step("quit", ESC, has("SYMBOL▾")),
    Step("list", "\t", has("tech")),
    Step("remove", "jd", without("NVDA ")),
    Step("save", "w", has("wrote the list @tech")),
    Step("help", "?", has("these keys")),
    Step("quit", ESC, without("these keys")),
)


@pytest.fixture(scope="module")
def source() -> Iterator[str]:
    # After the first push of each nothing moves.
    with simulated("--session", "closed") as name:
        yield name


def same(lines: list[str]) -> str:
    """A screen without what differs between two that began one after the other: figures, directions."""
    text = re.sub(r"[▲▼△▽=+-]", "", "\n".join(lines))
    text = re.sub(r"[ ─●▁-█]*\d[\d:.,hms]*[hms%]?[ ─●▁-█]*", " 9 ", text)
    return "\n".join(line.rstrip() for line in text.split("\n")).replace("b.toml", "a.toml")


@pytest.mark.parametrize(("columns", "lines"), [(80, 24), (200, 60)])
def test_every_key_shows_the_same_in_both_terminals(
    source: str, tmp_path: Path, columns: int, lines: int
) -> None:
    files = [tmp_path / "a.toml", tmp_path / "b.toml"]
    for file in files:
        file.write_text(CONFIG)
        file.chmod(0o600)
    arguments = ("watch", *SYMBOLS, "--source", source, "--position", "AAPL=10@150")
    settings = [{"TICKSTREAM_CONFIG": str(file)} for file in files]
    with (
        Terminal(arguments, columns, lines, more=settings[0]) as pyte,
        Tmux(arguments, columns, lines, **settings[1]) as tmux,
    ):
        pyte.until(lambda: is_ready(pyte.lines) and is_ready(tmux.lines))
        for step in STEPS:
            pyte.child.send(step.typed)
            tmux.type(step.typed)
            pyte.until(lambda step=step: shows(step, pyte, tmux))  # type: ignore[misc]
        pyte.child.send("q")
        assert pyte.end() == 0
        assert pyte.is_given_back
    assert {step.action for step in STEPS} == set(ACTIONS)
    assert files[0].read_text() == files[1].read_text() != CONFIG
