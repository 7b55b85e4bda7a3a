"""Text: whatever comes in, what comes out can be printed anywhere."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tickstream.core.text import LONGEST, clean, duration, meant, seconds_text
from tickstream.errors import UsageError

few = settings(max_examples=100, deadline=None, database=None)

anything = st.text(st.characters(), max_size=600) | st.text("a \n\u00e9\u200b", max_size=600)


@few
@given(anything)
@example("\x1b]0;owned\x07")
@example("\ud800")
def test_only_what_is_safe_comes_out(text: str) -> None:
    cleaned = clean(text)
    assert cleaned.isprintable()
    unsafe = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert not [char for char in cleaned if unicodedata.category(char) in unsafe]
    cleaned.encode("utf-8")


@few
@given(anything, st.integers(0, 300))
@example("\u00e9" + "a" * 254 + " b", LONGEST)
def test_cleaning_again_changes_nothing(text: str, longest: int) -> None:
    cleaned = clean(text, longest)
    assert clean(cleaned, longest) == cleaned


@few
@given(anything, st.integers(0, 300))
def test_nothing_longer_than_asked_comes_out(text: str, longest: int) -> None:
    assert len(clean(text, longest)) <= longest


@few
@given(st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=LONGEST))
def test_what_is_harmless_stays_as_it_is(text: str) -> None:
    assert clean(text) == text


@few
@given(st.text(max_size=LONGEST))
def test_nothing_that_can_be_seen_is_lost(text: str) -> None:
    seen = [char for char in text if char.isprintable() and not char.isspace()]
    assert [char for char in clean(text) if not char.isspace()] == seen


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("Crédit Agricole", "Crédit Agricole"),
        ("トヨタ自動車", "トヨタ自動車"),
        ("[red]x[/foo] :smile:", "[red]x[/foo] :smile:"),
        ("a\r\nb\tc", "a  b c"),
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("safe\u202egnp.exe", "safegnp.exe"),
        ("A\u200bB\ufeff", "AB"),
        ("no\u00a0break\u2028line", "no break line"),
        ("\x00\x7f\x9b", ""),
        ("", ""),
    ],
)
def test_what_could_harm_is_taken_out_and_breaks_become_blanks(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


def test_a_text_of_100_kB_is_cut() -> None:
    assert clean("x" * 100_000) == "x" * LONGEST
    assert clean("é" * 100_000) == "é" * LONGEST


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "0s"), (0, "0s"), (0.99, "0s"), (1, "1s"), (59.9, "59s"), (60, "1m"), (3599, "59m"),
        (3600, "1h00"), (8040, "2h14"), (86_399, "23h59"), (86_400, "1d"), (300_000, "3d"),
    ],
)  # fmt: skip
def test_a_duration_is_said_in_its_largest_unit(seconds: float, text: str) -> None:
    assert seconds_text(seconds) == text


@few
@given(st.floats(-1e9, 8.6e8))
def test_a_duration_takes_five_characters_at_most(seconds: float) -> None:
    assert len(seconds_text(seconds)) <= 5


@pytest.mark.parametrize(
    ("text", "seconds"), [("30", 30.0), ("30s", 30.0), (" 1.5H ", 5400.0), ("250ms", 0.25), (".5m", 30.0)]
)
def test_a_duration_is_read(text: str, seconds: float) -> None:
    assert duration(text) == seconds


@pytest.mark.parametrize("text", ["", "0", "-1s", "1w", "1 2", "9" * 400])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="as in 30s"):
        duration(text)


def test_what_may_have_been_meant_is_what_is_alike() -> None:
    assert meant("Volum", ["volume", "value"]) == "did you mean volume? "
    assert meant("Max_symbols", ["max-symbols"], "--") == "did you mean --max-symbols? "
    assert meant("interval", ["fps", "json"]) == ""
    assert meant("x" * 10_000, ["volume"]) == ""
