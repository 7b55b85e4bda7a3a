"""Subscriptions: what clients of the streamer may say is read as it was meant, and all else is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tickstream.sources.yahoo.subscriptions import Malformed, read_subscriptions

ACTIONS = ("subscribe", "unsubscribe")

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(ACTIONS), st.lists(st.text())), st.booleans(), st.booleans())
def test_what_a_client_wants_is_read_in_its_order(
    wanted: dict[str, list[str]], ascii_only: bool, binary: bool
) -> None:
    said = json.dumps(wanted, ensure_ascii=ascii_only)
    # Half a surrogate is no text, however it is written.
    broken = any("\ud800" <= char <= "\udfff" for words in wanted.values() for word in words for char in word)
    if broken:
        return
    assert read_subscriptions(said.encode() if binary else said) == list(wanted.items())


def is_subscription(value: Any) -> bool:
    return isinstance(value, dict) and all(
        action in ACTIONS and isinstance(words, list) and all(isinstance(word, str) for word in words)
        for action, words in value.items()
    )


@given(anything | st.dictionaries(st.sampled_from([*ACTIONS, "x"]), anything, max_size=3))
@example({"subscribe": ["AAPL"], "x": []})
@example({"subscribe": "AAPL"})
@example({"subscribe": ["AAPL", None]})
@example({})
def test_whatever_else_it_is_it_is_refused_as_a_whole(value: Any) -> None:
    said = json.dumps(value)
    if is_subscription(value):
        assert read_subscriptions(said) == list(value.items())
    else:
        with pytest.raises(Malformed):
            read_subscriptions(said)


@given(st.text() | st.binary())
@example(b"\xff")
@example('{"subscribe":["\ud800"]}')
@example("[" * 100_000)
@example('{"subscribe":' + "[" * 100_000)
def test_what_is_no_json_is_refused(message: str | bytes) -> None:
    try:
        read = read_subscriptions(message)
    except Malformed:
        return
    assert is_subscription(dict(read)), message
