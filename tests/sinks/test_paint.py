"""Paint: texts in exactly so many columns, in the terminal's own colours, or in none."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from tickstream.core.text import clean
from tickstream.sinks.paint import PALETTES, STYLES, Painter, PlainPainter, ascii_of, fit, width_of

few = settings(max_examples=150, deadline=None, database=None)
CODES = re.compile(r"\x1b\[([0-9;]*)m")
clean_text = st.text(max_size=40).map(clean)


@few
@given(
    clean_text | st.text("aé界🇩🇪👩\u200d🔬\u0301", max_size=20).map(clean), st.integers(0, 60), st.booleans()
)
@example("界界", 3, True)
@example("e" + "\u0301" * 100, 1, False)
def test_whatever_the_text_it_takes_exactly_its_columns(text: str, width: int, left: bool) -> None:
    assert cell_len(fit(text, width, left=left)) == width


@few
@given(clean_text)
def test_a_width_is_what_rich_says_it_is(text: str) -> None:
    assert width_of(text) == cell_len(text)


def test_what_is_too_short_is_filled_up_on_the_other_side() -> None:
    assert fit("ab", 4) == "ab  "
    assert fit("ab", 4, left=False) == "  ab"
    assert fit("abcdef", 4) == "abcd"


def test_part_of_a_number_is_another_number_and_is_not_shown() -> None:
    assert fit("104,902.65", 6, left=False) == "######"


@pytest.mark.parametrize("tone", STYLES)
@pytest.mark.parametrize("color", [True, False])
@pytest.mark.parametrize("dim", [True, False])
def test_a_painted_text_is_the_text_between_codes_that_end_what_they_began(
    tone: str, color: bool, dim: bool
) -> None:
    painted = Painter(color=color).paint("1.5", tone, dim=dim)
    assert CODES.sub("", painted) == "1.5"
    codes = CODES.findall(painted)
    assert codes in ([], [*codes[:1], "0"])
    assert bool(codes) == (tone != "" or dim or False) or not color
    numbers = {int(number) for code in codes for number in code.replace("38;5;16", "30").split(";")}
    assert numbers <= {0, 1, 2, 7} | ({*range(30, 38), *range(40, 48)} if color else set())
    assert not dim or 2 in numbers


def test_nothing_is_painted_as_nothing() -> None:
    assert Painter().paint("", "up") == ""


def test_up_and_down_are_told_apart_by_colour_only_where_there_is_one() -> None:
    assert Painter().paint("1", "up") != Painter().paint("1", "down")
    assert Painter(color=False).paint("1", "up") == Painter(color=False).paint("1", "down") == "1"


def test_a_mark_stands_out_without_colour_too() -> None:
    assert Painter(color=False).paint("SIMULATED", "mark") != "SIMULATED"


def test_what_is_dimmed_is_the_same_text_in_its_own_colour_and_dim() -> None:
    painter = Painter()
    for tone in ("", "up", "bold"):
        assert painter.dimmed.paint("7", tone) == painter.paint("7", tone, dim=True)
    assert Painter(color=False).dimmed.paint("7", "") == "\x1b[2m7\x1b[0m"


def test_the_palettes_paint_the_same_ways_in_other_colours() -> None:
    green, red = "\x1b[32m1\x1b[0m", "\x1b[31m1\x1b[0m"
    ways = {name: tuple(Painter(palette=name).paint("1", way) for way in ("up", "down")) for name in PALETTES}
    assert ways["green-up"] == (green, red)
    assert ways["red-up"] == (red, green)
    assert not {green, red} & set(ways["blue-orange"])
    assert len(set(ways["blue-orange"])) == 2


@pytest.mark.parametrize("palette", PALETTES)
def test_a_lost_link_is_not_green_where_falling_prices_are(palette: str) -> None:
    painter = Painter(palette=palette)
    assert painter.paint("1", "bad") == "\x1b[31m1\x1b[0m"
    assert painter.paint("1", "good") == "\x1b[32m1\x1b[0m"


@pytest.mark.parametrize("palette", PALETTES)
def test_digits_on_a_colour_name_both_so_that_they_can_be_read_on_any_background(palette: str) -> None:
    for way in ("flash-up", "flash-down"):
        code = CODES.search(Painter(palette=palette).paint("1", way))
        assert code is not None
        assert re.search(r"38;5;16;4[0-8]", code[1])
        assert Painter(color=False).paint("1", way) == "\x1b[7m1\x1b[0m"


@few
@given(clean_text | st.text("aé界🇩🇪👩\u200d🔬\u0301ﬁ▲●─█", max_size=20).map(clean))
def test_in_ascii_a_text_is_as_wide_as_it_was(text: str) -> None:
    plain = ascii_of(text)
    assert plain.isascii()
    assert plain.isprintable()
    assert len(plain) == width_of(text)


def test_in_ascii_bars_stay_bars_and_letters_lose_their_accents() -> None:
    assert ascii_of("▲ +0.5%  ──●──  ▁▃▅█") == "^ +0.5%  --*--  _,=#"
    assert ascii_of("Nestlé · Zürich…") == "Nestle - Zurich~"
    assert ascii_of("任天堂") == "??????"
    ways = [ascii_of(arrow) for arrow in "▲▼△▽=●○◌"]
    assert len(set(ways)) == len(ways)
    bars = [ascii_of(bar) for bar in "▁▂▃▄▅▆▇█"]
    assert len(set(bars)) == len(bars)


def test_a_painter_in_ascii_paints_in_ascii_whether_it_has_colours_or_not() -> None:
    assert Painter(in_ascii=True).paint("▲", "up") == "\x1b[32m^\x1b[0m"
    assert Painter(in_ascii=True).dimmed.paint("▲", "dim") == "\x1b[2m^\x1b[0m"
    assert PlainPainter(in_ascii=True).paint("▲", "up") == "^"
    assert PlainPainter().paint("▲", "up") == "▲"
