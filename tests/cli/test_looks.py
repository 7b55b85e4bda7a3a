"""How things look: what is typed, what the environment asks for, and what the terminal can do."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tickstream.cli.looks import Look, is_ascii_locale, look_of
from tickstream.core.colors import COLORS
from tickstream.errors import UsageError
from tickstream.sinks.paint import PALETTES, PlainPainter


@pytest.fixture(autouse=True)
def no_wishes(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that asks for nothing."""
    for name in ("NO_COLOR", "FORCE_COLOR", "LC_ALL", "LC_CTYPE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")


def test_there_is_a_look_for_each_palette_and_one_without() -> None:
    assert set(COLORS) == {*PALETTES, "none"}
    assert look_of(None, False, False) == Look("green-up")
    assert look_of(" Red-Up ", False, True) == Look("red-up", ascii=True)


@pytest.mark.parametrize(
    ("environment", "arguments", "colors"),
    [
        ({"NO_COLOR": "1"}, (None, False, frozenset()), "none"),
        ({"NO_COLOR": ""}, (None, False, frozenset()), "green-up"),
        ({"NO_COLOR": "1"}, ("red-up", False, frozenset({"colors"})), "red-up"),
        ({"NO_COLOR": "1"}, ("red-up", False, frozenset()), "none"),
        ({}, ("red-up", True, frozenset()), "none"),
        ({}, ("red-up", True, frozenset({"no_color"})), "none"),
        ({}, ("red-up", True, frozenset({"colors"})), "red-up"),
        ({}, ("none", True, frozenset({"colors", "no_color"})), "none"),
    ],
)
def test_what_is_typed_wins_over_no_color_and_that_over_the_rest(
    environment: Mapping[str, str],
    arguments: tuple[str | None, bool, frozenset[str]],
    colors: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    name_of, no_color, typed = arguments
    assert look_of(name_of, no_color, False, typed).colors == colors


def test_colours_that_do_not_exist_and_two_wishes_at_once_are_refused() -> None:
    with pytest.raises(UsageError, match=r"no colours 'redup': did you mean red-up\? use green-up, red-up"):
        look_of("redup", False, False)
    with pytest.raises(UsageError, match="--colors red-up and --no-color: give one of them"):
        look_of("red-up", True, False, frozenset({"colors", "no_color"}))


def test_a_pipe_has_colours_only_where_they_are_forced(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(look_of(None, False, False).painter(terminal=False), PlainPainter)
    assert look_of(None, False, False).painter().paint("1", "up") == "\x1b[32m1\x1b[0m"
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert look_of("red-up", False, False).painter(terminal=False).paint("1", "up") == "\x1b[31m1\x1b[0m"
    monkeypatch.setenv("NO_COLOR", "1")
    assert isinstance(look_of(None, False, False).painter(terminal=False), PlainPainter)


@pytest.mark.parametrize("terminal", [True, False])
@pytest.mark.parametrize("colors", COLORS)
def test_in_ascii_is_in_ascii_in_every_look(colors: str, terminal: bool) -> None:
    assert "^" in Look(colors, ascii=True).painter(terminal=terminal).paint("▲", "up")
    assert "▲" in Look(colors).painter(terminal=terminal).paint("▲", "up")


@pytest.mark.parametrize(
    ("environment", "encoding", "ascii_alone"),
    [
        ({"LANG": "C.UTF-8"}, "utf-8", False),
        ({"LANG": "en_US.utf8"}, "utf-8", False),
        ({"LANG": "de_DE.UTF-8@euro"}, "utf-8", False),
        ({"LANG": "C"}, "utf-8", True),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "POSIX"}, "utf-8", True),
        ({"LANG": "en_US.UTF-8", "LC_CTYPE": "de_DE.ISO-8859-1"}, "utf-8", True),
        ({"LANG": "C", "LC_ALL": "C.UTF-8"}, "utf-8", False),
        ({"LANG": "xx_XX.nonsense"}, "utf-8", True),
        # One that does not name its letters, or is not set, says nothing.
        ({"LANG": "en_US"}, "utf-8", False),
        ({}, "utf-8", False),
        ({}, "cp1252", True),
        ({}, "", True),
    ],
)
def test_a_locale_that_cannot_say_what_is_drawn_has_ascii_alone(
    environment: Mapping[str, str], encoding: str, ascii_alone: bool
) -> None:
    assert is_ascii_locale(environment, encoding) is ascii_alone
