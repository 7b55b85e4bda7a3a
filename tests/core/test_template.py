"""Templates: what was not said is empty, and what cannot be written is found out when it is read."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickstream.core.template import EXTRAS, Template
from tickstream.core.tick import FIELDS, Value
from tickstream.errors import UsageError

SAID: dict[str, Value] = {
    "id": "VOD.L",
    "price": 71.84,
    "time": 1_700_000_000_000,
    "change_percent": -0.5,
    "currency": "GBp",
    "day_volume": 51_234_567,
    "indices": ["A", "B"],
}


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("{id} {price} {change_percent:+.2f}%", "VOD.L 71.84 -0.50%"),
        ("{id:>8}|{id:<8}|{price:8.1f}", "   VOD.L|VOD.L   |    71.8"),
        ("{day_volume:,}", "51,234,567"),
        ("{last} {arrow}", "71.84p ▼"),
        ("{indices}", "A B"),
        ("{{{id}}}\\t.", "{VOD.L}\t."),
        ("{time:%Y}", "2023"),
        ("no field", "no field"),
    ],
)
def test_fields_are_written_as_they_are_asked_for(text: str, written: str) -> None:
    assert Template(text).of(SAID) == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("{bid}|{bid:+.2f}|{short_name}|{indices}", "|||"),
        ("{bid:>8.2f}|{short_name:<6}|{bid_size:06,}|{bid:*^4}", "        |      |      |    "),
        ("{time:%H:%M}{last}{arrow}", ""),
    ],
)
def test_what_was_not_said_is_empty_and_keeps_its_width(text: str, written: str) -> None:
    assert Template(text).of({}) == written


def test_the_arrow_says_which_way_it_went() -> None:
    said: list[dict[str, Value]] = [{"change_percent": 1.0}, {"change": -1.0}, {"change_percent": 0.0}]
    assert [Template("{arrow}").of(one) for one in said] == ["▲", "▼", "="]


def test_strings_are_cleaned() -> None:
    assert Template("{short_name}").of({"short_name": "a\x1b[31mb\nc"}) == "a[31mb c"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{pric}", "no field 'pric': did you mean price?"),
        ("{nothing_like_it}", "there are id, price,"),
        ("{}", "no field ''"),
        ("{0}", "no field '0'"),
        ("{price.real}", "no field 'price.real'"),
        ("{id[0]}", "no field 'id[0]'"),
        ("{price!r}", "!r is not for these values"),
        ("{id:+.2f}", "id cannot be written as '+.2f'"),
        ("{price:d}", "price cannot be written as 'd'"),
        ("{quote_type:c}", "quote_type cannot be written as 'c'"),
        ("{price:{id}}", "price cannot be written as"),
        ("{last:.2f}", "last cannot be written as '.2f'"),
        ("{price:>1000000000}", "wider than 200"),
        ("{price:.1000000000f}", "wider than 200"),
        ("{id", "expected '}'"),
        ("}", "stand for braces"),
    ],
)
def test_a_bad_template_gets_one_line_that_helps(text: str, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        Template(text)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


VALUES: dict[type, st.SearchStrategy[Any]] = {
    str: st.text(max_size=8),
    int: st.integers(0, 2**40),
    float: st.floats(allow_nan=False),
}
SPECS = st.text("<>=^+- #0,._123dfegsn%", max_size=6)


@given(st.sampled_from([*FIELDS, *EXTRAS]), SPECS, st.data())
def test_a_template_that_was_read_never_fails(name: str, spec: str, data: st.DataObject) -> None:
    try:
        template = Template(f"{{{name}:{spec}}}")
    except UsageError:
        return
    kind = VALUES.get(FIELDS.get(name, float), st.just(["A"]))
    said = data.draw(
        st.dictionaries(st.just(name), kind) | st.fixed_dictionaries({"price": st.floats(0, 1e9)})
    )
    assert "\n" not in template.of({key: value for key, value in said.items() if key in FIELDS})
