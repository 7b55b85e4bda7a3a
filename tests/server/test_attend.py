"""Attending: whatever clients say, they follow what they asked for, within their limits, and no more."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.support.commands import Hearing, hear
from tickstream.core.symbols import is_symbol
from tickstream.server.client import BAD_REQUEST, TOO_MANY_REQUESTS, TOO_MANY_SYMBOLS
from tickstream.server.routes import Route
from tickstream.server.settings import Limits

FEW = Limits(symbols=3, commands=1e9, errors=3)
WORDS = ["AAPL", "msft", "BTC-USD", "^GSPC", "GOOG", "no symbol", "ÅAPL", "ß", "\x1b[2J", ""]

commands = st.dictionaries(st.sampled_from(["subscribe", "unsubscribe"]), st.lists(st.sampled_from(WORDS)))
other = st.sampled_from(["", "{", '{"subscribe":"AAPL"}', '{"buy":["AAPL"]}', b"\xff\xfe"])


def heard(route: Route, messages: list[str] | list[str | bytes], *, admin: bool = False) -> Hearing:
    return asyncio.run(hear(route, messages, limits=FEW, admin=admin))


@pytest.mark.parametrize("rate", [0.1, 0.49])
def test_however_seldom_one_may_speak_the_first_word_is_heard(rate: float) -> None:
    limits = replace(FEW, commands=rate)
    route = Route("stream")
    said = asyncio.run(hear(route, ['{"subscribe":["A"]}'], limits=limits))
    assert (said.code, said.followed[-1]) == (0, ["A"])


def wanted_in(word: str) -> str | None:
    symbol = word.upper()
    return symbol if word.isascii() and is_symbol(symbol) else None


@given(st.lists(commands.map(json.dumps) | other, max_size=8), st.booleans())
@example(['{"subscribe":["A","B","C","D"]}'], False)
@example(["{", "{", "{", '{"subscribe":["A"]}'], False)
def test_a_stream_is_of_what_was_asked_for_and_not_taken_back(
    messages: list[str | bytes], admin: bool
) -> None:
    follows: set[str] = set()
    expected: list[list[str]] = [[]]
    errors = code = 0
    for message in messages:
        said = json.loads(message) if message and message[:2] in ('{"', "{}") else None
        actions = said.items() if said is not None and said.keys() <= {"subscribe", "unsubscribe"} else None
        if actions is None or not all(isinstance(words, list) for _, words in actions):
            errors += 1
            code = BAD_REQUEST if errors == FEW.errors else 0
        else:
            for action, words in actions:
                symbols = {symbol for word in words if (symbol := wanted_in(word))}
                if action == "unsubscribe":
                    follows -= symbols
                elif len(follows | symbols) > FEW.symbols and not admin:
                    code = TOO_MANY_SYMBOLS
                    break
                else:
                    follows |= symbols
        if code:
            break
        expected.append(sorted(follows))
    met = heard(Route("stream"), messages, admin=admin)
    assert met.followed == expected
    assert (met.code, met.errors, met.left) == (code, errors, [])


@given(st.lists(st.lists(st.sampled_from(WORDS[:5]), max_size=3).map(" ,".join) | other, max_size=6))
def test_quotes_are_of_the_last_set_that_was_asked_for(messages: list[str | bytes]) -> None:
    met = heard(Route("quotes"), messages)
    good = {text for text in map(str, messages) if text.strip(" ,") and "{" not in text and "\\x" not in text}
    last: list[str] = []
    for message, follows in zip(messages, met.followed[1:], strict=False):
        if str(message) in good:
            last = ["quotes", *sorted({word.upper() for word in str(message).replace(",", " ").split()})]
        assert follows == last
    wrong = sum(str(message) not in good for message in messages)
    assert met.errors == min(wrong, FEW.errors)
    assert (met.code == BAD_REQUEST) is (wrong >= FEW.errors)
    assert met.left == []


@pytest.mark.parametrize(
    ("route", "message"),
    [(Route("stream"), '{"subscribe":["AAPL"]}'), (Route("quotes"), "AAPL"), (Route("market"), "")],
    ids=lambda value: getattr(value, "kind", ""),
)
def test_who_speaks_too_often_is_closed_before_it_is_heard(route: Route, message: str) -> None:
    limits = Limits(commands=0.5, errors=100)
    met = asyncio.run(hear(route, [message] * 5, limits=limits))
    assert met.code == TOO_MANY_REQUESTS
    assert len(met.followed) == 2


@given(st.lists(st.text(max_size=20) | st.binary(max_size=20), max_size=4))
def test_a_view_that_listens_to_nobody_hears_nothing(messages: list[str | bytes]) -> None:
    met = heard(Route("profile", ("AAPL",)), messages)
    assert all(follows == ["profile", "AAPL"] for follows in met.followed)
    assert met.errors == min(len(messages), FEW.errors)
    assert met.left == []
