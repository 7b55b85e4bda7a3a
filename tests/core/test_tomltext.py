"""The lines of keys: found again however a text is laid out."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
import tomlkit
from hypothesis import given, settings
from hypothesis import strategies as st

from tickstream.core.tomltext import Key, error_line, key_lines, line_of

TEXT = '''\
# a comment = 1
fps = 5  # and [one] here
"a b".c = 1
text = """
[not.a.table]
no = "key"
"""
many = [
    "x = 1",  # [
    "y",
]
ends = """in quotes""""
literal = \'\'\'
z = 2\'\'\'

[lists]
tech = ["AAPL"]
'x.y' = []
[server]  # = 1
port = 3

[[positions]]
symbol = "A"

[[positions]]
cost.deep = 1
'''


@pytest.mark.parametrize(
    ("key", "line"),
    [
        (("fps",), 2),
        (("a b", "c"), 3),
        (("text",), 4),
        (("many",), 8),
        (("ends",), 12),
        (("literal",), 13),
        (("lists",), 16),
        (("lists", "tech"), 17),
        (("lists", "x.y"), 18),
        (("server", "port"), 20),
        (("positions", 0), 22),
        (("positions", 0, "symbol"), 23),
        (("positions", 1), 25),
        (("positions", 1, "cost", "deep"), 26),
    ],
)
def test_a_key_is_found_on_its_line(key: Key, line: int) -> None:
    assert key_lines(TEXT)[key] == line


def test_nothing_within_a_text_a_list_or_a_comment_is_a_key() -> None:
    names = {part for key in key_lines(TEXT) for part in key}
    assert not names & {"no", "not", "x", "y", "z", "a comment"}


def test_lines_that_end_as_on_windows_count_as_one() -> None:
    assert key_lines(TEXT.replace("\n", "\r\n")) == key_lines(TEXT)


def test_what_has_no_line_of_its_own_is_where_what_holds_it_is() -> None:
    lines = key_lines("positions = [\n{cost = 1}]\n")
    assert line_of(("positions", 0, "cost"), lines) == 1
    assert line_of(("nothing",), lines) == 0


@pytest.mark.parametrize(("text", "line"), [("a = 1\nb = \n", 2), ("a = 1\n\n[x", 3), ("a = 1\nb = [\n", 3)])
def test_the_line_on_which_it_broke(text: str, line: int) -> None:
    with pytest.raises(tomllib.TOMLDecodeError) as caught:
        tomllib.loads(text)
    assert error_line(caught.value, text) == line


texts = st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=12)
values = st.recursive(
    st.integers(-9, 9) | st.booleans() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=12,
)


def keys_of(value: Any, way: Key = ()) -> set[Key]:
    """The ways to all tables and values, but for what is within a list."""
    inner = value.items() if isinstance(value, dict) else ()
    return {way} | {key for name, held in inner for key in keys_of(held, (*way, name))}


@settings(max_examples=200)
@given(st.dictionaries(texts, values, max_size=5))
def test_every_key_is_found_whatever_the_text_and_on_a_line_that_names_it(data: dict[str, Any]) -> None:
    text = tomlkit.dumps(data)
    lines = key_lines(text)
    held = tomllib.loads(text)
    written = text.split("\n")
    for key in keys_of(held) - {()}:
        line = line_of(key, lines)
        assert 1 <= line <= len(written)
    for name in held:
        assert line_of((name,), lines) == lines[(name,)]


@settings(max_examples=200)
@given(st.text(max_size=200))
def test_it_ends_on_any_text(text: str) -> None:
    assert all(1 <= line <= text.count("\n") + 1 for line in key_lines(text).values())
