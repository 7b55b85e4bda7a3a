"""The pictures of the README show what the program shows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from rich.text import Text

from tests.pictures.shots import FOLDER, SHOTS, shoot, simulated_then
from tests.pictures.svg import drawn, written

TITLES = ("SYMBOL", "EXCHANGE", "GAINERS", "SECTORS", "SIMILAR")
README = Path(__file__).parents[2] / "README.md"


@pytest.fixture(scope="module")
def screens() -> Iterator[dict[str, str]]:
    """What each of the pictures would show now."""
    with simulated_then() as environment, ThreadPoolExecutor(2) as pool:
        shot = pool.map(lambda shot: Text.from_ansi(shoot(shot, environment)).plain, SHOTS)
        yield dict(zip((shot.name for shot in SHOTS), shot, strict=True))


def words(text: str) -> set[str]:
    return set(re.findall(r"[A-Za-z][A-Za-z&/=.'-]+", text))


def titles(text: str) -> list[list[str]]:
    """The lines in which columns and parts have their names."""
    lines = [re.findall(r"[A-Za-z]+", line) for line in text.splitlines()]
    return [line for line in lines if line and line[0] in TITLES]


@pytest.mark.timeout(400)
def test_pictures_are_true(screens: dict[str, str]) -> None:
    for name, screen in screens.items():
        picture = written((FOLDER / f"{name}.svg").read_text("utf-8"))
        assert titles(picture) == titles(screen), f"{name}: take it again, python -m tests.pictures {name}"
        # Movers and headlines may have changed their places.
        old, new = words(picture), words(screen)
        assert len(old ^ new) <= 0.15 * len(old | new), f"{name} is not what it was: {sorted(old ^ new)}"


def test_the_readme_shows_the_pictures_that_there_are() -> None:
    named = set(re.findall(r"\.github/pictures/(\w+)\.svg", README.read_text("utf-8")))
    assert named == {shot.name for shot in SHOTS} == {path.stem for path in FOLDER.glob("*.svg")}


def test_pictures_fetch_nothing_from_elsewhere() -> None:
    for path in FOLDER.glob("*.svg"):
        assert re.findall(r"https?://[^\s\"')]+", path.read_text("utf-8")) == ["http://www.w3.org/2000/svg"]


def test_a_picture_has_the_words_and_the_styles_of_its_screen() -> None:
    picture = drawn("\x1b[1mAAPL\x1b[0m  \x1b[32m+1.5%\x1b[0m\nMSFT", 20, 2, "a title", "one")
    assert [line.split() for line in written(picture).splitlines()] == [["AAPL", "+1.5%"], ["MSFT"]]
    assert "a&#160;title" in picture or "a title" in picture
    assert picture.count("font-weight: bold") == 2
    assert "#8fb857" in picture
